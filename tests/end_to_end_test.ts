/** From scans to decisions and back, as a user meets it: fit, detect, evaluate, and the files they leave. @module */
import { deepEqual, equal, match, notDeepEqual, ok } from "node:assert/strict";
import {
  type DetectDocument,
  detectScan,
  isFound,
  readScan,
  type ScanFound,
  scoreScan,
  toOwnResolution,
} from "../core/mod.ts";
import type { EvaluateDocument } from "../evaluation/mod.ts";
import { readPng, readTiff } from "../formats/mod.ts";
import { openModel, openRun } from "../host/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, contentOf, SMALL, smallDataset } from "./command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

const DEFECTS = ["bump", "contamination", "crack", "dent", "hole", "missing"];
const adapter = await sharedGpu() !== undefined;

/** What all tests start from: a data set and a model of it, made once. */
interface Made {
  readonly folder: TemporaryFolder;
  readonly data: readonly string[];
  readonly model: string;
}

async function make(): Promise<Made> {
  const folder = temporaryFolder(), data = [`--data=${folder.path}/data`, "--category=bagel"];
  await smallDataset(`${folder.path}/data`);
  const model = `${folder.path}/model`;
  const { code, stderr } = await commandLine(["fit", ...data, `--model=${model}`, "--quiet", ...SMALL]);
  equal(code, 0, stderr);
  return { folder, data, model };
}

const held: { made?: Promise<Made> } = {};
Deno.test.afterAll(async () => (await held.made)?.folder[Symbol.dispose]());

/** A test that needs an adapter, with the data set and the model. The program opens and closes its devices by itself. */
function test(name: string, run: (made: Made) => Promise<void>): void {
  const fn = async () => await run(await (held.made ??= make()));
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

/** Runs a verb that has to end with this code, and gives its document. */
async function documentOf<T>(args: readonly string[], wanted = 0): Promise<T> {
  const { code, stdout, stderr } = await commandLine([...args, "--json", "--quiet"]);
  equal(code, wanted, stderr);
  return JSON.parse(stdout);
}

const found = ({ scans }: DetectDocument) => scans.filter(isFound);

/** What has to be the same at every run: all but the time it took. */
const lasting = (document: DetectDocument) => found(document).map(({ seconds: _, ...rest }) => rest);

test("detect writes a valid file of each kind for every scan, a report that needs no network, and leaves its input alone", async ({ folder, data, model }) => {
  const out = `${folder.path}/all`, before = await contentOf(`${folder.path}/data`);
  const document = await documentOf<DetectDocument>(["detect", ...data, `--model=${model}`, `--out=${out}`]);
  deepEqual(await contentOf(`${folder.path}/data`), before, "the data set is as it was");
  const scans = found(document);
  deepEqual(scans.map(({ input }) => input), [
    ...DEFECTS.slice(0, 4).map((defect) => `${defect}/000`),
    "good/000",
    "good/001",
    "hole/000",
    "missing/000",
  ]);
  equal(document.schema, "uni3dad.detect/1");
  using run = await openRun();
  using handle = await openModel(model, run);
  for (const { input, files, score, regions } of scans) {
    const [defect, number] = input.split("/");
    const scan = await readScan(
      input,
      await Deno.readFile(`${folder.path}/data/bagel/test/${defect}/xyz/${number}.tiff`),
    );
    const { map, frame } = await scoreScan(handle.model, scan, run);
    equal(score, map.score, `${input}: the library gives the same score`);
    const tiff = await readTiff(await Deno.readFile(`${out}/${files.map}`));
    deepEqual([tiff.width, tiff.height, tiff.samples], [64, 64, 1]);
    deepEqual(tiff.values, toOwnResolution(map.values, frame), `${input}: the map is the one of the scan's own size`);
    const picture = await readPng(await Deno.readFile(`${out}/${files.picture}`));
    ok(picture.width >= 64 && picture.height >= 64, `${input}: ${picture.width} × ${picture.height}`);
    const cloud = await Deno.readFile(`${out}/${files.cloud}`);
    const header = new TextDecoder().decode(cloud.subarray(0, 4096)).split("end_header\n")[0];
    const points = scan.valid.reduce((sum, v) => sum + v, 0);
    match(header, new RegExp(`^ply\nformat binary_little_endian 1.0\n[^]*element vertex ${points}\n`));
    const properties = header.match(/^property float \w+$/gm)!.length;
    equal(cloud.length, header.length + "end_header\n".length + points * 4 * properties);
    deepEqual(regions, [], `${input}: no regions without a threshold`);
  }

  const written = JSON.parse(await Deno.readTextFile(`${out}/results.json`));
  deepEqual(written.scans, document.scans);
  deepEqual(
    [written.evaluate.category, written.evaluate.testScans],
    ["bagel", 8],
    "ground truth is measured on the way",
  );
  const [head, ...lines] = (await Deno.readTextFile(`${out}/results.csv`)).trimEnd().split("\n");
  equal(head, "input,score,p_value,threshold,decision,regions,area_mm2,seconds,truth,notes,error");
  deepEqual(
    lines.map((line) => line.split(",").slice(0, 2)),
    scans.map(({ input, score }) => [input, String(score)]),
  );
  const report = await Deno.readTextFile(`${out}/report.html`);
  for (const { input } of scans) ok(report.includes(input), `${input} is in the report`);
  const loads = report.match(/(?:src|href|action)\s*=\s*["']?(?!data:|#)[^"'>\s]+/gi) ?? [];
  deepEqual(loads.filter((text) => /https?:|\/\//i.test(text)), [], "nothing is loaded from elsewhere");
  match(report, /Content-Security-Policy/);
  const kinds = new Set((await listed(out)).map((name) => name.replace(/^.*\./, "")));
  deepEqual([...kinds].sort(), ["csv", "html", "json", "ply", "png", "tiff"], "nothing temporary stays");
});

async function listed(folder: string): Promise<string[]> {
  return [...(await contentOf(folder)).keys()];
}

test("a file gets the same bits from the command line, from the library and from a model that was loaded again", async ({ folder, data, model }) => {
  const names = ["crack/xyz/000", "good/xyz/001"].map((name) => `${folder.path}/data/bagel/test/${name}.tiff`);
  const run = [`--model=${model}`, "--alpha=0.25"];
  const files = await documentOf<DetectDocument>(["detect", ...names, ...run, `--out=${folder.path}/files`]);
  const again = await documentOf<DetectDocument>(["detect", ...names, ...run, `--out=${folder.path}/files`]);
  deepEqual(lasting(again), lasting(files), "an output folder can be used again");
  const dataset = await documentOf<DetectDocument>(["detect", ...data, ...run, `--out=${folder.path}/set`]);
  const withoutNames = ({ input: _, files: __, truth: ___, seconds: ____, ...rest }: ScanFound) => rest;
  deepEqual(
    found(files).map(withoutNames),
    ["crack/000", "good/001"].map((name) => withoutNames(found(dataset).find(({ input }) => input === name)!)),
    "whether it is named as a file or belongs to a data set",
  );
  using opened = await openRun();
  using handle = await openModel(model, opened);
  for (const [i, name] of names.entries()) {
    const scan = await readScan(name, await Deno.readFile(name));
    const { result } = await detectScan(handle.model, scan, { alpha: 0.25 }, opened);
    deepEqual(withoutNames(found(files)[i]), JSON.parse(JSON.stringify(result)));
  }
});

test("--alpha and --threshold change the decision without a refit, and say where the threshold comes from", async ({ folder, data, model }) => {
  const before = await contentOf(model);
  const with_ = (...more: string[]) =>
    documentOf<DetectDocument>(["detect", ...data, `--model=${model}`, `--out=${folder.path}/decide`, ...more]);
  const unreachable = found(await with_());
  ok(unreachable.every(({ threshold, decision }) => threshold === null && decision === "normal"));
  match(unreachable[0].thresholdOrigin, /5 % is out of reach with 4 held-out normal scans.*the least is 20 %/);

  const calibrated = found(await with_("--alpha=0.25"));
  match(calibrated[0].thresholdOrigin, /^75 % of 4 held-out normal scans \(leave-one-out\)$/);
  const { threshold } = calibrated[0];
  const index = JSON.parse(await Deno.readTextFile(`${model}/model.json`));
  equal(threshold, Math.max(...index.calibration.scan.scores), "with 4 scans, a quarter is the largest of them");
  for (const { score, decision, pValue, regions } of calibrated) {
    equal(decision, score > threshold! ? "anomalous" : "normal");
    equal(decision === "anomalous", pValue! <= 0.25);
    for (const region of regions) ok(region.areaMm2 > 0 && region.centreMm.every(Number.isFinite));
  }
  ok(calibrated.some(({ decision, regions }) => decision === "anomalous" && regions.length > 0));

  const scores = calibrated.map(({ score }) => score).sort((a, b) => a - b);
  const given = found(await with_(`--threshold=${scores[5]}`));
  deepEqual(given.map(({ score }) => score), calibrated.map(({ score }) => score), "the scores stay");
  equal(given.filter(({ decision }) => decision === "anomalous").length, 2, "those above it alone");
  ok(given.every((scan) => scan.threshold === scores[5] && /given/.test(scan.thresholdOrigin)));
  deepEqual(await contentOf(model), before, "the model is as it was");
});

test("--fail-on-anomaly exits 10 when a scan is anomalous, and 0 when none is", async ({ folder, data, model }) => {
  const args = ["detect", ...data, `--model=${model}`, `--out=${folder.path}/gate`, "--fail-on-anomaly"];
  await documentOf([...args, "--alpha=0.25"], 10);
  await documentOf([...args, "--threshold=1e6"], 0);
});

test("with --json one document goes to stdout and words to stderr; --quiet says nothing when all is well", async ({ folder, data, model }) => {
  const args = ["detect", ...data, `--model=${model}`, `--out=${folder.path}/words`, "--json"];
  const loud = await commandLine(args);
  equal(JSON.parse(loud.stdout).schema, "uni3dad.detect/1");
  match(loud.stderr, /detecting: 8 of 8/);
  equal((await commandLine([...args, "--quiet"])).stderr, "");
});

test("the same seed gives the same bytes, another one another bank", async ({ folder, data, model }) => {
  const fit = async (name: string, ...more: string[]) => {
    await documentOf(["fit", ...data, `--model=${folder.path}/${name}`, ...SMALL, ...more]);
    return await contentOf(`${folder.path}/${name}`);
  };
  deepEqual(await fit("twice"), await contentOf(model), "a model that is fitted again is the same to the bit");
  const random = ["--folds=0", "--set=extractor.bankRows=64"];
  const [one, other] = [await fit("one", ...random, "--seed=1"), await fit("other", ...random, "--seed=2")];
  deepEqual(await fit("one-again", ...random, "--seed=1"), one);
  notDeepEqual(other.get("extractor.safetensors"), one.get("extractor.safetensors"));
});

test("a model is refused, with both sides named, when something else is asked of it", async ({ folder, data, model }) => {
  const ask = async (...more: string[]) => {
    const { code, stderr } = await commandLine([
      "detect",
      ...data,
      `--model=${model}`,
      `--out=${folder.path}/asked`,
      ...more,
    ]);
    equal(code, 2, stderr);
    return stderr;
  };
  match(await ask("--preset=reference"), /its preset is default, this program needs reference.*\[model-refused\]/);
  match(await ask("--size=96"), /its option prepare.size is 64, this program needs 96/);
  match(
    await ask("--set=extractor.descriptor.orient=none"),
    /its option extractor.descriptor.orient is "sensor", this program needs "none"/,
  );
  match(await ask("--method=m3dm"), /its method is fpfh, this program needs m3dm/);
  const same = ["--preset=default", "--method=fpfh", "--set=extractor.descriptor.orient=sensor", ...SMALL];
  await documentOf(["detect", ...data, `--model=${model}`, `--out=${folder.path}/asked`, ...same]);
});

test("a damaged model is refused: tensors, index, version, a part that is missing", async ({ folder, data, model }) => {
  const index = await Deno.readTextFile(`${model}/model.json`);
  const tensors = await Deno.readFile(`${model}/extractor.safetensors`);
  const flipped = tensors.slice();
  flipped[flipped.length - 7] ^= 1;
  const broken: [string, string | undefined, Uint8Array | undefined, RegExp][] = [
    ["a flipped bit", index, flipped, /sha-256 of extractor.safetensors is [0-9a-f]{64}, .*needs [0-9a-f]{64}/],
    ["half the tensors", index, tensors.subarray(0, tensors.length >> 1), /sha-256 of extractor.safetensors/],
    ["half the index", index.slice(0, index.length >> 1), tensors, /its model.json is damaged/],
    ["another version", index.replace('"uni3dad": "0.1.0"', '"uni3dad": "9.0.0"'), tensors, /9\.0\.0.*needs 0\.1\.0/],
    ["another format", index.replace('"format": 3', '"format": 2'), tensors, /its format is 2, .*needs 3/],
    ["another plugin", index.replace('"version": "2.0.0"', '"version": "0.9.0"'), tensors, /0\.9\.0.*needs 2\.0\.0/],
    ["a part less", index.replace(/"trainNames": \[[^\]]*\],/, ""), tensors, /model.json, trainNames/],
    ["an option that cannot be", index.replace('"size": 64', '"size": -3'), tensors, /size.*\[options-refused\]/],
    ["no index", undefined, tensors, /Cannot read "model.json".*\[file-missing\]/],
    ["no tensors", index, undefined, /Cannot read "extractor.safetensors".*\[file-missing\]/],
  ];
  for (const [what, indexText, tensorBytes, message] of broken) {
    const bad = `${folder.path}/bad`;
    await Deno.mkdir(bad);
    if (indexText !== undefined) await Deno.writeTextFile(`${bad}/model.json`, indexText);
    if (tensorBytes !== undefined) await Deno.writeFile(`${bad}/extractor.safetensors`, tensorBytes);
    const out = `${folder.path}/refused`;
    const { code, stdout, stderr } = await commandLine(["detect", ...data, `--model=${bad}`, `--out=${out}`, "--json"]);
    equal(code, 2, `${what}: ${stderr}`);
    equal(stdout, "", what);
    match(stderr, message, what);
    deepEqual(await listed(out), [], `${what}: nothing is written`);
    await Deno.remove(bad, { recursive: true });
  }
});

test("evaluate gives the document of the contract, and its audit", async ({ data }) => {
  const { schema, adapter, runs, refused, ...others } = await documentOf<EvaluateDocument>(
    ["evaluate", ...data, ...SMALL, "--audit"],
  );
  deepEqual([schema, refused, others], ["uni3dad.evaluate/1", [], {}]);
  deepEqual([typeof adapter.description, typeof adapter.software], ["string", "boolean"]);
  equal(runs.length, 1);
  const [run] = runs, keys = (value: object) => Object.keys(value).sort();
  deepEqual(
    keys(run),
    [
      ..."auPro bankRows byDefect category method options peakMemoryBytes pixelAuroc preset scanAuroc seconds".split(
        " ",
      ),
      ..."testScans trainScans".split(" "), // the contract's, then ours
      ..."audit curve ownResolution".split(" "),
    ].sort(),
  );
  deepEqual(
    [run.category, run.method, run.preset, run.trainScans, run.testScans, run.bankRows],
    ["bagel", "fpfh", "default", 4, 8, 1369],
  );
  for (const limit of ["0.3", "0.1", "0.05", "0.01"]) {
    ok(run.auPro.exact[limit] > 0 && run.auPro.exact[limit] <= 1, `exact ${limit}: ${run.auPro.exact[limit]}`);
  }
  ok(Math.abs(run.auPro.official["0.3"] - run.auPro.exact["0.3"]) < 0.05);
  deepEqual(keys(run.byDefect), DEFECTS);
  for (const [defect, metrics] of Object.entries(run.byDefect)) {
    deepEqual(keys(metrics), ["auPro", "pixelAuroc", "scanAuroc", "scans"], defect);
    equal(metrics.scans, 1);
    ok(metrics.auPro.exact["0.3"] > 0 && metrics.pixelAuroc > 0.3, `${defect}: ${JSON.stringify(metrics)}`);
  }
  deepEqual(keys(run.seconds), ["fit", "perScan", "stages"]);
  deepEqual(keys(run.seconds.perScan), ["median", "p95"]);
  deepEqual(keys(run.seconds.stages), ["bank", "features", "map", "prepare", "read", "register"]);
  ok(run.peakMemoryBytes > 1e6 && run.seconds.fit > 0);
  const audit = run.audit as { scanAuroc: number; nuisances: object; permutation: { rounds: number } };
  equal(audit.scanAuroc, run.scanAuroc);
  deepEqual(keys(audit.nuisances), ["background", "depth", "partPoints", "partSpan", "returns"]);
  equal(audit.permutation.rounds, 2000);
});

test("evaluate refuses a training scan that is in the test set too, whatever it is called", async ({ folder }) => {
  const leak = `${folder.path}/leak`;
  await smallDataset(leak);
  await Deno.copyFile(`${leak}/bagel/train/good/xyz/002.tiff`, `${leak}/bagel/test/good/xyz/077.tiff`);
  const { code, stderr } = await commandLine(["evaluate", `--data=${leak}`, "--category=bagel", ...SMALL]);
  equal(code, 2, stderr);
  match(stderr, /"bagel\/train\/good\/xyz\/002.tiff" = "bagel\/test\/good\/xyz\/077.tiff".*\[overlapping-sets\]/);
});

test("detect --data learns, keeps the model, and decides as that model does", async ({ folder, data, model }) => {
  const out = `${folder.path}/whole`;
  const document = await documentOf<DetectDocument>(["detect", ...data, `--out=${out}`, ...SMALL, "--alpha=0.25"]);
  deepEqual(await contentOf(`${out}/model`), await contentOf(model), "it is the model that `fit` writes");
  const later = await documentOf<DetectDocument>(
    ["detect", ...data, `--model=${out}/model`, `--out=${folder.path}/later`, "--alpha=0.25"],
  );
  deepEqual(lasting(later), lasting(document));
  deepEqual(later.model, document.model);
});
