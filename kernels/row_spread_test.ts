import { deepStrictEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { rowSpread } from "./row_spread.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

gpuTest("rowSpread() measures each distance by its own row", async (gpu) => {
  using distances = gpu.upload("f32", Float32Array.of(3, 3, 0, 8)),
    rows = gpu.upload("u32", Uint32Array.of(0, 1, 0, 2));
  using spread = gpu.upload("f32", Float32Array.of(1, 2, 4, 0.5, 5, 0)); // exact in float32
  using z = rowSpread(gpu, { distances, rows, spread });
  deepStrictEqual([...await gpu.read(z)], [4, -0.5, -2, 0]);
});

gpuTest("rowSpread() refuses fewer rows than distances", (gpu) => {
  using distances = gpu.zeros("f32", 3), rows = gpu.zeros("u32", 2), spread = gpu.zeros("f32", 2);
  throws(() => rowSpread(gpu, { distances, rows, spread }), ShapeMismatch);
});
