import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  FileTooLarge,
  MalformedFile,
  type NumberArray,
  UnsupportedFile,
  writeNpy,
  writePng,
  writeTiff,
} from "../formats/mod.ts";
import { referenceZip } from "../formats/npz_reference.ts";
import { readScan, type ReadScanOptions, ScanRefused } from "./mod.ts";

const values = Float32Array.of(1, 2, 3, 0, 0, 0, NaN, 5, 6, 7, Infinity, 9, 1, 1, -Infinity, 0, 0, 0.5);
const tiff = writeTiff({ width: 3, height: 2, samples: 3, values });
const npy = (numbers: NumberArray = values, shape: readonly number[] = [2, 3, 3]) =>
  writeNpy({ shape, values: numbers });
const zip = (...names: string[]) => referenceZip(names.map((name) => ({ name: `${name}.npy`, content: npy() })));

Deno.test("readScan() gives points, and no measurement where all is 0 or something is not finite", async () => {
  const scan = await readScan("a scan", tiff);
  deepEqual([scan.name, scan.width, scan.height, scan.truth], ["a scan", 3, 2, undefined]);
  deepEqual([...scan.valid], [1, 0, 0, 0, 0, 1]);
  deepEqual([...scan.points], [1, 2, 3, ...new Array(12).fill(0), 0, 0, 0.5]);
});

Deno.test("readScan() reads the same scan from TIFF, NPY and NPZ, float32 and float64, whatever the file is called", async () => {
  const wanted = await readScan("x.npy", tiff);
  for (const bytes of [npy(), npy(Float64Array.from(values)), await zip("anything"), await zip("other", "xyz")]) {
    deepEqual(await readScan("x.npy", bytes), wanted);
  }
});

Deno.test("readScan() brings units to metres, once, and rounds once", async () => {
  const inMillimetres = Float64Array.from([600.1, -0.7, 30], (v) => v);
  for (const [unit, metre] of [["m", 1], ["mm", 1e-3], ["um", 1e-6], ["inch", 0.0254]] as const) {
    const scan = await readScan("x", npy(inMillimetres, [1, 1, 3]), { unit });
    deepEqual(scan.points, Float32Array.from(inMillimetres, (v) => v * metre), unit);
  }
  equal((await readScan("x", npy())).points[0], 1, "metres unless said");
});

Deno.test("readScan() refuses a file with more points than asked for, before it unpacks any", async () => {
  for (const bytes of [tiff, npy(), await zip("xyz")]) {
    equal((await readScan("x", bytes, { mostPoints: 6 })).points.length, 18);
    await rejects(readScan("x", bytes, { mostPoints: 5 }), FileTooLarge);
  }
});

Deno.test("readScan() keeps a ground truth and leaves the bytes alone", async () => {
  const before = tiff.slice(), truth = { width: 3, height: 2, values: new Uint8Array(6) };
  equal((await readScan("x", tiff, { truth })).truth, truth);
  await readScan("x", tiff, { unit: "mm" });
  deepEqual(tiff, before);
});

Deno.test("readScan() refuses what is no grid of three coordinates, with the reason", async () => {
  const cases: [string, Uint8Array, new (...args: never[]) => Error, RegExp, ReadScanOptions?][] = [
    ["nothing", new Uint8Array(0), MalformedFile, /empty/],
    ["text", new TextEncoder().encode("1 2 3"), UnsupportedFile, /neither/],
    [
      "a picture",
      writePng({ width: 1, height: 1, channels: 1, values: new Uint8Array(1) }),
      UnsupportedFile,
      /neither/,
    ],
    [
      "a map",
      writeTiff({ width: 2, height: 1, samples: 1, values: new Float32Array(2) }),
      ScanRefused,
      /has 1 samples a pixel/,
    ],
    ["a list", npy(values, [6, 3]), ScanRefused, /shape is 6 × 3/],
    ["four coordinates", npy(new Float32Array(8), [1, 2, 4]), ScanRefused, /shape is 1 × 2 × 4/],
    ["a number", npy(new Float32Array(1), []), ScanRefused, /shape is \(\)/],
    ["arrays", await zip("a", "b"), ScanRefused, /holds a, b: call the scan's array xyz/],
  ];
  for (const [what, bytes, kind, says] of cases) {
    await rejects(readScan("x", bytes), (error: Error) => {
      ok(error instanceof kind && says.test(error.message), `${what}: ${error}`);
      return true;
    });
  }
});
