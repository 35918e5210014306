import { deepStrictEqual, ok, throws } from "node:assert/strict";
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

gpuTest("rowSpread() equals float64 for more patches than one workgroup has", async (gpu) => {
  const count = 300, bank = 40, d = Float32Array.from({ length: count }, (_, i) => 3 + 3 * Math.sin(i));
  const own = Uint32Array.from({ length: count }, (_, i) => (i * 7) % bank);
  const s = Float32Array.from({ length: 2 * bank }, (_, i) => i % 2 === 0 ? 2 + Math.cos(i) : 1 / (1 + i % 5));
  using distances = gpu.upload("f32", d), rows = gpu.upload("u32", own), spread = gpu.upload("f32", s);
  using z = rowSpread(gpu, { distances, rows, spread });
  const got = await gpu.read(z);
  d.forEach((v, i) => {
    const want = (v - s[2 * own[i]]) * s[2 * own[i] + 1];
    ok(Math.abs(got[i] - want) <= 2 * 2 ** -24 * Math.abs(want) + 2 ** -140, `patch ${i}: ${got[i]}, not ${want}`); // two roundings
  });
});
