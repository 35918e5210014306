/** Bad input of methods with two branches: what is wrong is said, scan by scan, and nothing is judged normal in silence. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  BranchMapRefused,
  type DetectDocument,
  fitPlane,
  isFound,
  planeDistance,
  readScan,
  type Scan,
  type ScanFailed,
  type ScanFound,
} from "../core/mod.ts";
import { synthesise, synthOptions } from "../evaluation/mod.ts";
import { readTiff, writeTiff } from "../formats/mod.ts";
import { detectInto, diskStorage, fileScans, type ModelHandle, openModel, openRun } from "../host/mod.ts";

import { sharedGpu } from "../testing/mod.ts";
import { commandLine, SMALL, smallDataset } from "./command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

/** Options of the default method, which has both branches. */
const METHOD = [...SMALL.filter((option) => !option.startsWith("--method")), "--set=extractor.trials=0"];

/** Bagels, a model of four of them, a potato and castings, by product. */
interface Made {
  readonly folder: TemporaryFolder;
  readonly data: string;
  readonly model: string;
}

const held: { made?: Promise<Made> } = {};
Deno.test.afterAll(async () => (await held.made)?.folder[Symbol.dispose]());

async function make(): Promise<Made> {
  const folder = temporaryFolder(), data = `${folder.path}/data`, model = `${folder.path}/model`;
  await smallDataset(data);
  for (const [product, train] of [["potato", 1], ["casting", 4]] as const) {
    const options = synthOptions.parse({ product, width: 64, height: 64, train, good: 1, defects: [] });
    await synthesise(options, diskStorage(data));
  }
  const { code, stderr } = await fitTo(data, model);
  equal(code, 0, stderr);
  return { folder, data, model };
}

const adapter = await sharedGpu() !== undefined;

/** A test that needs an adapter, with the data and the model. The program opens and closes its devices by itself. */
function test(name: string, run: (made: Made) => Promise<void>): void {
  const fn = async () => await run(await (held.made ??= make()));
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const fitTo = (data: string, model: string, category = "bagel", ...more: string[]) =>
  commandLine(["fit", `--data=${data}`, `--category=${category}`, `--model=${model}`, ...METHOD, ...more]);

const failed = ({ scans }: DetectDocument) => scans.filter((scan): scan is ScanFailed => !isFound(scan));
const found = ({ scans }: DetectDocument) => scans.filter((scan): scan is ScanFound => isFound(scan));
const goodOf = (data: string) => `${data}/bagel/test/good/xyz/000.tiff`;

/** What `detect` finds with a model at a false-alarm rate that four normal scans can promise; it has to end with this code. */
async function detect(files: readonly string[], model: string, wanted: number, ...more: string[]) {
  const args = ["detect", ...files, `--model=${model}`, `--out=${model}-out`, "--json", "--quiet", ...more];
  const { code, stdout, stderr } = await commandLine(args);
  equal(code, wanted, stderr);
  return { document: JSON.parse(stdout) as DetectDocument, stderr };
}

/** A scan that can be changed: its places' heights over the table, those of the part, and how to lift one along its ray. */
async function changeable(path: string) {
  const scan = await readScan("scan", await Deno.readFile(path)), { width, points, valid } = scan;
  const inBorder = (i: number) => Math.min(i % width, Math.floor(i / width)) < 6 && valid[i] === 1;
  const plane = fitPlane(points, Array.from(valid.keys()).filter(inBorder))!;
  const heights = Array.from(valid, (v, i) => v === 0 ? 0 : Math.abs(planeDistance(plane, points, 3 * i)));
  const sign = planeDistance(plane, [0, 0, 0], 0) > 0 ? 1 : -1; // of heights: the sensor is above the table
  const part = Array.from(heights.keys()).filter((i) => heights[i] > 0.005);
  const changed = (which: readonly number[], height: (i: number) => number) => {
    const out = points.slice();
    for (const i of which) {
      const along = (sign * height(i) - plane.offset) / (sign * heights[i] - plane.offset);
      for (let c = 0; c < 3; c++) out[3 * i + c] *= along;
    }
    return out;
  };
  return { scan, heights, part, changed };
}

const put = async (path: string, { width, height }: Pick<Scan, "width" | "height">, values: Float32Array) => {
  await Deno.writeFile(path, writeTiff({ width, height, samples: 3, values }));
  return path;
};

/** x → −x, the picture's columns with it: what registration, which turns parts and never mirrors them, can't undo. */
function mirrored({ width, points }: Scan): Float32Array {
  const out = new Float32Array(points.length);
  for (let i = 0; i < points.length / 3; i++) {
    const column = i % width, [x, y, z] = points.subarray(3 * i, 3 * i + 3);
    if (z !== 0) out.set([-x, y, z], 3 * (i - column + width - 1 - column));
  }
  return out;
}

/** Says that nothing fits, is anomalous for that, and marks nothing as missing. */
function fitsNothing({ input, decision, pose, notes, decidedBy, regions }: ScanFound): void {
  deepEqual([decision, pose?.fits], ["anomalous", false], `${input}: ${JSON.stringify(pose)}`);
  match(notes.join("; "), /no normal shape fits: another product, a part upside down, .* anomalous whatever it scores/);
  equal(decidedBy, "feature", input);
  ok(regions.every(({ branch }) => branch === "feature"), `${input}: a wild map of what is missing`);
}

test("parts unlike all normal ones are anomalous, and nothing of them is called missing", async ({ folder, data, model }) => {
  const at = (name: string) => `${folder.path}/${name}.tiff`;
  const { scan, heights, part, changed } = await changeable(goodOf(data)), { width, height, points, valid } = scan;
  const most = heights.reduce((a, b) => Math.max(a, b));
  const two = new Float32Array(2 * points.length), across = acrossOf(scan);
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] === 0) continue;
    const [x, y, z] = points.subarray(3 * i, 3 * i + 3), to = 3 * (i + width * Math.floor(i / width));
    two.set([x, y, z], to);
    two.set([x + across, y, z], to + 3 * width);
  }
  const { document, stderr } = await detect(
    [
      `${data}/potato/test/good/xyz/000.tiff`,
      `${data}/casting/test/good/xyz/000.tiff`,
      // turned over, what was low is high: no turn about the vertical makes it a bagel again
      await put(at("over"), scan, changed(part, (i) => Math.max(0.0055, most - heights[i]))),
      await put(at("two"), { width: 2 * width, height }, two),
      goodOf(data),
    ],
    model,
    0,
    "--alpha=0.25",
  );
  const all = found(document), [, , , pair, good] = all;
  all.slice(0, 4).forEach((one) => {
    fitsNothing(one);
    ok(stderr.includes(one.notes.join("; ")), "told on stderr");
  });
  match(pair.notes[0], /^it is \d+ mm across, the model's normal scans are/);
  deepEqual(
    [good.decision, good.pose?.fits, good.notes],
    ["normal", true, []],
    "the rest of the batch is judged as ever",
  );
});

/** How far the picture of a scan reaches on its table, metres. */
function acrossOf({ width, points, valid }: Scan): number {
  const row = 2 * width, seen = Array.from({ length: width }, (_, i) => row + i).filter((i) => valid[i] === 1);
  const first = seen[0], last = seen[seen.length - 1];
  return (points[3 * last] - points[3 * first]) / (last - first) * width;
}

test("a part of which most is missing is anomalous, and it is said where", async ({ folder, data, model }) => {
  const { scan, part, changed } = await changeable(goodOf(data)), files: string[] = [];
  for (const share of [0.5, 0.8]) {
    const gone = part.slice(0, Math.floor(share * part.length)); // from the top: what is left is one piece
    files.push(await put(`${folder.path}/gone-${share}.tiff`, scan, changed(gone, () => 0)));
  }
  const [half, most] = found((await detect(files, model, 0, "--alpha=0.25")).document);
  for (const { decision, decidedBy, regions, input } of [half, most]) {
    deepEqual([decision, decidedBy], ["anomalous", "reconstruction"], input);
    ok(regions.some(({ branch }) => branch === "reconstruction"), `${input}: no region`);
  }
  match(most.notes[0], /or a part of which much is missing\?$/);
});

test("scans without a part, of another unit or too far away are refused, and say why", async ({ folder, data, model }) => {
  const { scan, part, changed } = await changeable(goodOf(data)), { points } = scan;
  const at = (name: string, values: Float32Array) => put(`${folder.path}/${name}.tiff`, scan, values);
  const table = await at("table", changed(part, () => 0)), none = await at("none", new Float32Array(points.length));
  const huge = await at("huge", points.map((value) => 1e5 * value));
  const metres = await at("metres", points.map((value) => 1000 * value));
  const { document } = await detect([table, none, huge, metres, goodOf(data)], model, 3);
  const says = [
    /there is no part on the table/,
    /not one of its places holds a measurement/,
    /a coordinate is .* m, where float32 cannot tell millimetres/,
    /say the file's unit .*all that was measured spans \d+ mm, the parts of the model's normal scans/,
  ];
  failed(document).forEach(({ error }, i) => {
    equal(error.code, "scan-refused");
    match(error.message, says[i]);
  });
  deepEqual([failed(document).length, found(document).length], [4, 1]);
});

test("of a scan that no camera explains the feature branch decides alone, and says so", async ({ folder, data, model }) => {
  const { scan } = await changeable(goodOf(data)), { width, height, points, valid } = scan;
  // the same points, the picture's columns pushed to and fro: nothing is known of what lies between two pixels
  const pushed = new Float32Array(points.length), lost = points.slice();
  for (let i = 0; i < valid.length; i++) {
    const column = i % width, from = Math.min(width - 1, Math.max(0, Math.round(column + 5 * Math.sin(column / 5))));
    pushed.set(points.subarray(3 * (i - column + from), 3 * (i - column + from) + 3), 3 * i);
    if (i % 53 === 0) lost[3 * i + i % 3] = [NaN, Infinity, -Infinity][i % 3];
  }
  const files = [
    await put(`${folder.path}/pushed.tiff`, { width, height }, pushed),
    await put(`${folder.path}/lost.tiff`, scan, lost),
  ];
  const [odd, holes] = found((await detect(files, model, 0)).document);
  equal(odd.decidedBy, "feature");
  match(
    odd.notes.join("; "),
    /the reconstruction branch could not judge it: .*camera.*; the feature branch decides alone/,
  );
  deepEqual([holes.notes, holes.decision], [[], "normal"], "places that are no numbers are drop-outs");
  const { values } = await readTiff(await Deno.readFile(`${model}-out/${holes.files.map}`));
  ok(values.every(Number.isFinite));
});

test("a mirrored part passes where it may: a bagel does, a casting does not", async ({ folder, data, model }) => {
  const bagel = await changeable(goodOf(data));
  const file = await put(`${folder.path}/mirrored.tiff`, bagel.scan, mirrored(bagel.scan));
  const [round] = found((await detect([file], model, 0, "--alpha=0.25")).document);
  deepEqual([round.decision, round.notes], ["normal", []], "a bagel and its mirror image are alike");

  const castings = `${folder.path}/castings`, { code, stderr } = await fitTo(data, castings, "casting");
  equal(code, 0, stderr);
  const path = `${data}/casting/test/good/xyz/000.tiff`, { scan } = await changeable(path);
  const chiral = await put(`${folder.path}/chiral.tiff`, scan, mirrored(scan));
  const [right, wrong] = found((await detect([path, chiral], castings, 0, "--alpha=0.25")).document);
  deepEqual([right.pose?.covered, right.notes], [true, []]);
  fitsNothing(wrong);
});

test("a fuser that refuses a map costs one scan, not the batch", async ({ folder, data, model }) => {
  using run = await openRun({ log: { debug: () => {}, info: () => {}, warn: () => {} } });
  using opened = await openModel(model, run);
  const { fuser } = opened.model;
  let scans = 0;
  const handle: ModelHandle = {
    ...opened,
    model: opened.model,
    withRetry: (work) => {
      const refuses = scans++ === 0;
      const fuse = refuses ? () => Promise.reject(new BranchMapRefused("missing", "it is odd")) : fuser!.fuse;
      return opened.withRetry((model) => work({ ...model, fuser: { ...fuser!, fuse } }));
    },
  };
  const good = goodOf(data), options = { scans: fileScans([good, good]), out: `${folder.path}/refused`, decision: {} };
  const { document } = await detectInto(handle, options, run);
  deepEqual(failed(document).map(({ error }) => error.code), ["map-refused"]);
  equal(found(document).length, 1);
});

test("the default method has both branches; the report of ocsvm shows the plane of its boundary", async ({ folder, data, model }) => {
  const { document } = await detect([goodOf(data)], model, 0);
  equal(document.model.method, "fpfh+nearest-normal/calibrated");
  ok(!(await Deno.readTextFile(`${model}-out/report.html`)).includes('class="plane"'));
  const other = `${folder.path}/ocsvm`, method = ["--method=fpfh+nearest-normal/ocsvm", "--set=fuser.k=1"];
  const { code, stderr } = await fitTo(data, other, "bagel", ...method);
  equal(code, 0, stderr);
  await detect([`${data}/bagel/test/missing/xyz/000.tiff`], other, 0);
  ok((await Deno.readTextFile(`${other}-out/report.html`)).includes('class="plane"'));
});

for (const count of [1, 2, 3]) {
  test(`${count} normal scan${count === 1 ? " is" : "s are"} ${count === 1 ? "refused" : "learned from"}`, async ({ folder, data }) => {
    const few = `${folder.path}/few-${count}`, model = `${few}/model`;
    await smallDataset(few);
    for (let i = count; i < 4; i++) await Deno.remove(`${few}/bagel/train/good/xyz/00${i}.tiff`);
    const { code, stderr } = await fitTo(few, model);
    if (count === 1) {
      equal(code, 2);
      match(stderr, /with 1 normal scan: at least 2 are needed \[too-few-scans\]/);
      return;
    }
    equal(code, 0, stderr);
    if (count === 2) match(stderr, /warning: 2 normal scans .*don't tell how much normal scans differ/);
    const files = [goodOf(data), `${data}/bagel/test/missing/xyz/000.tiff`];
    const [good, missing] = found((await detect(files, model, 0)).document);
    for (const { threshold, thresholdOrigin, score } of [good, missing]) {
      deepEqual([threshold, Number.isFinite(score)], [null, true]);
      match(thresholdOrigin, new RegExp(`out of reach with ${count} held-out normal scans`));
    }
    equal(missing.decidedBy, "reconstruction");
    ok(missing.score > 5 * good.score, `${missing.score} where a piece is missing, ${good.score} on a whole scan`);
  });
}

test("normal scans that are copies of one divide nothing by nothing, and it is said", async ({ folder, data }) => {
  const same = `${folder.path}/same`, model = `${same}/model`, train = `${same}/bagel/train/good/xyz`;
  await smallDataset(same);
  for (const number of ["001", "002", "003"]) await Deno.copyFile(`${train}/000.tiff`, `${train}/${number}.tiff`);
  const { code, stderr } = await fitTo(same, model);
  equal(code, 0, stderr);
  match(stderr, /warning: 3 of 4 normal scans are copies of others .* not to be relied on/);
  match(stderr, /warning: the feature map is silent on 4 of 4 normal scans/);
  const files = [`${train}/000.tiff`, goodOf(data), `${data}/bagel/test/missing/xyz/000.tiff`];
  const strange = `${data}/casting/test/good/xyz/000.tiff`;
  const [copy, good, missing, other] = found((await detect([...files, strange], model, 0)).document);
  deepEqual([Number.isFinite(copy.score), copy.pValue, copy.notes], [true, 1, []], "as normal as the others");
  ok(Number.isFinite(good.score) && good.score > 0, `${good.score}`);
  deepEqual([good.pose?.covered, good.pose?.fits], [false, true], "copies don't tell that no other scan is normal");
  match(good.notes.join(), /no normal scan has its pose: its p-value is not to be relied on/);
  deepEqual([missing.decidedBy, Number.isFinite(missing.score)], ["reconstruction", true], "both maps were constant");
  fitsNothing(other);
});
