/** PNG against files written chunk by chunk, and the masks of MVTec 3D-AD. @module */
import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { encode } from "fast-png";
import { Uni3dadError } from "../errors.ts";
import { sharedData } from "../tests/shared_data.ts";
import { crc32 } from "./crc32.ts";
import { FileTooLarge, MalformedFile, UnsupportedFile, WriteRefused } from "./errors.ts";
import { readMask, readPng, writePng } from "./png.ts";
import { deflated } from "./tiff_reference.ts";

type Header = { width: number; height: number; depth: number; colour: number; interlace?: number };

/** A PNG from its header, its filtered rows and other chunks between them. */
async function png(
  { width, height, depth, colour, interlace = 0 }: Header,
  rows: number[],
  between: [string, number[]][] = [],
) {
  const chunk = (type: string, data: Iterable<number>) => {
    const body = Uint8Array.from([...new TextEncoder().encode(type), ...data]), bytes = new Uint8Array(body.length + 8);
    new DataView(bytes.buffer).setUint32(0, body.length - 4);
    bytes.set(body, 4);
    new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(body));
    return [...bytes];
  };
  const u32 = (n: number) => [n >>> 24, n >> 16 & 255, n >> 8 & 255, n & 255];
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...u32(width), ...u32(height), depth, colour, 0, 0, interlace]),
    ...between.flatMap(([type, data]) => chunk(type, data)),
    ...chunk("IDAT", await deflated(Uint8Array.from(rows))),
    ...chunk("IEND", []),
  ]);
}
const grey = { width: 3, height: 2, depth: 8, colour: 0 };
const greyRows = [0, 1, 2, 3, 2, 4, 5, 6]; // the second row by the filter "up"

Deno.test("readPng() reads grey, and undoes filters", async () => {
  deepStrictEqual(await readPng(await png(grey, greyRows)), {
    width: 3,
    height: 2,
    channels: 1,
    depth: 8,
    values: Uint8Array.of(1, 2, 3, 5, 7, 9),
  });
});

Deno.test("readPng() unpacks 1, 2 and 4 bits and turns a palette into RGB", async () => {
  const bits = await readPng(
    await png({ width: 10, height: 2, depth: 1, colour: 0 }, [0, 0b10110001, 0b11000000, 0, 0xff, 0]),
  );
  deepStrictEqual([...bits.values], [1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
  strictEqual(bits.depth, 1);
  const palette: [string, number[]][] = [["PLTE", [0, 0, 0, 255, 10, 20, 0, 0, 7]]];
  const colours = await readPng(await png({ width: 3, height: 1, depth: 2, colour: 3 }, [0, 0b00011000], palette));
  deepStrictEqual(colours, {
    width: 3,
    height: 1,
    channels: 3,
    depth: 8,
    values: Uint8Array.of(0, 0, 0, 255, 10, 20, 0, 0, 7),
  });
  await rejects(
    png({ width: 3, height: 1, depth: 2, colour: 3 }, [0, 0b11000000], palette).then(readPng),
    /pixel 0 has colour 3 of 3/,
  );
  await rejects(png({ width: 3, height: 1, depth: 2, colour: 3 }, [0, 0]).then(readPng), /has 0 palettes/);
});

Deno.test("readPng() reads 16 bits and Adam7", async () => {
  const wide = await readPng(await png({ width: 1, height: 1, depth: 16, colour: 2 }, [0, 1, 0, 0, 2, 255, 255]));
  deepStrictEqual([wide.channels, wide.values], [3, Uint16Array.of(256, 2, 65535)]);
  for (const [width, height] of [[1, 1], [3, 5], [9, 4], [17, 11]]) {
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => 7 * i);
    const interlaced = encode({ width, height, channels: 3, depth: 8, data }, { interlace: "Adam7" });
    deepStrictEqual((await readPng(interlaced)).values, data);
  }
  await rejects(png({ ...grey, depth: 1, interlace: 1 }, [0, 0]).then(readPng), UnsupportedFile);
});

Deno.test("readPng() refuses pixels that are not of the size that IHDR implies", async () => {
  await rejects(png(grey, greyRows.slice(1)).then(readPng), /ends after 7 of 8 bytes/);
  await rejects(png(grey, [...greyRows, 0]).then(readPng), /goes on after the announced 8 bytes/);
  await rejects(png({ ...grey, width: 8000, height: 8000 }, greyRows).then(readPng), /cannot hold the 64008000 bytes/);
  await rejects(png({ ...grey, width: 8193, height: 8192 }, greyRows).then(readPng), FileTooLarge);
  await rejects(png({ ...grey, width: 0 }, greyRows).then(readPng), MalformedFile);
  await rejects(png({ ...grey, depth: 3 }, greyRows).then(readPng), MalformedFile);
  await rejects(png(grey, [9, 1, 2, 3, 0, 4, 5, 6]).then(readPng), MalformedFile); // there is no filter 9
});

Deno.test("readPng() does not open profiles or texts, which may be bombs", async () => {
  const bomb = await deflated(new Uint8Array(2 ** 24));
  const profile: [string, number[]] = ["iCCP", [65, 0, 0, ...bomb]], text: [string, number[]] = ["tEXt", [0, 0]];
  const before = performance.now();
  deepStrictEqual((await readPng(await png(grey, greyRows, [profile, text]))).values, Uint8Array.of(1, 2, 3, 5, 7, 9));
  ok(performance.now() - before < 5000);
  await rejects(png(grey, greyRows, [["CRIT", []]]).then(readPng), UnsupportedFile);
});

Deno.test("readPng() refuses a wrong checksum and every truncation", async () => {
  const whole = await png(grey, greyRows);
  for (const at of [20, 29, 45]) {
    await rejects(readPng(whole.map((byte, i) => i === at ? byte ^ 1 : byte)), MalformedFile);
  }
  for (let end = 0; end < whole.length; end++) {
    await rejects(readPng(whole.subarray(0, end)), MalformedFile, `${end} bytes`);
  }
});

Deno.test("readPng() reads or refuses whatever stands in header and rows", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({
        width: fc.nat(9),
        height: fc.nat(9),
        depth: fc.constantFrom(1, 2, 4, 8, 16, 3),
        colour: fc.constantFrom(0, 2, 3, 4, 6, 1),
        interlace: fc.nat(2),
      }),
      fc.array(fc.nat(4), { maxLength: 400 }),
      fc.nat(5),
      async (header, noise, colours) => {
        const { width, height, depth, colour } = header, samples = [1, 0, 3, 1, 2, 0, 4][colour];
        const size = height * (1 + Math.ceil(width * samples * depth / 8)); // right unless interlaced
        const rows = Array.from({ length: size }, (_, i) => noise[i % (noise.length + 1)] ?? 255);
        const plte: [string, number[]][] = [["PLTE", new Array(3 * colours).fill(9)]];
        try {
          const { values, channels } = await readPng(await png(header, rows, plte));
          strictEqual(values.length, width * height * channels);
        } catch (e) {
          if (!(e instanceof Uni3dadError)) throw e;
        }
      },
    ),
    { numRuns: 3000, seed: 1 },
  ));

Deno.test("readMask() takes every value above 0 for anomalous, and alpha for nothing", async () => {
  const values = [0, 252, 253, 0, 255, 1];
  const want = { width: 3, height: 2, values: Uint8Array.of(0, 1, 1, 0, 1, 1) };
  deepStrictEqual(
    await readMask(writePng({ width: 3, height: 2, channels: 1, values: Uint8Array.from(values) })),
    want,
  );
  const rgba = Uint8Array.from(values.flatMap((v, i) => [0, 0, 0, 255].with(i % 3, v)));
  deepStrictEqual(await readMask(writePng({ width: 3, height: 2, channels: 4, values: rgba })), want);
  const wide = values.flatMap((v, i) => i === 3 ? [0, 0, 0, v] : [0, v]);
  deepStrictEqual(await readMask(await png({ ...grey, depth: 16 }, wide)), { ...want });
});

const masks = sharedData("data/mvtec3d/cable_gland/test/bent/gt");
Deno.test({
  name: "readMask() reads the ground truth of MVTec 3D-AD",
  ignore: !masks,
  fn: async () => {
    for (const { name } of Deno.readDirSync(masks!)) {
      const { width, height, values } = await readMask(await Deno.readFile(`${masks}/${name}`));
      deepStrictEqual([width, height], [400, 400]);
      const anomalous = values.reduce((a, b) => a + b, 0);
      ok(anomalous > 0 && anomalous < 400 * 400 / 2, `${name}: ${anomalous} pixels`);
      ok(values.every((v) => v < 2));
    }
  },
});

Deno.test("writePng() is read back, and gives the same bytes again", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(1 as const, 3 as const, 4 as const),
      fc.nat(255),
      async (width, height, channels, seed) => {
        const picture = {
          width,
          height,
          channels,
          values: Uint8Array.from({ length: width * height * channels }, (_, i) => seed + i * 37),
        };
        const bytes = writePng(picture);
        deepStrictEqual(await readPng(bytes), { ...picture, depth: 8 });
        deepStrictEqual(writePng(picture), bytes);
      },
    ),
    { numRuns: 100 },
  ));

Deno.test("writePng() refuses values that do not fill the picture", () => {
  throws(() => writePng({ width: 2, height: 2, channels: 1, values: new Uint8Array(3) }), WriteRefused);
  throws(() => writePng({ width: 1.5, height: 2, channels: 1, values: new Uint8Array(3) }), WriteRefused);
  throws(() => writePng({ width: 1, height: 1, channels: 2 as 1, values: new Uint8Array(2) }), WriteRefused);
});
