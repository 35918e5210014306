/** inflate() against the platform's own compressor. @module */
import { deepStrictEqual, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { MalformedFile } from "./errors.ts";
import { inflate, type InflateOptions } from "./inflate.ts";
import { deflated } from "./tiff_reference.ts";

const place = { format: "test", offset: 100 };
async function inflated(bytes: Uint8Array, size: number, options: Partial<InflateOptions> = {}) {
  const into = new Uint8Array(size);
  await inflate(bytes, into, { ...place, ...options });
  return into;
}

Deno.test("inflate() undoes deflate, with and without a wrapper", () =>
  fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom("deflate" as const, "deflate-raw" as const),
      async (bytes, wrapper) => {
        deepStrictEqual(
          await inflated(await deflated(bytes as Uint8Array<ArrayBuffer>, wrapper), bytes.length, { wrapper }),
          bytes,
        );
      },
    ),
    { numRuns: 200 },
  ));

Deno.test("inflate() undoes a stream of many slices", async () => {
  const bytes = Uint8Array.from({ length: 3e5 }, (_, i) => 1e5 * Math.sin(i)), packed = await deflated(bytes);
  ok(packed.length > 2 ** 16);
  deepStrictEqual(await inflated(packed, bytes.length), bytes);
  deepStrictEqual(
    await inflated(Uint8Array.from([...packed, ...new Array(20000).fill(3)]), bytes.length, { surplus: "ignore" }),
    bytes,
  );
});

Deno.test("inflate() refuses a stream that ends early, goes on, is damaged or has bytes behind it", async () => {
  const packed = await deflated(Uint8Array.from({ length: 500 }, (_, i) => i * i));
  await rejects(inflated(packed, 501), /ends after 500 of 501 bytes/);
  await rejects(inflated(packed, 499), /goes on after the announced 499 bytes/);
  await rejects(inflated(packed.subarray(0, 100), 500), MalformedFile);
  await rejects(inflated(packed.map((byte, i) => i === 40 ? byte ^ 255 : byte), 500), MalformedFile);
  await rejects(inflated(Uint8Array.from([...packed, 0]), 500), /the deflate stream is damaged/);
  await rejects(inflated(new Uint8Array(0), 1), MalformedFile);
});

Deno.test("inflate() takes no wrong checksum for padding", async () => {
  const packed = await deflated(Uint8Array.from({ length: 500 }, (_, i) => i * i)), wrong = packed.slice();
  wrong[wrong.length - 1] ^= 1;
  await rejects(inflated(wrong, 500, { surplus: "ignore" }), MalformedFile);
  await rejects(inflated(Uint8Array.from([...wrong, 1, 2, 3]), 500, { surplus: "ignore" }), MalformedFile);
});

Deno.test("inflate() leaves a bomb after its first slices", async () => {
  const bomb = await deflated(new Uint8Array(2 ** 27)); // 134 MB in 130 kB
  const before = performance.now();
  await rejects(inflated(bomb, 1000), /goes on after the announced 1000 bytes/);
  const one = performance.now() - before;
  await inflated(bomb, 1000, { surplus: "ignore" });
  ok(one < 5000, `${one} ms`); // a bound against hanging, not a measurement
});
