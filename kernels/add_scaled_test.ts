import { deepStrictEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { addScaled } from "./add_scaled.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

gpuTest("addScaled() adds a share, and refuses unequal lengths", async (gpu) => {
  using values = gpu.upload("f32", Float32Array.of(8, 0, -4)), to = gpu.upload("f32", Float32Array.of(1, 2, 3));
  using short = gpu.zeros("f32", 2);
  addScaled(gpu, { values, to, factor: 0.25 });
  deepStrictEqual([...await gpu.read(to)], [3, 2, 2]);
  throws(() => addScaled(gpu, { values: short, to, factor: 1 }), ShapeMismatch);
});
