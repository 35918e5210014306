/** Every reader on damaged files, cut files and noise: it reads or refuses, with an error of its own, and comes to an end. @module */
import { ok } from "node:assert/strict";
import fc from "fast-check";
import { Uni3dadError } from "../errors.ts";
import { crc32 } from "./crc32.ts";
import {
  readMask,
  readNpy,
  readNpz,
  readPng,
  readSafetensors,
  readTiff,
  writeNpy,
  writePng,
  writeSafetensors,
  writeTiff,
} from "./mod.ts";
import { referenceZip } from "./npz_reference.ts";
import { inflate } from "./inflate.ts";
import { deflated, lzwOfLiterals, referenceTiff } from "./tiff_reference.ts";
import { unpackBits, unpackLzw } from "./tiff_unpack.ts";

const RUNS = 10_000;
const LONGEST = 5000; // ms for one file of some hundred bytes: a bound against hanging, far above any real time

/** `repair` makes the checksums right again after the damage, so that it gets behind them. */
type Target = {
  name: string;
  read: (bytes: Uint8Array) => unknown;
  seeds: Uint8Array[];
  repair?: (bytes: Uint8Array) => void;
};

/** Whether the bytes were read; refused otherwise. */
async function attempt(read: Target["read"], bytes: Uint8Array): Promise<boolean> {
  const start = performance.now();
  try {
    await read(bytes);
    return true;
  } catch (e) {
    if (!(e instanceof Uni3dadError)) throw e;
    return false;
  } finally {
    ok(performance.now() - start < LONGEST);
  }
}

function fuzz({ name, read, seeds, repair }: Target): void {
  const seed = fc.constantFrom(...seeds), at = fc.noBias(fc.nat(2 ** 31 - 1)); // taken modulo; with its bias nearly always next to 0
  const telling = fc.constantFrom([0], [255], [255, 255, 255, 255], [0, 0, 0, 0], [128], [127, 255, 255, 255]);
  const damage = fc.array(fc.tuple(at, fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 4 }), telling)), {
    minLength: 1,
    maxLength: 3,
  });
  const check = <T>(property: fc.IAsyncProperty<T>) => fc.assert(property, { numRuns: RUNS, seed: 1 });

  Deno.test(`${name}() reads or refuses ${RUNS} damaged files`, async () => {
    let reads = 0;
    await check(fc.asyncProperty(seed, damage, fc.boolean(), async (whole, places, repaired) => {
      const bytes = new Uint8Array(whole.length + 3).subarray(3); // a view that starts where no number is aligned
      bytes.set(whole);
      for (const [place, noise] of places) {
        const start = place % bytes.length;
        bytes.set(Uint8Array.from(noise).subarray(0, bytes.length - start), start);
      }
      if (repaired) repair?.(bytes);
      if (await attempt(read, bytes)) reads++;
    }));
    ok(reads > RUNS / 100 && reads < RUNS, `${reads} were read: the damage does not reach all of the reader`);
  });

  Deno.test(`${name}() reads or refuses ${RUNS} cut files`, () =>
    check(fc.asyncProperty(seed, at, at, async (whole, from, to) => {
      const middle = from % whole.length, end = to % whole.length;
      await attempt(read, whole.subarray(0, end));
      if (middle < end) await attempt(read, Uint8Array.from([...whole.subarray(0, middle), ...whole.subarray(end)]));
    })));

  Deno.test(`${name}() reads or refuses ${RUNS} times noise`, () =>
    check(fc.asyncProperty(seed, fc.nat(16), fc.uint8Array({ maxLength: 200 }), async (whole, kept, noise) => {
      await attempt(read, noise);
      await attempt(read, Uint8Array.from([...whole.subarray(0, kept), ...noise])); // behind a right beginning it goes deeper
    })));
}

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => i * i);
const page = { ImageWidth: [4], ImageLength: [3], BitsPerSample: [16], RowsPerStrip: [2] };
const packed = await Promise.all([16, 8].map((length) => deflated(bytesOf(length))));
const planes = {
  ImageWidth: [3],
  ImageLength: [2],
  BitsPerSample: [8, 8],
  SamplesPerPixel: [2],
  PlanarConfiguration: [2],
};

fuzz({
  name: "inflate",
  read: (bytes) => inflate(bytes, new Uint8Array(12), { format: "test", offset: 0, surplus: "ignore" }),
  seeds: [await deflated(bytesOf(12)), Uint8Array.from([...await deflated(bytesOf(12)), ...bytesOf(5)])],
});
fuzz({
  name: "unpackLzw",
  read: (bytes) => unpackLzw(bytes, new Uint8Array(32), 0),
  seeds: [lzwOfLiterals(bytesOf(32)), lzwOfLiterals(bytesOf(40))],
});
fuzz({
  name: "unpackBits",
  read: (bytes) => unpackBits(bytes, new Uint8Array(32), 0),
  seeds: [Uint8Array.of(241, 7, 1, 2, 3, 128, 245, 9, 1, 1, 1)],
});
fuzz({
  name: "readTiff",
  read: readTiff,
  seeds: [
    writeTiff({ width: 3, height: 2, samples: 3, values: Float32Array.from({ length: 18 }, (_, i) => i / 7) }),
    referenceTiff({ blocks: [bytesOf(16), bytesOf(8)], tags: page, bigEndian: true }),
    referenceTiff({ blocks: packed, tags: { ...page, Compression: [8], Predictor: [2] } }),
    referenceTiff({
      blocks: packed,
      tags: { ...page, Compression: [32946], Predictor: [3], SampleFormat: [3] },
      bigTiff: true,
    }),
    referenceTiff({
      blocks: [lzwOfLiterals(bytesOf(16)), lzwOfLiterals(bytesOf(8))],
      tags: { ...page, Compression: [5] },
    }),
    referenceTiff({
      blocks: [Uint8Array.of(241, 7), Uint8Array.of(1, 2, 3, 251, 9)],
      tags: { ...page, Compression: [32773] },
    }),
    referenceTiff({ blocks: new Array(4).fill(bytesOf(4)), tags: { ...planes, TileWidth: [2], TileLength: [2] } }),
    referenceTiff({ blocks: [bytesOf(6), bytesOf(6)], tags: planes, bigTiff: true, bigEndian: true }),
  ],
});

const array = writeNpy({ shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) });
const fortran = Uint8Array.from(array); // False to True and a space: the same length
fortran.set(new TextEncoder().encode("True "), new TextDecoder("latin1").decode(array).indexOf("False"));
fuzz({
  name: "readNpy",
  read: readNpy,
  seeds: [array, fortran, writeNpy({ shape: [2], values: Uint8Array.of(1, 2) })],
});

/** Rights the central directory's checksums of members that lie whole in the file and are stored. */
function repairZip(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const local = view.getUint32(at + 42, true), size = view.getUint32(at + 20, true);
    if (local + 30 > bytes.length) continue;
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    view.setUint32(at + 16, crc32(bytes.subarray(start, start + size)), true);
  }
}
fuzz({
  name: "readNpz",
  read: readNpz,
  seeds: [
    await referenceZip([{ name: "xyz.npy", content: array }]),
    await referenceZip([{ name: "a.npy", content: fortran, method: 8 }, { name: "b.txt", content: array }]),
  ],
  repair: repairZip,
});

/** Rights the checksums of all chunks that can still be found. */
function repairPng(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) return;
    view.setUint32(end - 4, crc32(bytes.subarray(at + 4, end - 4)));
    at = end;
  }
}
const pictures = ([1, 3, 4] as const).map((channels) =>
  writePng({ width: 5, height: 4, channels, values: bytesOf(20 * channels) })
);
fuzz({ name: "readPng", read: readPng, seeds: pictures, repair: repairPng });
fuzz({ name: "readMask", read: readMask, seeds: pictures, repair: repairPng });

fuzz({
  name: "readSafetensors",
  read: readSafetensors,
  seeds: [
    writeSafetensors(
      new Map([["bank", { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }], ["ids", {
        shape: [3],
        values: Uint8Array.of(1, 2, 3),
      }]]),
      { format: "1" },
    ),
    writeSafetensors(new Map()),
  ],
});
