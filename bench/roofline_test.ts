/** @module */
import { deepEqual, equal } from "node:assert/strict";
import { adapterSlug } from "./history.ts";
import { roofline } from "./roofline.ts";
import { median } from "./timed.ts";

const peaks = { flops: 100, bytes: 10 };

Deno.test("roofline() takes the scarcer of arithmetic and memory as the bound", () => {
  const time = { median: 4, least: 3, wall: 5 };
  deepEqual(roofline({ flops: 200, bytes: 10 }, time, peaks), { ...time, bound: "flops", fraction: 0.5 });
  deepEqual(roofline({ flops: 100, bytes: 80 }, time, peaks), { ...time, bound: "bytes", fraction: 2 });
});

Deno.test("median() of odd and even numbers of values, whatever their order", () => {
  equal(median([5, 1, 30]), 5);
  equal(median([4, 1, 30, 2]), 3);
});

Deno.test("adapterSlug() is a file name", () => {
  equal(adapterSlug("llvmpipe (LLVM 15.0.6, 256 bits)"), "llvmpipe-llvm-15-0-6-256-bits");
  equal(adapterSlug("()"), "unknown");
});
