/** The verb `train`, from the command line to the files. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { existsSync } from "node:fs";
import { readTensorFile } from "../core/mod.ts";
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

/** Six iterations of the small networks on few points. */
const trainOn = (data: string, model: string, args: readonly string[] = [], signal?: AbortSignal): Promise<Said> =>
  commandLine([
    "train",
    `--data=${data}`,
    "--category=bagel",
    `--model=${model}`,
    "--points=64",
    "--clouds=2",
    "--iterations=6",
    "--every=2",
    "--json",
    ...args,
  ], signal);

const documentOf = ({ stdout }: Said): TrainDocument => JSON.parse(stdout);
const files = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

/** What a training that is not to be gives; it leaves all files as they were. */
async function refused(work: () => Promise<Said>, model: string, words: RegExp, code = 2): Promise<void> {
  const before = await contentOf(model), said = await work();
  equal(said.code, code, said.stderr);
  match(said.stderr, words);
  deepEqual([said.stdout, await contentOf(model)], ["", before]);
}

test("train leaves whole files, says each look, and goes on after a kill to the same bits", async (folder) => {
  const data = `${folder.path}/data`, model = `${folder.path}/whole`;
  await put(data, 5);
  const whole = await trainOn(data, model);
  equal(whole.code, 0, whole.stderr);
  match(whole.stderr, /iteration 4 of 6: discriminator 0\.\d+.* held-out shapes to \d+\.\d\d mm, \d+ s left/);
  const document = documentOf(whole), { scans, best, reports, resumedFrom } = document;
  deepEqual([document.schema, document.size, resumedFrom], ["uni3dad.train/1", "small", null]);
  deepEqual([scans, document.files.toSorted(), files(model)], [{ learned: 3, heldOut: 2 }, FILES, FILES]);
  deepEqual(reports.map(({ iteration }) => iteration), [2, 4, 6]);
  equal(best.quality.nearest, Math.min(...reports.map(({ quality }) => quality.nearest)));
  ok(best.quality.nearest > 0 && best.quality.nearest < 0.05, "metres, of a part of 80 mm");
  await checkFiles(model, document);
  await goesOn(data, model, `${folder.path}/killed`);
  await refusesOthers(data, model, folder);
  await survivesDisk(data, model);
});

async function checkFiles(model: string, { reports, fingerprint }: TrainDocument) {
  const training: TrainingDocument = JSON.parse(await Deno.readTextFile(`${model}/training.json`));
  deepEqual([training.schema, training.fingerprint, training.reports], ["uni3dad.training/1", fingerprint, reports]);
  deepEqual([training.learned, training.heldOut], [["train/000", "train/002", "train/004"], [
    "train/001",
    "train/003",
  ]]);
  const lines = (await Deno.readTextFile(`${model}/losses.csv`)).trimEnd().split("\n").map((line) => line.split(","));
  deepEqual(lines.map(([iteration]) => iteration), ["iteration", "2", "4", "6"]);
  equal(Number(lines[3][lines[0].indexOf("nearest_mm")]), 1000 * reports[2].quality.nearest);
  const sheet = await readPng(await Deno.readFile(`${model}/sheet.png`));
  deepEqual([sheet.width, sheet.height], [4 + 8 * 132, 4 + 3 * 260]);
  const { size, discriminator, latents, frame } = loadGenerator(
    await readTensorFile(diskStorage(model), "generator.safetensors"),
  );
  deepEqual([size.points, latents.length, frame!.names.length], [64, 3 * size.generator.latent, 5]);
  deepEqual(discriminator!.widths, sizedTrainings.small.size.discriminator);
  equal(frame!.motions.filter((motion) => motion?.length === 12).length, 5);
}

async function goesOn(data: string, whole: string, model: string) {
  const stop = new AbortController();
  const timer = setInterval(() => {
    if (existsSync(`${model}/checkpoint.safetensors`)) stop.abort();
  }, 5);
  const killed = await trainOn(data, model, [], stop.signal);
  clearInterval(timer);
  equal(killed.code, 130, killed.stderr);
  match(killed.stderr, /--resume --model/);
  deepEqual(files(model), FILES);
  const resumed = await trainOn(data, model, ["--resume"]);
  equal(resumed.code, 0, resumed.stderr);
  const { resumedFrom } = documentOf(resumed);
  ok(resumedFrom === 2 || resumedFrom === 4, `from ${resumedFrom}`);
  deepEqual(await contentOf(model), await contentOf(whole));
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
  const before = await Deno.readFile(`${model}/checkpoint.safetensors`);
  await Deno.remove(`${model}/losses.csv`);
  await Deno.mkdir(`${model}/losses.csv/full`, { recursive: true });
  const said = await trainOn(data, model, ["--resume", "--iterations=8"]);
  equal(said.code, 2, said.stderr);
  match(said.stderr, /Cannot write .*losses\.csv.*\[output-unwritable\]/);
  deepEqual(await Deno.readFile(`${model}/checkpoint.safetensors`), before, "the last checkpoint stays");
  deepEqual(files(model), FILES, "nothing temporary");
  await Deno.writeFile(`${model}/checkpoint.safetensors`, before.subarray(0, before.length / 2));
  await refused(
    () => trainOn(data, model, ["--resume"]),
    model,
    /checkpoint\.safetensors is damaged.*\[model-refused\]/,
  );
  await Deno.remove(`${model}/training.json`);
  await refused(() => trainOn(data, model, ["--resume"]), model, /safetensors lies there and would be lost/);
}

test("train says that one scan is too few, and holds none out of three; a scan it can't use is named", async (folder) => {
  const data = `${folder.path}/data`, model = `${folder.path}/model`;
  await put(data, 1);
  await refused(() => trainOn(data, model), model, /with 1 normal scan: at least 2 are needed \[too-few-scans\]/);
  await put(data, 4);
  const empty = writeTiff({ width: 64, height: 64, samples: 3, values: new Float32Array(3 * 64 * 64) });
  await Deno.writeFile(`${data}/bagel/train/good/xyz/002.tiff`, empty);
  const said = await trainOn(data, model, ["--iterations=2", "--resume"]);
  equal(said.code, 3, said.stderr);
  match(said.stderr, /3 normal scans are too few to hold any out/);
  match(said.stderr, /learned shapes to/);
  const { scans, refused: [{ input, error }] } = documentOf(said);
  deepEqual([scans, input, error.code], [{ learned: 3, heldOut: 0 }, "train/002", "scan-refused"]);
});

test("train bears scans that are copies, and those with fewer points than it makes", async (folder) => {
  const data = `${folder.path}/data`, scan = (name: string) => `${data}/bagel/train/good/xyz/${name}.tiff`;
  await put(data, 2);
  await Deno.copyFile(scan("000"), scan("001"));
  const said = await trainOn(data, `${folder.path}/model`, ["--iterations=1", "--points=1250"]);
  equal(said.code, 0, said.stderr);
  match(said.stderr, /1 of 2 normal scans are copies/);
  const { scans, best: { quality, losses } } = documentOf(said);
  deepEqual(scans, { learned: 2, heldOut: 0 });
  ok([quality.nearest, quality.spread, losses.discriminator].every(Number.isFinite), JSON.stringify(quality));
});

test("train says what to lower where the GPU has too little memory", async (folder) => {
  await put(folder.path, 2);
  const held = { hasBegun: false };
  using run = await openRun({ progress: (task) => void (held.hasBegun ||= task === "training") });
  const { gpu } = run, { buffer } = gpu;
  gpu.buffer = (...args) => {
    if (held.hasBegun) throw new GpuOutOfMemory(2 ** 30, 2 ** 20, "a test");
    return buffer.apply(gpu, args) as never;
  };
  const { size, options, plan } = sizedTrainings.small;
  const small = { name: "tiny", size: { ...size, points: 32 }, options: { ...options, clouds: 2 }, plan };
  const into = await openTrainingFolder(`${folder.path}/model`, { resume: false });
  await rejects(
    train(await openCategory(folder.path, "bagel", run), into, small, run),
    (error: Error) => /2 clouds of 32 points .*lower --clouds or --points/.test(error.message),
  );
  deepEqual(files(into.path), ["training.json"]);
  const again = await openTrainingFolder(into.path, { resume: true });
  equal(again.kept, undefined, "it begins anew");
});

Deno.test("train refuses what it can't use before any work", async () => {
  using folder = temporaryFolder();
  for (
    const [arg, words] of [
      ["--size=huge", /Allowed choices are small, paper/],
      ["--points=8", /from 16 to 32768/],
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
