/** Scans that are none, of every kind that people meet or that somebody could make. @module */
import { ok } from "node:assert/strict";
import { readScan } from "../core/mod.ts";
import { writeNpy, writePng, writeTiff } from "../formats/mod.ts";
import { referenceZip } from "../formats/npz_reference.ts";
import { deflated, type ReferenceTag, referenceTiff } from "../formats/tiff_reference.ts";

/** A file that has to be refused: its name, the code of the error, and what the message says. */
export type BadScan = readonly [name: string, code: string, says: RegExp, bytes: Uint8Array];

/** A TIFF of three 32-bit samples in strips, whose header says what it likes. */
function lyingTiff(
  [width, height]: readonly [number, number],
  blocks: readonly Uint8Array[],
  tags: Readonly<Record<string, readonly number[] | ReferenceTag>> = {},
): Uint8Array {
  const long = (number: number) => ({ type: 4, numbers: [number] });
  return referenceTiff({
    blocks,
    tags: {
      ImageWidth: long(width),
      ImageLength: long(height),
      BitsPerSample: [32, 32, 32],
      Compression: [1],
      PhotometricInterpretation: [2],
      SamplesPerPixel: [3],
      RowsPerStrip: long(height),
      PlanarConfiguration: [1],
      SampleFormat: [3, 3, 3],
      ...tags,
    },
  });
}

/** A file of a megabyte or so that holds `side × side` points at 0 0 0, right in every respect. */
export async function compactTiff(side: number): Promise<Uint8Array> {
  const rows = 100, strip = await deflated(new Uint8Array(rows * side * 12));
  return lyingTiff([side, side], new Array(side / rows).fill(strip), {
    Compression: [8],
    RowsPerStrip: { type: 4, numbers: [rows] },
  });
}

/** The text in an NPY header replaced by another of its length. */
function lyingNpy(bytes: Uint8Array, truth: string, lie: string): Uint8Array {
  const at = new TextDecoder("latin1").decode(bytes.subarray(0, 128)).indexOf(truth);
  ok(at > 0 && lie.length <= truth.length);
  const lying = bytes.slice();
  lying.set(new TextEncoder().encode(lie.padEnd(truth.length)), at);
  return lying;
}

/** Bad scans, made from the bytes of a good one of 64 × 64 with a table around its part. */
export async function badScans(good: Uint8Array): Promise<BadScan[]> {
  const { points } = await readScan("good", good), zeros = new Uint8Array(2 ** 20), nothing = new Uint8Array(12);
  const npy = writeNpy({ shape: [64, 64, 3], values: points });
  const zip = (size?: number) =>
    referenceZip([{ name: "xyz.npy", content: zeros, method: 8, ...size === undefined ? {} : { claims: { size } } }]);
  const scan = (width: number, height: number, point: (row: number, column: number, pixel: number) => number[]) => {
    const values = new Float32Array(3 * width * height);
    for (let i = 0; i < width * height; i++) values.set(point(Math.floor(i / width), i % width, i), 3 * i);
    return writeTiff({ width, height, samples: 3, values });
  };
  const measured = (pixel: number) => [...points.subarray(3 * pixel, 3 * pixel + 3)];
  const none = [0, 0, 0], inBorder = (i: number) => i < 10 || i > 53;
  const inside = Array.from({ length: 64 * 64 }, (_, i) => i).filter((i) => !inBorder(i >> 6) && !inBorder(i & 63));
  const top = inside.filter((i) => points[3 * i + 2] > 0).reduce((a, b) =>
    points[3 * b + 2] < points[3 * a + 2] ? b : a
  );
  const nearTop = (r: number, c: number) => Math.abs(r - (top >> 6)) <= 1 && Math.abs(c - (top & 63)) <= 1;

  return [
    ["empty.tiff", "malformed-file", /the file is empty/, new Uint8Array(0)],
    ["two-bytes.tiff", "malformed-file", /TIFF at byte \d+/, good.subarray(0, 2)],
    ["half.tiff", "malformed-file", /TIFF at byte \d+/, good.subarray(0, good.length >> 1)],
    ["no-end.tiff", "malformed-file", /TIFF at byte \d+/, good.subarray(0, good.length - 40)],
    ["wide.tiff", "malformed-file", /TIFF at byte \d+/, lyingTiff([10_000, 1000], [nothing])],
    ["huge.tiff", "file-too-large", /300000000 values, the limit is/, lyingTiff([10_000, 10_000], [nothing])],
    ["huge-indeed.tiff", "file-too-large", /300000000 values, the limit is/, await compactTiff(10_000)],
    ["short.tiff", "malformed-file", /TIFF at byte \d+/, lyingTiff([512, 512], [zeros], { Compression: [8] })],
    ["integers.tiff", "scan-refused", /integers/, lyingTiff([1, 1], [nothing], { SampleFormat: [1, 1, 1] })],
    [
      "grey.tiff",
      "scan-refused",
      /1 samples a pixel/,
      writeTiff({ width: 4, height: 4, samples: 1, values: new Float32Array(16) }),
    ],
    ["half.npy", "malformed-file", /NPY at byte \d+/, npy.subarray(0, npy.length >> 1)],
    ["header.npy", "malformed-file", /NPY at byte \d+/, npy.subarray(0, 60)],
    ["shape.npy", "malformed-file", /\(64, 99, 3\)/, lyingNpy(npy, "(64, 64, 3)", "(64, 99, 3)")],
    ["huge.npy", "file-too-large", /values, the limit is/, lyingNpy(npy, "(64, 64, 3)", "(999999999)")],
    ["flat.npy", "scan-refused", /4096 × 3/, writeNpy({ shape: [4096, 3], values: points })],
    ["pickled.npy", "unsupported-file", /pickled/, lyingNpy(npy, "'<f4'", "'|O'")],
    ["no-array.npz", "malformed-file", /NPY/, await zip()],
    ["huge.npz", "file-too-large", /bytes, the limit is/, await zip(2 ** 32 - 2)],
    ["bomb.npz", "malformed-file", /NPZ/, await zip(1000)],
    [
      "picture.png",
      "unsupported-file",
      /first bytes/,
      writePng({ width: 1, height: 1, channels: 1, values: zeros.subarray(0, 1) }),
    ],
    ["words.txt", "unsupported-file", /first bytes/, new TextEncoder().encode("x y z\n1 2 3\n")],
    ["nan.tiff", "scan-refused", /not one of its places/, scan(64, 64, () => [NaN, NaN, NaN])],
    [
      "infinite.tiff",
      "scan-refused",
      /not one of its places/,
      scan(64, 64, (r, c) => [r, c, r % 2 ? Infinity : -Infinity]),
    ],
    ["zeros.tiff", "scan-refused", /not one of its places/, scan(64, 64, () => none)],
    ["one-point.tiff", "scan-refused", /./, scan(64, 64, (r, c, i) => r === 32 && c === 32 ? measured(i) : none)],
    [
      "nine-points.tiff",
      "scan-refused",
      /\d+ points are left at map resolution, a normal needs 30/,
      scan(64, 64, (r, c, i) => inBorder(r) || inBorder(c) || nearTop(r, c) ? measured(i) : none),
    ],
    ["equal.tiff", "scan-refused", /a line or a point/, scan(64, 64, () => [0.01, 0.02, 0.6])],
    ["line.tiff", "scan-refused", /a line or a point/, scan(64, 64, (_r, _c, i) => [i / 1e5, i / 1e5, 0.6])],
    ["table-alone.tiff", "scan-refused", /no part on the table/, scan(64, 64, (r, c) => [c / 1000, r / 1000, 0.6])],
    [
      "far.tiff",
      "scan-refused",
      /float32 cannot tell millimetres/,
      scan(64, 64, (_r, _c, i) => measured(i).map((v) => v * 1e30)),
    ],
    [
      "millimetres.tiff",
      "scan-refused",
      /the file's unit/,
      scan(64, 64, (_r, _c, i) => measured(i).map((v) => v * 1000)),
    ],
    ["column.tiff", "scan-refused", /1 × 4096 pixels/, scan(1, 4096, (_r, _c, i) => measured(i))],
    ["row.tiff", "scan-refused", /4096 × 1 pixels/, scan(4096, 1, (_r, _c, i) => measured(i))],
    ["narrow.tiff", "scan-refused", /4 × 1024 pixels/, scan(4, 1024, (_r, _c, i) => measured(i))],
  ];
}
