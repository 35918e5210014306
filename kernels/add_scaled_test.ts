import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { addScaled } from "./add_scaled.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

gpuTest("addScaled() adds a share, and refuses unequal lengths", async (gpu) => {
  using values = gpu.upload("f32", Float32Array.of(8, 0, -4)), to = gpu.upload("f32", Float32Array.of(1, 2, 3));
  using short = gpu.zeros("f32", 2);
  addScaled(gpu, { values, to, factor: 0.25 });
  deepStrictEqual([...await gpu.read(to)], [3, 2, 2]);
  addScaled(gpu, { values, to, factor: 0.25, keep: 0.5 });
  deepStrictEqual([...await gpu.read(to)], [3.5, 1, 0]);
  throws(() => addScaled(gpu, { values: short, to, factor: 1 }), ShapeMismatch);
});

gpuTest("addScaled() equals float64 on more numbers than one workgroup has", async (gpu) => {
  const a = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i)), b = a.map((_, i) => Math.cos(3 * i));
  using values = gpu.upload("f32", a), to = gpu.upload("f32", b);
  addScaled(gpu, { values, to, factor: 0.3 });
  const got = await gpu.read(to), bound = (2 * 0.3 + 1.3) * 2 ** -24; // the factor's, the product's and the sum's rounding
  a.forEach((v, i) => ok(Math.abs(got[i] - (b[i] + 0.3 * v)) <= bound, `${i}: ${got[i]}, not ${b[i] + 0.3 * v}`));
});
