/** writeTiff() against readTiff() and its documented layout. @module */
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { WriteRefused } from "./errors.ts";
import { readTiff } from "./tiff.ts";
import { writeTiff } from "./tiff_write.ts";

Deno.test("writeTiff() is read back bit by bit, NaN and -0 too", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom(1 as const, 3 as const),
      fc.infiniteStream(fc.float()),
      async (width, height, samples, stream) => {
        const values = Float32Array.from({ length: width * height * samples }, () => stream.next().value!);
        const read = await readTiff(writeTiff({ width, height, samples, values }));
        deepStrictEqual(read, { width, height, samples, kind: "float", values });
      },
    ),
    { numRuns: 200 },
  ));

Deno.test("writeTiff() has the layout of a HALCON file: pixels at byte 8, the directory behind them, 11 ascending tags", () => {
  const bytes = writeTiff({ width: 2, height: 1, samples: 3, values: Float32Array.of(1, 2, 3, 4, 5, 6) }),
    view = new DataView(bytes.buffer);
  strictEqual(view.getUint32(0), 0x49492a00);
  deepStrictEqual([0, 1, 2, 3, 4, 5].map((i) => view.getFloat32(8 + 4 * i, true)), [1, 2, 3, 4, 5, 6]);
  const directory = view.getUint32(4, true);
  strictEqual(directory, 8 + 24);
  const tags = Array.from(
    { length: view.getUint16(directory, true) },
    (_, i) => view.getUint16(directory + 2 + 12 * i, true),
  );
  deepStrictEqual(tags, [256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 339]);
  strictEqual(view.getUint32(directory + 2 + 12 * tags.length, true), 0); // no next page
});

Deno.test("writeTiff() refuses values that do not fill the image", () => {
  const values = new Float32Array(6);
  throws(() => writeTiff({ width: 2, height: 2, samples: 3, values }), WriteRefused);
  throws(() => writeTiff({ width: 0, height: 1, samples: 1, values }), WriteRefused);
  throws(() => writeTiff({ width: 3, height: 1, samples: 2 as 3, values }), WriteRefused);
});
