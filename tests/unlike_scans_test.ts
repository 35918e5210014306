/** Scans unlike the normal ones, and normal scans that tell little: both are said, and neither is judged in silence. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
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
import { writeTiff } from "../formats/mod.ts";
import { diskStorage } from "../host/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, SMALL, smallDataset } from "./command_line.ts";
import { temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined;

/** A test that needs an adapter, with a folder that holds the small data set. The program opens and closes its devices by itself. */
function test(name: string, run: (folder: string, data: string) => Promise<void>): void {
  const fn = async () => {
    using folder = temporaryFolder();
    const data = `${folder.path}/data`;
    await smallDataset(data);
    await run(folder.path, data);
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const failed = ({ scans }: DetectDocument) => scans.filter((scan): scan is ScanFailed => !isFound(scan));
const found = ({ scans }: DetectDocument) => scans.filter((scan): scan is ScanFound => isFound(scan));
const goodOf = (data: string) => ["000", "001"].map((number) => `${data}/bagel/test/good/xyz/${number}.tiff`);

/** What `detect` finds with a model, and says on the way; it has to end with this code. */
async function detect(files: readonly string[], model: string, wanted: number) {
  const args = ["detect", ...files, `--model=${model}`, `--out=${model}-out`, "--json", "--quiet"];
  const { code, stdout, stderr } = await commandLine(args);
  equal(code, wanted, stderr);
  return { document: JSON.parse(stdout) as DetectDocument, stderr };
}

/** A model that was calibrated; no defects are pasted to choose what it judges by, which takes longest. */
function fitTo(data: string, model: string) {
  return commandLine([
    "fit",
    `--data=${data}`,
    "--category=bagel",
    `--model=${model}`,
    ...SMALL,
    "--set=extractor.trials=0",
  ]);
}

/** The scan by another camera: columns and rows, and with them x and y, turned by a quarter. */
function quarterTurn({ width, points }: Scan): Float32Array {
  const turned = new Float32Array(points.length);
  for (let i = 0; i < width * width; i++) {
    const row = Math.floor(i / width), column = i % width, [x, y, z] = points.subarray(3 * i, 3 * i + 3);
    if (z !== 0) turned.set([-y, x, z], 3 * (column * width + width - 1 - row));
  }
  return turned;
}

/** The part laid on its top: what was its flat bottom is seen, at the part's height. */
function upsideDown({ width, points, valid }: Scan): Float32Array {
  const inBorder = (i: number) => Math.min(i % width, Math.floor(i / width)) < 6 && valid[i] === 1;
  const { normal, offset } = fitPlane(points, Array.from(valid.keys()).filter(inBorder))!;
  const heights = Array.from(valid, (v, i) => v === 0 ? 0 : planeDistance({ normal, offset }, points, 3 * i));
  const most = heights.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a), turned = points.slice();
  for (let i = 0; i < valid.length; i++) {
    if (Math.abs(heights[i]) < 0.005) continue;
    // along its ray to the height of the bottom: n·(t p) + d = most
    const along = (most - offset) / (heights[i] - offset);
    for (let c = 0; c < 3; c++) turned[3 * i + c] *= along;
  }
  return turned;
}

test(
  "scans of another unit, scale, product or pose are not judged as if they were like the normal ones",
  async (folder, data) => {
    const model = `${folder}/model`, fitted = await fitTo(data, model);
    equal(fitted.code, 0, fitted.stderr);
    const normal = await readScan("normal", await Deno.readFile(`${data}/bagel/train/good/xyz/000.tiff`));
    const put = async (name: string, values: Float32Array) => {
      const { width, height } = normal, path = `${folder}/${name}`;
      await Deno.writeFile(path, writeTiff({ width, height, samples: 3, values }));
      return path;
    };
    const potatoes = synthOptions.parse({ product: "potato", width: 64, height: 64, train: 1, good: 1, defects: [] });
    await synthesise(potatoes, diskStorage(`${folder}/potatoes`));
    const files = [
      await put("turned.tiff", quarterTurn(normal)),
      await put("over.tiff", upsideDown(normal)),
      `${folder}/potatoes/potato/test/good/xyz/000.tiff`,
      await put("smaller.tiff", normal.points.map((v) => 0.6 * v)),
      await put("as-metres.tiff", normal.points.map((v) => 1000 * v)),
      await put("as-millimetres.tiff", normal.points.map((v) => v / 1000)),
    ];
    const { document, stderr } = await detect(files, model, 3);
    const [turned, over, potato, smaller] = found(document), [large, small] = failed(document);
    deepEqual([turned.pose?.covered, turned.decision, turned.notes], [true, "normal", []]);
    ok(turned.pValue! > 1 / 5, "not above all normal scans");
    for (const scan of [over, potato]) {
      equal(scan.pose!.covered, false);
      match(scan.notes.join("; "), /p-value is not to be relied on \(\d\.\d\d mm from the nearest normal surfaces/);
      ok(stderr.includes(scan.notes.join("; ")), "told on stderr");
    }
    match(smaller.notes[0], /^it is \d+ mm across, the model's normal scans are \d+ to \d+ mm: another unit or scale/);
    for (const { error } of [large, small]) {
      equal(error.code, "scan-refused");
      match(
        error.message,
        /all that was measured spans [\d.]+ mm, the parts of the model's normal scans \d+ to \d+ mm/,
      );
    }
    ok((await Deno.readTextFile(`${model}-out/results.csv`)).includes(over.notes[0]));
    ok((await Deno.readTextFile(`${model}-out/report.html`)).includes(over.notes[0]));
    const right = await detect([files[4], "--unit=mm"], model, 0);
    deepEqual(found(right.document)[0].notes, [], "with the right unit it is one of the normal scans");
  },
);

test("two normal scans are learned from, and it is said what they cannot tell", async (folder, data) => {
  const model = `${folder}/model`;
  for (const number of ["002", "003"]) await Deno.remove(`${data}/bagel/train/good/xyz/${number}.tiff`);
  const { code, stderr } = await fitTo(data, model);
  equal(code, 0, stderr);
  match(stderr, /warning: 2 normal scans .*don't tell how much normal scans differ: .* by their distance alone/);
  const { document } = await detect(goodOf(data), model, 0);
  for (const { score, pValue, threshold, thresholdOrigin } of found(document)) {
    ok(Number.isFinite(score) && score > 0, `${score}`);
    deepEqual([pValue! >= 1 / 3, threshold], [true, null]);
    match(thresholdOrigin, /out of reach with 2 held-out normal scans \(leave-one-out\), the least is 33\.3/);
  }
});

test(
  "normal scans that are all the same are learned from: a spread of nothing divides nothing",
  async (folder, data) => {
    const model = `${folder}/model`, train = `${data}/bagel/train/good/xyz`;
    for (const number of ["001", "002", "003", "004"]) {
      await Deno.copyFile(`${train}/000.tiff`, `${train}/${number}.tiff`);
    }
    const { code, stderr } = await fitTo(data, model);
    equal(code, 0, stderr);
    match(
      stderr,
      /warning: 4 of 5 normal scans are copies of others \(.*000, .*000, .*000, …\): .* not to be relied on/,
    );
    const { calibration } = JSON.parse(await Deno.readTextFile(`${model}/model.json`));
    ok(
      calibration.scan.scores.every((score: unknown) => Number.isFinite(score)),
      JSON.stringify(calibration.scan.scores),
    );
    const { document } = await detect([`${train}/000.tiff`, ...goodOf(data)], model, 0);
    const [same, ...others] = found(document);
    equal(same.pValue, 1, "as normal as the others");
    for (const { score, pValue } of others) {
      ok(Number.isFinite(score) && score > same.score, `${score}, the copies' ${same.score}`);
      equal(pValue, 1 / 6);
    }
  },
);
