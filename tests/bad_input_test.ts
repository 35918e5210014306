/** What cannot be used is refused by name, the rest of the batch is done, and nothing half written looks whole. @module */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { type DetectDocument, isFound, readScan, type Scan, type ScanFailed } from "../core/mod.ts";
import type { EvaluateDocument } from "../evaluation/mod.ts";
import { readTiff, writeNpy, writePng, writeTiff } from "../formats/mod.ts";
import { referenceZip } from "../formats/npz_reference.ts";
import { deflated, referenceTiff } from "../formats/tiff_reference.ts";
import { detectInto, fileScans, openModel, openRun } from "../host/mod.ts";
import { DeviceLost, type Gpu, openGpu } from "../kernels/mod.ts";
import { sharedGpu } from "../testing/mod.ts";
import { commandLine, contentOf, SMALL, smallDataset, startCommandLine } from "./command_line.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

const adapter = await sharedGpu() !== undefined;

/** What all tests start from: a data set, a model of it, and a good scan of its test set. */
interface Made {
  readonly folder: TemporaryFolder;
  readonly data: string;
  readonly model: string;
  readonly good: string;
}

async function make(): Promise<Made> {
  const folder = temporaryFolder(), data = `${folder.path}/data`, model = `${folder.path}/model`;
  await smallDataset(data);
  const { code, stderr } = await commandLine([
    "fit",
    `--data=${data}`,
    "--category=bagel",
    `--model=${model}`,
    "--folds=0",
    ...SMALL,
  ]);
  equal(code, 0, stderr);
  return { folder, data, model, good: `${data}/bagel/test/good/xyz/000.tiff` };
}

const held: { made?: Promise<Made> } = {};
Deno.test.afterAll(async () => (await held.made)?.folder[Symbol.dispose]());

/** A test that needs an adapter, with the data set and the model. The program opens and closes its devices by itself. */
function test(name: string, run: (made: Made) => Promise<void>, ignore = false): void {
  const fn = async () => await run(await (held.made ??= make()));
  Deno.test({ name, ignore: ignore || !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const scanAt = async (path: string) => await readScan(path, await Deno.readFile(path));

/** The scan with its points changed, as a TIFF. */
function changed({ width, height, points }: Scan, change: (point: number[], pixel: number) => number[]): Uint8Array {
  const values = new Float32Array(points.length);
  for (let i = 0; i < width * height; i++) values.set(change([...points.subarray(3 * i, 3 * i + 3)], i), 3 * i);
  return writeTiff({ width, height, samples: 3, values });
}

/** A TIFF of three float32 samples whose header says what it likes. */
const lyingTiff = (width: number, height: number, block: Uint8Array, compression = 1) =>
  referenceTiff({
    blocks: [block],
    tags: {
      ImageWidth: { type: 4, numbers: [width] },
      ImageLength: { type: 4, numbers: [height] },
      BitsPerSample: [32, 32, 32],
      Compression: [compression],
      PhotometricInterpretation: [2],
      SamplesPerPixel: [3],
      RowsPerStrip: { type: 4, numbers: [height] },
      PlanarConfiguration: [1],
      SampleFormat: [3, 3, 3],
    },
  });

/** The numbers of an NPY header changed, its length kept. */
function lyingNpy(bytes: Uint8Array, shape: string, lie: string): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 128)), at = text.indexOf(shape);
  ok(at > 0 && lie.length === shape.length);
  const lying = bytes.slice();
  lying.set(new TextEncoder().encode(lie), at);
  return lying;
}

/** Every kind of scan that is none: its file's name, the code that it has to be refused with, and its bytes. */
async function badScans(good: string): Promise<[name: string, code: string, bytes: Uint8Array][]> {
  const scan = await scanAt(good), tiff = await Deno.readFile(good);
  const npy = writeNpy({ shape: [64, 64, 3], values: scan.points }), zeros = new Uint8Array(2 ** 20);
  const middle = 64 * 32 + 32, onTable = (pixel: number) => Math.min(pixel % 64, pixel / 64) < 10;
  const pixels = (change: Parameters<typeof changed>[1]) => changed(scan, change);
  return [
    ["empty.tiff", "malformed-file", new Uint8Array(0)],
    ["two-bytes.tiff", "malformed-file", tiff.subarray(0, 2)],
    ["half.tiff", "malformed-file", tiff.subarray(0, tiff.length >> 1)],
    ["no-end.tiff", "malformed-file", tiff.subarray(0, tiff.length - 40)],
    ["wide.tiff", "malformed-file", lyingTiff(10_000, 1000, new Uint8Array(12))],
    ["huge.tiff", "file-too-large", lyingTiff(10_000, 10_000, new Uint8Array(12))],
    ["huge-indeed.tiff", "file-too-large", lyingTiff(10_000, 10_000, await deflatedZeros(1_200_000_000), 8)],
    ["short-strip.tiff", "malformed-file", lyingTiff(4096, 4096, await deflated(zeros), 8)],
    ["integers.tiff", "scan-refused", bytesTiff(3)],
    ["grey.tiff", "scan-refused", writeTiff({ width: 64, height: 64, samples: 1, values: new Float32Array(4096) })],
    ["half.npy", "malformed-file", npy.subarray(0, npy.length >> 1)],
    ["header.npy", "malformed-file", npy.subarray(0, 60)],
    ["shape.npy", "malformed-file", lyingNpy(npy, "(64, 64, 3)", "(64, 99, 3)")],
    ["huge.npy", "file-too-large", lyingNpy(npy, "(64, 64, 3)", "(9999999,3)")],
    ["flat.npy", "scan-refused", writeNpy({ shape: [4096, 3], values: scan.points })],
    ["pickled.npy", "unsupported-file", lyingNpy(npy, "'<f4'", "'|O' ")],
    ["bomb.npz", "malformed-file", await referenceZip([{ name: "xyz.npy", content: zeros, method: 8 }])],
    [
      "bomb-said.npz",
      "file-too-large",
      await referenceZip([{ name: "xyz.npy", content: zeros, method: 8, claims: { size: 2 ** 32 - 2 } }]),
    ],
    [
      "bomb-unsaid.npz",
      "malformed-file",
      await referenceZip([{ name: "xyz.npy", content: zeros, method: 8, claims: { size: npy.length } }]),
    ],
    ["picture.png", "unsupported-file", writePng({ width: 8, height: 8, channels: 1, values: new Uint8Array(64) })],
    ["words.txt", "unsupported-file", new TextEncoder().encode("x y z\n1 2 3\n")],
    ["nan.tiff", "scan-refused", pixels(() => [NaN, NaN, NaN])],
    ["infinite.tiff", "scan-refused", pixels(([x, y], i) => [x, y, i % 2 ? Infinity : -Infinity])],
    ["zeros.tiff", "scan-refused", pixels(() => [0, 0, 0])],
    ["one-point.tiff", "scan-refused", pixels((p, i) => i === middle ? p : [0, 0, 0])],
    ["twelve-points.tiff", "scan-refused", pixels((p, i) => onTable(i) || i - middle < 0 || i - middle > 11 ? p : p)],
    ["equal.tiff", "scan-refused", pixels(() => [0.01, 0.02, 0.6])],
    ["line.tiff", "scan-refused", pixels((_, i) => [i / 1e5, i / 1e5, 0.6])],
    ["table-alone.tiff", "scan-refused", pixels((_, i) => [(i % 64) / 1000, Math.floor(i / 64) / 1000, 0.6])],
    ["far.tiff", "scan-refused", pixels((p) => p.map((v) => v * 1e30))],
    ["millimetres.tiff", "scan-refused", pixels((p) => p.map((v) => v * 1000))],
    ["column.tiff", "scan-refused", writeTiff({ width: 1, height: 4096, samples: 3, values: scan.points })],
    ["row.tiff", "scan-refused", writeTiff({ width: 4096, height: 1, samples: 3, values: scan.points })],
    ["narrow.tiff", "scan-refused", writeTiff({ width: 4, height: 1024, samples: 3, values: scan.points })],
  ];
}
