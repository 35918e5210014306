/** The verb `train`, from the command line to the files. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readScan, readTensorFile } from "../core/mod.ts";
import { synthesise, synthOptions } from "../evaluation/mod.ts";
import { readPng, writeTiff } from "../formats/mod.ts";
import {
  diskStorage,
  openCategory,
  openRun,
  openTrainingFolder,
  train,
  type TrainDocument,
  type TrainingDocument,
} from "../host/mod.ts";
import { GpuOutOfMemory } from "../kernels/mod.ts";
import { loadGenerator } from "../plugins/sp_gan/trained_generator.ts";
import { sizedTrainings } from "../plugins/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, contentOf } from "./command_line.ts";
import { type Said, type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined;
const FILES = ["checkpoint.safetensors", "generator.safetensors", "losses.csv", "sheet.png", "training.json"];

/** Writes normal scans of a bagel, 64 × 64 pixels each. */
async function put(data: string, train: number, seed = 0): Promise<void> {
  const options = { seed, width: 64, height: 64, train, good: 0, perDefect: 0 };
  await synthesise(synthOptions.parse(options), diskStorage(data));
}

function test(name: string, run: (folder: TemporaryFolder) => Promise<void>) {
  const fn = async () => {
    using folder = temporaryFolder();
    await run(folder);
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

/** Six iterations of each of two small generators on few points. */
const trainOn = (
  data: string,
  model: string,
  args: readonly string[] = [],
  signal?: AbortSignal,
  form: readonly string[] = ["--json"],
): Promise<Said> =>
  commandLine([
    "train",
    `--data=${data}`,
    "--category=bagel",
    `--model=${model}`,
    "--points=64",
    "--clouds=2",
    "--iterations=6",
    "--every=2",
    ...form,
    ...args,
  ], signal);

const documentOf = ({ stdout }: Said): TrainDocument => JSON.parse(stdout);
const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const scanFile = (data: string, name: string) => `${data}/bagel/train/good/xyz/${name}.tiff`;

/** What a training that is not to be gives; it leaves all files as they were. */
async function refused(work: () => Promise<Said>, model: string, words: RegExp, code = 2): Promise<void> {
  const before = await contentOf(model), said = await work();
  equal(said.code, code, said.stderr);
  match(said.stderr, words);
  deepEqual([said.stdout, await contentOf(model)], ["", before]);
}

test("train leaves whole files of each generator, and goes on after a kill to the same bits", async (folder) => {
  const data = `${folder.path}/data`, model = `${folder.path}/whole`;
  await put(data, 5);
  const whole = await trainOn(data, model);
  equal(whole.code, 0, whole.stderr);
  const figures =
    /discriminator 0\.\d+, generator \d.* normal shapes to \d.* held-out shapes to \d+\.\d\d mm, random ones to \d+\.\d\d mm of them/
      .source;
  for (const generator of [1, 2]) {
    match(whole.stderr, RegExp(`generator ${generator} of 2, iteration 4 of 6: ${figures}, \\d+ s left at most`));
  }
  match(whole.stderr, /generator 1 of 2, iteration 6 of 6: .* s left at most/, "the second has not begun");
  match(whole.stderr, /generator 2 of 2, iteration 6 of 6: .* of them\n/);
  const document = documentOf(whole), { generators } = document;
  deepEqual([document.schema, document.size, document.files.toSorted()], ["uni3dad.train/1", "small", FILES]);
  deepEqual(files(model), ["1", "2"]);
  deepEqual(
    generators.map(({ folder, scans, watchedOn, resumedFrom }) => [folder, scans, watchedOn, resumedFrom]),
    [["1", { learned: 2, heldOut: 3 }, "held-out", null], ["2", { learned: 3, heldOut: 2 }, "held-out", null]],
  );
  for (const { best, reports } of generators) {
    deepEqual(reports.map(({ iteration }) => iteration), [2, 4, 6]);
    equal(best.inverted, Math.min(...reports.map(({ inverted }) => inverted)));
    ok(
      best.inverted > 0 && best.inverted < best.quality.nearest && best.quality.nearest < 0.05,
      "metres, of a part of 80 mm",
    );
  }
  const odd = ["001", "003"], even = ["000", "002", "004"];
  await checkFiles(data, model, document, 0, odd, even);
  await checkFiles(data, model, document, 1, even, odd);
  await goesOn(data, model, `${folder.path}/killed`);
  await refusesOthers(data, model, folder);
  await survivesDisk(data, model);
});

/** Looks at all that one generator left. */
async function checkFiles(
  data: string,
  model: string,
  { generators, fingerprint }: TrainDocument,
  number: number,
  learned: readonly string[],
  heldOut: readonly string[],
) {
  const { folder, reports } = generators[number], path = `${model}/${folder}`;
  deepEqual(files(path), FILES);
  const training: TrainingDocument = JSON.parse(await Deno.readTextFile(`${path}/training.json`));
  deepEqual([training.schema, training.fingerprint, training.reports], ["uni3dad.training/1", fingerprint, reports]);
  deepEqual([training.generators, training.generator], [2, number + 1]);
  const named = (names: readonly string[]) => names.map((name) => `train/${name}`);
  deepEqual([training.learned, training.heldOut], [named(learned), named(heldOut)]);
  const lines = (await Deno.readTextFile(`${path}/losses.csv`)).trimEnd().split("\n").map((line) => line.split(","));
  deepEqual(lines.map(([iteration]) => iteration), ["iteration", "2", "4", "6"]);
  equal(Number(lines[3][lines[0].indexOf("nearest_mm")]), 1000 * reports[2].quality.nearest);
  equal(Number(lines[3][lines[0].indexOf("inverted_mm")]), 1000 * reports[2].inverted);
  const sheet = await readPng(await Deno.readFile(`${path}/sheet.png`));
  deepEqual([sheet.width, sheet.height], [4 + 8 * 132, 4 + 3 * 260]);
  const trained = loadGenerator(await readTensorFile(diskStorage(path), "generator.safetensors"));
  const { size, discriminator, latents, frame } = trained;
  deepEqual([size.points, latents.length], [64, learned.length * size.generator.latent]);
  deepEqual(discriminator!.widths, sizedTrainings.small.size.discriminator);
  equal(frame!.motions.filter((motion) => motion?.length === 12).length, 5);
  const digests = (names: readonly string[]) => Promise.all(names.map((name) => digestOfScan(scanFile(data, name))));
  deepEqual(trained.learned, await digests(learned));
  deepEqual(frame!.scans, await digests([...learned, ...heldOut].sort()));
}

/** SHA-256 of a scan's points. */
async function digestOfScan(path: string): Promise<string> {
  const { points } = await readScan("scan", await Deno.readFile(path));
  return createHash("sha256").update(new Uint8Array(points.buffer, points.byteOffset, points.byteLength)).digest("hex");
}

/** Is killed once in each generator; what is finished is not trained again. */
async function goesOn(data: string, whole: string, model: string) {
  const first = await killedAt(data, model, `${model}/1/checkpoint.safetensors`, []);
  match(first.stderr, /--resume --model/);
  deepEqual([files(`${model}/1`), files(`${model}/2`)], [FILES, []]);
  await killedAt(data, model, `${model}/2/checkpoint.safetensors`, ["--resume"]);
  deepEqual(files(`${model}/2`), FILES);
  deepEqual(await contentOf(`${model}/1`), await contentOf(`${whole}/1`));
  const finished = (await Deno.stat(`${model}/1/checkpoint.safetensors`)).mtime;
  const resumed = await trainOn(data, model, ["--resume"]);
  equal(resumed.code, 0, resumed.stderr);
  const [one, two] = documentOf(resumed).generators.map(({ resumedFrom }) => resumedFrom);
  equal(one, 6);
  ok(two === 2 || two === 4, `from ${two}`);
  ok(!/generator 1 of 2, iteration/.test(resumed.stderr), resumed.stderr);
  deepEqual((await Deno.stat(`${model}/1/checkpoint.safetensors`)).mtime, finished);
  deepEqual(await contentOf(model), await contentOf(whole));
}

/** Stops a training as soon as that file is there. */
async function killedAt(data: string, model: string, file: string, args: readonly string[]): Promise<Said> {
  const stop = new AbortController();
  const timer = setInterval(() => {
    if (existsSync(file)) stop.abort();
  }, 5);
  const killed = await trainOn(data, model, args, stop.signal);
  clearInterval(timer);
  equal(killed.code, 130, killed.stderr);
  return killed;
}

async function refusesOthers(data: string, model: string, folder: TemporaryFolder) {
  await refused(
    () => trainOn(data, model),
    model,
    /a training lies there; go on with it by --resume.*training-refused/,
  );
  for (
    const [arg, words] of [
      ["--seed=1", /has 0 as seed, this one 1;/],
      ["--points=32", /has 64 as networks\.points, this one 32;/],
      ["--clouds=3", /has 2 as options\.clouds, this one 3;/],
      ["--every=3", /has 2 as looks\.every, this one 3;/],
      ["--size=paper", /has "small" as size, this one "paper";/],
      ["--generators=3", /has 2 as generators, this one 3;/],
    ] as const
  ) await refused(() => trainOn(data, model, ["--resume", arg]), model, words);
  const other = `${folder.path}/other`;
  await put(other, 5, 1);
  await refused(
    () => trainOn(other, model, ["--resume"]),
    model,
    /as sha-256 of the training scans, this one .*refused/,
  );
}

/** A disk that takes no more of a file: here its name is a folder's. */
async function survivesDisk(data: string, model: string) {
  const one = `${model}/1`, checkpoint = `${model}/2/checkpoint.safetensors`, { readFile } = Deno;
  const before = await readFile(`${one}/checkpoint.safetensors`);
  await Deno.remove(`${one}/losses.csv`);
  await Deno.mkdir(`${one}/losses.csv/full`, { recursive: true });
  const said = await trainOn(data, model, ["--resume", "--iterations=8"]);
  equal(said.code, 2, said.stderr);
  match(said.stderr, /Cannot write .*losses\.csv.*\[output-unwritable\]/);
  deepEqual(await readFile(`${one}/checkpoint.safetensors`), before, "the last checkpoint stays");
  deepEqual(files(one), FILES, "nothing temporary");
  const second = await readFile(checkpoint);
  await Deno.writeFile(checkpoint, second.subarray(0, second.length / 2));
  await refused(
    () => trainOn(data, model, ["--resume"]),
    model,
    /2.*checkpoint\.safetensors is damaged.*\[model-refused\]/,
  );
  await Deno.remove(`${model}/2/training.json`);
  await refused(() => trainOn(data, model, ["--resume"]), model, /2\/\w+\.\w+ lies there and would be lost/);
}

test("train says that one scan is too few, and what too few are held out for; a scan it can't use is named", async (folder) => {
  const data = `${folder.path}/data`, model = `${folder.path}/model`;
  await put(data, 1);
  await refused(() => trainOn(data, model), model, /with 1 normal scan: at least 2 are needed \[too-few-scans\]/);
  await put(data, 4);
  const empty = writeTiff({ width: 64, height: 64, samples: 3, values: new Float32Array(3 * 64 * 64) });
  await Deno.writeFile(scanFile(data, "002"), empty);
  const said = await trainOn(data, model, ["--iterations=2", "--resume"]);
  equal(said.code, 3, said.stderr);
  match(said.stderr, /generator 2 of 2: 1 of 3 normal scans held out are too few/);
  ok(!/generator 1 of 2: .* too few/.test(said.stderr), said.stderr);
  match(said.stderr, /generator 1 of 2, .* held-out shapes to/);
  match(said.stderr, /generator 2 of 2, .* learned shapes to/);
  const { generators, refused: [{ input, error }] } = documentOf(said);
  deepEqual(
    generators.map(({ scans, watchedOn }) => [scans, watchedOn]),
    [[{ learned: 1, heldOut: 2 }, "held-out"], [{ learned: 2, heldOut: 1 }, "learned"]],
  );
  deepEqual([input, error.code], ["train/002", "scan-refused"]);
  const told = await trainOn(data, model, ["--iterations=2", "--resume"], undefined, []);
  match(told.stdout, /^generator .*model\/1: small, 1 scans learned.*\ngenerator .*model\/2: small, 2 scans learned/);
});

test("train bears scans that are copies, and those with fewer points than it makes", async (folder) => {
  const data = `${folder.path}/data`;
  await put(data, 2);
  await Deno.copyFile(scanFile(data, "000"), scanFile(data, "001"));
  const said = await trainOn(data, `${folder.path}/model`, ["--iterations=1", "--points=1250"]);
  equal(said.code, 0, said.stderr);
  match(said.stderr, /1 of 2 normal scans are copies/);
  for (const { scans, best: { quality, losses } } of documentOf(said).generators) {
    deepEqual(scans, { learned: 1, heldOut: 1 });
    ok([quality.nearest, quality.spread, losses.discriminator].every(Number.isFinite), JSON.stringify(quality));
  }
});

test("train says what to lower where the GPU has too little memory", async (folder) => {
  await put(folder.path, 2);
  const held = { hasBegun: false };
  using run = await openRun({ progress: (task) => void (held.hasBegun ||= task === "training generator 1 of 2") });
  const { gpu } = run, { buffer } = gpu;
  gpu.buffer = (...args) => {
    if (held.hasBegun) throw new GpuOutOfMemory(2 ** 30, 2 ** 20, "a test");
    return buffer.apply(gpu, args) as never;
  };
  const { size, options, plan } = sizedTrainings.small;
  const small = { name: "tiny", size: { ...size, points: 32 }, options: { ...options, clouds: 2 }, plan };
  const into = await openTrainingFolder(`${folder.path}/model`, { resume: false, generators: 2 });
  await rejects(
    train(await openCategory(folder.path, "bagel", run), into, small, run),
    (error: Error) => /2 clouds of 32 points .*lower --memory, .* --clouds or --points/.test(error.message),
  );
  deepEqual([files(`${into.path}/1`), files(`${into.path}/2`)], [["training.json"], []]);
  const again = await openTrainingFolder(into.path, { resume: true, generators: 2 });
  deepEqual(again.parts.map(({ kept }) => kept), [undefined, undefined], "both begin anew");
});

Deno.test("train refuses what it can't use before any work", async () => {
  using folder = temporaryFolder();
  for (
    const [arg, words] of [
      ["--size=huge", /Allowed choices are small, paper/],
      ["--points=8", /from 16 to 32768/],
      ["--generators=1", /from 2 to 8/],
      ["--clouds=0", /whole number from 1/],
      ["--iterations=x", /whole number/],
    ] as const
  ) {
    const { code, stderr } = await trainOn(folder.path, `${folder.path}/model`, [arg]);
    equal(code, 2, stderr);
    match(stderr, words);
  }
  deepEqual(files(folder.path), []);
});
