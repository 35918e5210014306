/** What cannot be used is refused by name, the rest of the batch is done, and nothing half written looks whole. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type DetectDocument, isFound, readScan, type ScanFailed, type ScanFound } from "../core/mod.ts";
import type { EvaluateDocument } from "../evaluation/mod.ts";
import { readPng, readTiff, writePng, writeTiff } from "../formats/mod.ts";
import { detectInto, fileScans, openModel, openRun } from "../host/mod.ts";
import { DeviceLost, type Gpu, openGpu } from "../kernels/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { badScans, compactTiff } from "./bad_scans.ts";
import { commandLine, contentOf, SMALL, smallDataset, startCommandLine } from "./command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined;

/** What all tests start from: a data set, a model of it, and two good scans of its test set. */
interface Made {
  readonly folder: TemporaryFolder;
  readonly data: string;
  readonly model: string;
  readonly good: readonly string[];
}

async function make(): Promise<Made> {
  const folder = temporaryFolder(), data = `${folder.path}/data`, model = `${folder.path}/model`;
  await smallDataset(data);
  const args = ["fit", `--data=${data}`, "--category=bagel", `--model=${model}`, "--quiet", "--folds=0", ...SMALL];
  const { code, stderr } = await commandLine(args);
  equal(code, 0, stderr);
  return { folder, data, model, good: ["000", "001"].map((number) => `${data}/bagel/test/good/xyz/${number}.tiff`) };
}

const held: { made?: Promise<Made> } = {};
Deno.test.afterAll(async () => (await held.made)?.folder[Symbol.dispose]());

/** A test that needs an adapter, with the data set and the model. The program opens and closes its devices by itself. */
function test(name: string, run: (made: Made) => Promise<void>, ignore = false): void {
  const fn = async () => await run(await (held.made ??= make()));
  Deno.test({ name, ignore: ignore || !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const failed = ({ scans }: DetectDocument) => scans.filter((scan): scan is ScanFailed => !isFound(scan));
const found = ({ scans }: DetectDocument) => scans.filter((scan): scan is ScanFound => isFound(scan));

/** The program's document, and what it said; it has to end with this code. */
async function documentOf<T>(args: readonly string[], wanted: number): Promise<{ document: T; stderr: string }> {
  const { code, stdout, stderr } = await commandLine([...args, "--json", "--quiet"]);
  equal(code, wanted, stderr);
  return { document: JSON.parse(stdout), stderr };
}

/** What the program says when it refuses everything, with exit code 2. */
async function refusalOf(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await commandLine([...args, "--json", "--quiet"]);
  equal(code, 2, stderr);
  equal(stdout, "");
  return stderr;
}

test("every bad scan is refused with its reason, and those between them are scored as alone", async ({ folder, model, good }) => {
  const bad = await badScans(await Deno.readFile(good[0])), paths = bad.map(([name]) => `${folder.path}/${name}`);
  for (const [i, [, , , bytes]] of bad.entries()) await Deno.writeFile(paths[i], bytes);
  const gone = `${folder.path}/gone.tiff`, out = `${folder.path}/bad`;
  const { document, stderr } = await documentOf<DetectDocument>(
    ["detect", good[0], ...paths, gone, folder.path, good[1], `--model=${model}`, `--out=${out}`],
    3,
  );
  equal(document.scans.length, bad.length + 4);
  for (const [i, [name, code, says]] of bad.entries()) {
    const scan = document.scans[i + 1];
    ok(!isFound(scan), `${name} was scored`);
    deepEqual([scan.input, scan.error.code], [paths[i], code], scan.error.message);
    match(scan.error.message, says, name);
    ok(stderr.includes(scan.error.message), `${name} is told on stderr`);
  }
  const last = failed(document).slice(-2);
  deepEqual(last.map(({ error }) => error.code), ["input-unreadable", "input-unreadable"]);
  match(last[0].error.message, /there is no such file/);
  match(last[1].error.message, /a folder, not a scan/);

  const alone = await documentOf<DetectDocument>(
    ["detect", ...good, `--model=${model}`, `--out=${folder.path}/alone`],
    0,
  );
  deepEqual(found(document).map(({ score }) => score), found(alone.document).map(({ score }) => score));
  const files = [...(await contentOf(out)).keys()].sort();
  const kinds = [["clouds", "ply"], ["maps", "tiff"], ["pictures", "png"]];
  deepEqual(
    files,
    [...kinds.flatMap(([kind, ending]) => ["000", "001"].map((place) => `${kind}/${place}.${ending}`)), ...RESULTS],
    "files of the good scans alone",
  );
  const csv = (await Deno.readTextFile(`${out}/results.csv`)).trimEnd().split("\n");
  equal(csv.length, 1 + document.scans.length, "the table names all of them");
  ok((await Deno.readTextFile(`${out}/report.html`)).includes("nine-points.tiff"));
});

const RESULTS = ["report.html", "results.csv", "results.json"];

test("a batch of which nothing can be used still gives whole results", async ({ folder, model }) => {
  const path = folder.put("no-scan.tiff", ""), out = `${folder.path}/none`;
  const { document } = await documentOf<DetectDocument>(["detect", path, `--model=${model}`, `--out=${out}`], 3);
  equal(failed(document).length, 1);
  deepEqual([...(await contentOf(out)).keys()].sort(), RESULTS);
});

test("places that are not finite are no measurements, and a scan in millimetres is one with --unit mm", async ({ folder, model, good }) => {
  const { width, height, points, valid } = await readScan("good", await Deno.readFile(good[0]));
  const holes = points.slice(), millimetres = points.map((v) => v * 1000);
  let at = 0;
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] === 0) holes.set([[NaN, 1, 1], [1, Infinity, 1], [1, 1, -Infinity]][at++ % 3], 3 * i);
  }
  ok(at > 0, "the scan has places without a measurement");
  const put = async (name: string, values: Float32Array) => {
    await Deno.writeFile(`${folder.path}/${name}`, writeTiff({ width, height, samples: 3, values }));
    return `${folder.path}/${name}`;
  };
  const detect = async (...args: string[]) =>
    found(
      (await documentOf<DetectDocument>(["detect", ...args, `--model=${model}`, `--out=${folder.path}/units`], 0))
        .document,
    )[0];
  const whole = await detect(good[0]), withHoles = await detect(await put("holes.tiff", holes));
  equal(withHoles.score, whole.score);
  const inMillimetres = await detect(await put("mm.tiff", millimetres), "--unit=mm");
  ok(Math.abs(inMillimetres.score - whole.score) < 0.01 * whole.score, `${inMillimetres.score}, not ${whole.score}`);
});

test("a grid of 6000 × 6000 places in a small file is read, and refused for what it holds", async (
  { folder, model, good },
) => {
  const path = `${folder.path}/large.tiff`;
  await Deno.writeFile(path, await compactTiff(6000));
  ok((await Deno.stat(path)).size < 1_000_000);
  const { document } = await documentOf<DetectDocument>(
    ["detect", path, good[0], `--model=${model}`, `--out=${folder.path}/large`],
    3,
  );
  match(failed(document)[0].error.message, /not one of its places holds a measurement/);
  equal(found(document).length, 1);
}, Deno.systemMemoryInfo().available < 4 * 2 ** 30);

test("bad scans among the training and test scans are left out, by name; a mask of another size too", async ({ folder }) => {
  const data = `${folder.path}/mixed`, bagel = `${data}/bagel`;
  await smallDataset(data);
  const good = await Deno.readFile(`${bagel}/train/good/xyz/000.tiff`);
  const bad = new Map((await badScans(good)).map(([name, , , bytes]) => [name, bytes]));
  await Deno.writeFile(`${bagel}/train/good/xyz/100.tiff`, bad.get("empty.tiff")!);
  await Deno.writeFile(`${bagel}/train/good/xyz/101.tiff`, bad.get("nine-points.tiff")!);
  await Deno.writeFile(`${bagel}/train/good/xyz/102.tiff`, bad.get("zeros.tiff")!);
  await Deno.writeFile(`${bagel}/test/dent/xyz/100.tiff`, bad.get("half.tiff")!);
  await Deno.writeFile(`${bagel}/test/dent/gt/100.png`, await Deno.readFile(`${bagel}/test/dent/gt/000.png`));
  await Deno.writeFile(`${bagel}/test/good/xyz/100.tiff`, bad.get("empty.tiff")!);
  const mask = (width: number) => writePng({ width, height: 64, channels: 1, values: new Uint8Array(64 * width) });
  await Deno.writeFile(`${bagel}/test/crack/gt/000.png`, mask(63));
  await Deno.writeFile(`${bagel}/test/hole/gt/000.png`, mask(64).subarray(0, 30));
  const bomb = mask(64);
  new DataView(bomb.buffer).setUint32(16, 60_000); // the width in IHDR
  new DataView(bomb.buffer).setUint32(20, 60_000);
  await Deno.writeFile(`${bagel}/test/bump/gt/000.png`, bomb);
  const { document, stderr } = await documentOf<EvaluateDocument>(
    ["evaluate", `--data=${data}`, "--category=bagel", ...SMALL],
    3,
  );
  deepEqual(document.refused.map(({ input, error }) => [input, error.code]).sort(), [
    ["bump/000", "malformed-file"], // its checksum is older than the lie
    ["crack/000", "mask-size-mismatch"],
    ["dent/100", "malformed-file"],
    ["good/100", "malformed-file"],
    ["hole/000", "malformed-file"],
    ["train/100", "malformed-file"],
    ["train/101", "scan-refused"],
    ["train/102", "scan-refused"],
  ]);
  match(stderr, /"train\/101": \d+ points are left at map resolution, a normal needs 30/);
  match(stderr, /crack\/xyz\/000.tiff.*64 × 64.*crack\/gt\/000.png.*63 × 64/);
  const [run] = document.runs;
  deepEqual([run.trainScans, run.testScans], [4, 5], "as without them");
  ok(run.bankRows > 1000 && run.bankRows < 4 * 1024, `${run.bankRows} of four scans of at most 1024 patches`);
});

test("scans without a mask and masks without a scan are listed by name, and no scan gets another's mask", async ({ folder }) => {
  const data = `${folder.path}/unpaired`, bagel = `${data}/bagel`;
  await smallDataset(data);
  await Deno.rename(`${bagel}/test/dent/gt/000.png`, `${bagel}/test/dent/gt/001.png`);
  await Deno.remove(`${bagel}/test/crack/gt/000.png`);
  const { document, stderr } = await documentOf<EvaluateDocument>(
    ["evaluate", `--data=${data}`, "--category=bagel", ...SMALL],
    0,
  );
  for (const name of ["dent/gt/001.png", "dent/xyz/000.tiff", "crack/xyz/000.tiff"]) {
    ok(stderr.includes(`bagel/test/${name}`), `${name} is named: ${stderr}`);
  }
  const [run] = document.runs;
  deepEqual(Object.keys(run.byDefect), ["bump", "contamination", "hole", "missing"]);
});

test("data sets that cannot be learned from are refused, and say what is there", async ({ folder, data }) => {
  const model = `--model=${folder.path}/never`,
    fit = (path: string, ...more: string[]) => refusalOf(["fit", `--data=${path}`, model, ...SMALL, ...more]);
  match(await fit(data, "--category=bagle"), /"bagle".*categories there are bagel.*\[no-such-category\]/);
  match(await fit(`${folder.path}/nowhere`), /no category.*\[no-such-category\]/);
  match(await fit(data, "--category=bagel", "--folds=1"), /folds.*\[options-refused\]/);
  const few = `${folder.path}/few`;
  await smallDataset(few);
  for (const number of ["001", "002", "003"]) await Deno.remove(`${few}/bagel/train/good/xyz/${number}.tiff`);
  match(await fit(few, "--category=bagel"), /with 1 normal scan: at least 2 are needed \[too-few-scans\]/);
  await Deno.copyFile(`${few}/bagel/class_ids.json`, `${few}/bagel/train/good/xyz/001.tiff`);
  match(await fit(few, "--category=bagel"), /with 1 normal scan: at least 2 are needed \[too-few-scans\]/);
  await Deno.remove(`${few}/bagel/train`, { recursive: true });
  match(await fit(few, "--category=bagel"), /"bagel\/train\/good\/xyz" holds no .*\[no-train-scans\]/);
  match(
    await fit(data, "--category=bagel", "--memory=8KiB"),
    /within 8 KiB: \d\.\d MiB are needed .*--memory \[memory-budget-exceeded\]/,
  );
  equal(await Deno.stat(`${folder.path}/never`).catch(() => "none"), "none", "no model is left");
});

test("an output folder that cannot be written is refused before any work", async ({ folder, data, model, good }) => {
  const file = folder.put("in-the-way", "mine"), detect = ["detect", good[0], `--model=${model}`];
  match(await refusalOf([...detect, `--out=${file}/out`]), /Cannot write .*in-the-way\/out.*\[output-unwritable\]/);
  match(await refusalOf([...detect, `--out=${file}`]), /\[output-unwritable\]/);
  const synth = await commandLine(["synth", `--out=${file}/data`]);
  equal(synth.code, 2, synth.stderr);
  if (Deno.build.os === "linux") match(await refusalOf([...detect, "--out=/proc/uni3dad"]), /\[output-unwritable\]/);
  const fit = (path: string) => refusalOf(["fit", `--data=${data}`, "--category=bagel", ...SMALL, `--model=${path}`]);
  match(await fit(`${file}/model`), /\[output-unwritable\]/);
  match(await fit(file), /it is a file, not a folder.*\[output-unwritable\]/);
  match(await fit(data), /holds other files, which would be lost.*\[output-unwritable\]/);
  equal(await Deno.readTextFile(file), "mine");
});

/** A file system of a given size for the time of the work; undefined is given where none can be mounted. */
async function onSmallDisk<T>(folder: string, size: string, work: () => Promise<T>): Promise<T | undefined> {
  await Deno.mkdir(folder);
  const run = (command: string, ...args: string[]) => new Deno.Command(command, { args, stderr: "null" }).output();
  const { success } = await run("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
  if (!success) return undefined;
  try {
    return await work();
  } finally {
    await run("umount", folder);
  }
}

const canMount = Deno.build.os === "linux" && await (async () => {
  using folder = temporaryFolder();
  return await onSmallDisk(`${folder.path}/disk`, "64k", () => Promise.resolve(true)).catch(() => undefined) ?? false;
})();

test("a full disk ends the run with exit code 2, and leaves no half file that looks whole", async (
  { folder, data, model, good },
) => {
  const disk = `${folder.path}/disk`;
  const args = ["detect", ...good, ...good, ...good, `--model=${model}`];
  await documentOf([...args, `--out=${folder.path}/roomy`], 0);
  const whole = await contentOf(`${folder.path}/roomy`);
  for (const size of ["180k", "200k", "220k", "240k"]) { // so that it is full in files of each kind
    await onSmallDisk(disk, size, async () => {
      match(await refusalOf([...args, `--out=${disk}/out`]), /Cannot write .*\[output-unwritable\]/);
      const files = await contentOf(`${disk}/out`);
      ok(files.size > 0, "something fitted");
      for (const [name, content] of files) {
        match(name, /^(maps\/.*\.tiff|pictures\/.*\.png|clouds\/.*\.ply)$/, "no result, nothing temporary");
        equal(content, whole.get(name), `${name} is whole`);
      }
    });
    await Deno.remove(disk);
  }
  await onSmallDisk(disk, "16k", async () => {
    const fit = ["fit", `--data=${data}`, "--category=bagel", ...SMALL, `--model=${disk}/model`];
    match(await refusalOf(fit), /Cannot write .*\[output-unwritable\]/);
    equal((await contentOf(disk)).size, 0, "no part of a model");
  });
}, !canMount);

/** Waits for something to be there, for a minute at most. */
async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!await happened()) {
    if (performance.now() > end) throw new Error("Cannot wait any longer: it has not happened for a minute");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts the program, interrupts it when it is in the middle, and gives how it ended and what it left in a folder. */
async function interrupted(
  args: readonly string[],
  out: string,
  inTheMiddle: (said: string) => boolean | Promise<boolean>,
) {
  const child = startCommandLine(args), said = { stderr: "" };
  const stdout = new Response(child.stdout).text();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said.stderr += text;
  })();
  await until(() => inTheMiddle(said.stderr));
  child.kill("SIGINT");
  const { code } = await child.status;
  await reading;
  return { code, stdout: await stdout, stderr: said.stderr, files: [...(await contentOf(out)).keys()] };
}

test("Ctrl-C in the middle of fit exits 130 and leaves no model", async ({ folder, data }) => {
  const out = `${folder.path}/interrupted-fit`;
  const args = ["fit", `--data=${data}`, "--category=bagel", ...SMALL, `--model=${out}/model`];
  const { code, stdout, stderr, files } = await interrupted(args, out, (said) => said.includes("fitting: 4 of 4"));
  equal(code, 130, stderr);
  match(stderr, /what is written stays whole[^]*\[run-aborted\]/);
  deepEqual([stdout, files], ["", []]);
});

test("Ctrl-C in the middle of detect exits 130 and leaves whole files and no results", async ({ folder, model, good }) => {
  const out = `${folder.path}/interrupted-detect`, many = new Array<string>(2000).fill(good[0]);
  const args = ["detect", ...many, `--model=${model}`, `--out=${out}`, "--json"];
  const begun = () => Deno.stat(`${out}/clouds/000.ply`).then(() => true, () => false);
  const { code, stdout, stderr, files } = await interrupted(args, out, begun);
  equal(code, 130, stderr);
  match(stderr, /what is written stays whole[^]*\[run-aborted\]/);
  equal(stdout, "");
  ok(files.length >= 3 && files.length < 3 * many.length, `${files.length} files`);
  for (const name of files) {
    match(name, /^(maps\/.*\.tiff|pictures\/.*\.png|clouds\/.*\.ply)$/, "no result, nothing temporary");
    if (name.endsWith(".tiff")) await readTiff(await Deno.readFile(`${out}/${name}`));
    if (name.endsWith(".png")) await readPng(await Deno.readFile(`${out}/${name}`));
  }
});

Deno.test("without an adapter, and without leave to bring one, the program exits 4 and says what to do", async () => {
  using folder = temporaryFolder();
  const nowhere = `${folder.path}/none.json`;
  const child = startCommandLine(["doctor", "--no-download", "--json"], {
    VK_DRIVER_FILES: nowhere,
    VK_ICD_FILENAMES: nowhere,
    UNI3DAD_CACHE: `${folder.path}/cache`,
    DENO_WEBGPU_BACKEND: "vulkan",
  });
  const { code, stdout, stderr } = await child.output(), said = new TextDecoder().decode(stderr);
  equal(code, 4, said);
  equal(stdout.length, 0);
  match(said, /Cannot find a WebGPU adapter: .*(install|allow a download).*\[no-adapter\]/);
});

/** Scores three scans with a device that is lost after so many of them, and the next one too where that is asked. */
async function detectWithLoss({ model, good }: Made, out: string, lostAfter: number, againAtOnce: boolean) {
  const opened: Gpu[] = [], warned: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (message: string) => void warned.push(message) };
  using run = await openRun({
    log,
    open: async () => {
      const gpu = await openGpu();
      opened.push(gpu);
      return gpu;
    },
  });
  using handle = await openModel(model, run);
  let loads = 0;
  const scans = fileScans([good[0], good[1], good[0]]).map((scan) => ({
    ...scan,
    load: async () => {
      const loaded = await scan.load();
      if (loads++ === lostAfter || againAtOnce && opened.length === 2) await opened.at(-1)!.lose();
      return loaded;
    },
  }));
  const { document } = await detectInto(handle, { scans, out, decision: {} }, run);
  return { scores: found(document).map(({ score }) => score), opened: opened.length, warned };
}

test("a device that is lost in the middle is opened again, and the results are those without the loss", async (made) => {
  const out = `${made.folder.path}/lost`;
  const whole = await detectWithLoss(made, out, Infinity, false);
  deepEqual([whole.scores.length, whole.opened, whole.warned], [3, 1, []]);
  for (const lostAfter of [0, 1, 2]) {
    const lost = await detectWithLoss(made, out, lostAfter, false);
    deepEqual([lost.scores, lost.opened], [whole.scores, 2]);
    match(lost.warned.join("\n"), /the device was lost .*: opening it again/);
  }
});

test("a device that is lost twice in one scan ends the run with DeviceLost", async (made) => {
  const error = await detectWithLoss(made, `${made.folder.path}/lost-twice`, 1, true).then(() => undefined, (e) => e);
  ok(error instanceof DeviceLost, String(error));
  equal(await Deno.stat(`${made.folder.path}/lost-twice/results.json`).catch(() => "none"), "none");
});
