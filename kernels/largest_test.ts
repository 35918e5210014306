import { deepEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { largest } from "./largest.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

async function find(gpu: Gpu, values: Float32Array<ArrayBuffer>, count?: number) {
  using buffer = gpu.upload("f32", values), found = largest(gpu, buffer, count);
  const [[value], [index]] = await Promise.all([gpu.read(found.value), gpu.read(found.index)]);
  return [value, index];
}

gpuTest("largest() finds the first of equal values, across its runs", async (gpu) => {
  const values = new Float32Array(100_000).fill(-3);
  for (const i of [70_000, 70_001, 99_999]) values[i] = 2.5;
  deepEqual(await find(gpu, values), [2.5, 70_000]);
  deepEqual(await find(gpu, values, 70_000), [-3, 0]);
  deepEqual(await find(gpu, Float32Array.of(-1)), [-1, 0]);
});

gpuTest("largest() goes through more values than the loop limit", async (gpu) => {
  const values = Float32Array.from({ length: 3_000_000 }, (_, i) => i % 1_000_000);
  deepEqual(await find(gpu, values), [999_999, 999_999]);
});

gpuTest("largest() refuses no values and more than there are", (gpu) => {
  using buffer = gpu.zeros("f32", 3);
  throws(() => largest(gpu, buffer, 0), ShapeMismatch);
  throws(() => largest(gpu, buffer, 4), ShapeMismatch);
});
