import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { type DetectDocument, isFound, readScan, RunAborted, type ScanFound, units } from "../../core/mod.ts";
import { readPng, readTiff, writeTiff } from "../../formats/mod.ts";
import { detectInto, fileScans, openModel, openRun } from "../../host/mod.ts";
import type { ScanView } from "../../report/mod.ts";
import { sharedGpu } from "../../testing/mod.ts";
import { commandLine, SMALL, smallDataset } from "../../tests/command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "../../tests/run_deno.ts";
import { CarriedError, NoSuchModel, ScorerLost } from "../errors.ts";
import { openScorer, type OpenScorerOptions, type ScoreAnswer, type Scorer } from "./scorer.ts";
import type { Rendering } from "./scoring_messages.ts";

const adapter = await sharedGpu() !== undefined;

/** Models `bagel` and `other` of one small data set, and the bytes of a defective scan. */
interface Made {
  readonly folder: TemporaryFolder;
  readonly models: string;
  readonly scan: string;
  readonly bytes: Uint8Array;
}

async function make(): Promise<Made> {
  const folder = temporaryFolder(), data = `${folder.path}/data`, models = `${folder.path}/models`;
  await smallDataset(data);
  const args = ["fit", `--data=${data}`, "--category=bagel", `--model=${models}/bagel`, "--quiet", ...SMALL];
  const { code, stderr } = await commandLine(args);
  equal(code, 0, stderr);
  await copyFolder(`${models}/bagel`, `${models}/other`);
  const scan = `${data}/bagel/test/good/xyz/000.tiff`;
  return { folder, models, scan, bytes: await Deno.readFile(scan) };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}

const held: { made?: Promise<Made> } = {};
Deno.test.afterAll(async () => (await held.made)?.folder[Symbol.dispose]());

function test(name: string, run: (made: Made) => Promise<void>): void {
  const fn = async () => await run(await (held.made ??= make()));
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn }); // devices of the fit outlive it
}

/** A scorer with what it says. */
async function open(
  made: Made,
  options: Partial<OpenScorerOptions> = {},
): Promise<Scorer & { readonly warned: string[] }> {
  const warned: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: (message: string) => void warned.push(message) };
  const scorer = await openScorer({ models: made.models, memoryBytes: 2 ** 30, download: false, log, ...options });
  return Object.assign(scorer, { warned });
}

function score(
  scorer: Scorer,
  { bytes }: Pick<Made, "bytes">,
  {
    model = "bagel",
    input = "a",
    mostPoints = 2 ** 22,
    renderings = [] as Rendering[],
    signal = new AbortController().signal,
    onStage = (_: string) => {},
  } = {},
): Promise<ScoreAnswer> {
  return scorer.score({ model, input, bytes, mostPoints, decision: {}, renderings }, { signal, onStage });
}

const found = ({ scans: [scan] }: DetectDocument): ScanFound => {
  ok(isFound(scan));
  return scan;
};

/** A module that opens GPUs whose next read does what a file of this name in the folder asks for; the file is gone then. */
function mischief({ folder }: Made) {
  const kernels = import.meta.resolve("../../kernels/mod.ts"), at = (what: string) => `${folder.path}/${what}`;
  const module = folder.put(
    "gpu.ts",
    `import { openGpu as open } from ${JSON.stringify(kernels)};
const asked = (path) => { try { Deno.removeSync(path); return true; } catch { return false; } };
export async function openGpu() {
  const gpu = await open(), read = gpu.read.bind(gpu);
  gpu.read = async (...operands) => {
    if (asked(${JSON.stringify(at("lose"))})) await gpu.lose();
    if (asked(${JSON.stringify(at("die"))})) {
      setTimeout(() => { throw new Error("a fault of the driver"); });
      await new Promise(() => {});
    }
    if (asked(${JSON.stringify(at("hang"))})) await new Promise(() => {});
    if (asked(${JSON.stringify(at("hold"))})) {
      while (!asked(${JSON.stringify(at("release"))})) await new Promise((wait) => setTimeout(wait, 5));
    }
    return await read(...operands);
  };
  return gpu;
}
`,
  );
  return {
    gpuModule: `file://${module}`,
    ask: (what: "lose" | "die" | "hang" | "hold" | "release") => Deno.writeTextFileSync(at(what), ""),
    /** Ends when the GPU does what it was asked for. */
    async begins(what: "hang" | "hold") {
      const latest = performance.now() + 60_000;
      while (await Deno.stat(at(what)).then(() => true, () => false)) {
        ok(performance.now() < latest, `nobody came to ${what}`);
        await new Promise((wait) => setTimeout(wait, 5));
      }
    },
  };
}

test("a score through the worker is what detect writes for the file, and its pictures are the same bytes", async (made) => {
  const out = `${made.folder.path}/out`;
  using run = await openRun({ download: false });
  using handle = await openModel(`${made.models}/bagel`, run);
  const { document } = await detectInto(handle, { scans: fileScans([made.scan]), out, decision: {} }, run);
  await using scorer = await open(made);
  const steps: string[] = [], renderings: Rendering[] = ["view", "picture", "map", "cloud"];
  const answer = await score(scorer, made, { input: made.scan, renderings, onStage: (step) => steps.push(step) });
  const wanted = found(document), got = found(answer.document);
  deepEqual({ ...got, seconds: 0 }, { ...wanted, seconds: 0, files: {} });
  deepEqual({ ...answer.document, scans: [] }, { ...document, scans: [] });
  deepEqual(steps, ["load", "read", "score"]);
  for (const stage of ["load", "read", "prepare", "features", "decide"]) ok(answer.stages[stage] > 0, stage);
  const { renderings: { view, ...files }, seconds } = await answer.renderings;
  ok(seconds > 0);
  for (const [kind, bytes] of Object.entries<Uint8Array>(files)) {
    equal(bytes.toBase64(), (await Deno.readFile(`${out}/${wanted.files[kind]}`)).toBase64(), kind);
  }
  equal(Object.keys(files).length, 3);
  const drawn: ScanView = JSON.parse(new TextDecoder().decode(view));
  deepEqual([drawn.schema, drawn.found], ["uni3dad.view/1", got]);
  const { width, height } = await readPng(Uint8Array.fromBase64(drawn.pictures.relief));
  deepEqual([width, height], [drawn.pictures.width, drawn.pictures.height]);
});

test("unit and decision are those that were asked for", async (made) => {
  await using scorer = await open(made);
  const { width, height, points } = await readScan("a", made.bytes);
  const values = points.map((metres) => metres / units.mm);
  const bytes = await writeTiff({ width, height, samples: 3, values });
  const request = { model: "bagel", input: "a", bytes, renderings: [] }, signal = new AbortController().signal;
  const { document } = await scorer.score({ ...request, unit: "mm", decision: { threshold: -1 } }, { signal });
  const { score: whole } = found((await score(scorer, made)).document);
  ok(Math.abs(found(document).score - whole) < 1e-2 * whole, `${found(document).score} is not ${whole}`);
  deepEqual([found(document).threshold, found(document).decision], [-1, "anomalous"]);
});

test("the least recently used model makes room, one that changed is opened anew, one that is forgotten is gone", async (made) => {
  await copyFolder(`${made.models}/bagel`, `${made.models}/changing`);
  await using scorer = await open(made, { memoryBytes: 1 });
  const loaded = async () => (await scorer.state()).loaded;
  await score(scorer, made);
  const { gpuBytes } = await scorer.state();
  await score(scorer, made, { model: "other" });
  deepEqual(await loaded(), ["other"], "the one in use fits, whatever the budget");
  equal((await scorer.state()).gpuBytes, gpuBytes);
  await scorer.forget("other");
  deepEqual(await scorer.state(), { ...await scorer.state(), loaded: [], gpuBytes: 0 });

  await using roomy = await open(made);
  for (const model of ["bagel", "changing", "other", "bagel"]) await score(roomy, made, { model });
  deepEqual((await roomy.state()).loaded, ["changing", "other", "bagel"]);
  const index = `${made.models}/changing/model.json`, text = await Deno.readTextFile(index);
  await Deno.writeTextFile(index, text.replace(`"name": "bagel"`, `"name": "donut"`));
  const scoring = score(roomy, made, { model: "changing" }), forgotten = roomy.forget("changing");
  equal((await scoring).document.model.name, "donut");
  await forgotten;
  deepEqual((await roomy.state()).loaded, ["other", "bagel"]);
});

test("what can't be scored is an error with its code, and the next scan is scored", async (made) => {
  await using scorer = await open(made);
  const refused = async (code: string, change: Parameters<typeof score>[2], bytes = made.bytes) =>
    await rejects(score(scorer, { bytes }, change), (error) => {
      ok(error instanceof CarriedError);
      equal(error.code, code);
      ok(!error.message.includes(made.folder.path), error.message);
      return true;
    });
  await Deno.mkdir(`${made.models}/broken`, { recursive: true });
  await Deno.writeTextFile(`${made.models}/broken/model.json`, "{");
  await refused("no-such-model", { model: "nobody" });
  await refused("no-such-model", { model: "../models/bagel" });
  await refused("model-refused", { model: "broken" });
  await refused("malformed-file", {}, made.bytes.slice(0, 1000));
  await refused("file-too-large", { mostPoints: 64 * 63 });
  await refused("unsupported-file", {}, new Uint8Array(100));
  equal(new NoSuchModel("nobody").code, "no-such-model");
  ok(found((await score(scorer, made)).document).score > 0);
});

test("a score that is stopped ends, and leaves nothing on the GPU", async (made) => {
  const { ask, begins, gpuModule } = mischief(made);
  await using scorer = await open(made, { gpuModule });
  const whole = await score(scorer, made), before = await scorer.state();
  const stop = new AbortController(), reason = new Error("gone");
  ask("hold");
  const stopped = score(scorer, made, { signal: stop.signal });
  const waiting = score(scorer, made, { signal: stop.signal });
  for (const one of [stopped, waiting]) one.catch(() => {});
  const next = score(scorer, made);
  await begins("hold");
  stop.abort(reason);
  ok((await scorer.state()).gpuBytes > before.gpuBytes, "it is in the middle");
  ask("release");
  for (const one of [stopped, waiting]) {
    await rejects(one, (error) => error instanceof RunAborted && error.cause === reason);
  }
  equal(found((await next).document).score, found(whole.document).score);
  deepEqual(await scorer.state(), before);
});

test("a score that can't be stopped costs the worker its life, and the next scan gets another", async (made) => {
  const { ask, begins, gpuModule } = mischief(made);
  await using scorer = await open(made, { gpuModule, graceMs: 200 });
  const whole = await score(scorer, made), stop = new AbortController();
  ask("hang");
  const stopped = score(scorer, made, { signal: stop.signal });
  stopped.catch(() => {});
  await begins("hang");
  stop.abort();
  await rejects(stopped, RunAborted);
  equal(found((await score(scorer, made)).document).score, found(whole.document).score);
  equal((await scorer.state()).restarts, 1);
  match(scorer.warned.join(), /did not stop within 0.2 s/);
});

test("a device that is lost is opened again, with the models that were on it, and the score is the same", async (made) => {
  const { ask, gpuModule } = mischief(made);
  await using scorer = await open(made, { gpuModule });
  const whole = found((await score(scorer, made)).document).score;
  await score(scorer, made, { model: "other" });
  ask("lose");
  equal(found((await score(scorer, made)).document).score, whole);
  deepEqual((await scorer.state()).loaded, ["bagel"]);
  equal(found((await score(scorer, made, { model: "other" })).document).score, whole);
  const { deviceLosses, restarts } = await scorer.state();
  deepEqual([deviceLosses, restarts], [1, 0]);
  match(scorer.warned.join(), /the device was lost .*: opening it again/);
});

test("a worker that dies is replaced and its scan tried once more; dying twice is an error", async (made) => {
  const { ask, gpuModule } = mischief(made);
  await using scorer = await open(made, { gpuModule });
  const whole = found((await score(scorer, made)).document).score;
  ask("die");
  equal(found((await score(scorer, made)).document).score, whole);
  equal((await scorer.state()).restarts, 1);
  match(scorer.warned.join(), /ended: .*a fault of the driver/);
  ask("die");
  const twice = score(scorer, made, {
    onStage: (step) => void (step === "load" && ask("die")), // the second worker's too
  });
  await rejects(twice, ScorerLost);
  equal(found((await score(scorer, made)).document).score, whole);
});

test("scans that were taken are answered in their order before the scorer is closed, pictures included", async (made) => {
  const scorer = await open(made), order: string[] = [];
  const answers = ["1", "2", "3", "4", "5"].map(async (input) => {
    const answer = await score(scorer, made, { input, renderings: ["map"] });
    order.push(found(answer.document).input);
    return await answer.renderings;
  });
  await scorer[Symbol.asyncDispose]();
  deepEqual(order, ["1", "2", "3", "4", "5"]);
  for (const { renderings: { map } } of await Promise.all(answers)) equal((await readTiff(map!)).width, 64);
  await rejects(score(scorer, made), ScorerLost);
});

Deno.test("a GPU that can't be opened is said with its code", async () => {
  using folder = temporaryFolder();
  const errors = JSON.stringify(import.meta.resolve("../../kernels/mod.ts"));
  const module = folder.put(
    "gpu.ts",
    `import { NoAdapter } from ${errors};\nexport const openGpu = () => { throw new NoAdapter("none"); };`,
  );
  const log = { debug: () => {}, info: () => {}, warn: () => {} };
  const opening = openScorer({ models: folder.path, memoryBytes: 1, log, gpuModule: `file://${module}` });
  await rejects(opening, (error) => error instanceof CarriedError && error.code === "no-adapter");
});
