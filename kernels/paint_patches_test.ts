import { deepStrictEqual } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { paintPatches } from "./paint_patches.ts";

gpuTest("paintPatches() gives each pixel its patch's value, and 0 where there is none", async (gpu) => {
  using values = gpu.upload("f32", Float32Array.of(3, 5)),
    patchOf = gpu.upload("u32", Uint32Array.of(1, 0xffffffff, 0, 0, 1, 2));
  using map = paintPatches(gpu, { values, patchOf });
  deepStrictEqual([...await gpu.read(map)], [5, 0, 3, 3, 5, 0]);
});

gpuTest("paintPatches() paints more pixels than one workgroup has", async (gpu) => {
  const v = Float32Array.from({ length: 70 }, (_, i) => Math.sin(i));
  const patches = Uint32Array.from({ length: 1000 }, (_, i) => i % 3 === 0 ? 0xffffffff : (i * 31) % 70);
  using values = gpu.upload("f32", v),
    patchOf = gpu.upload("u32", patches),
    map = paintPatches(gpu, { values, patchOf });
  deepStrictEqual([...await gpu.read(map)], [...patches].map((patch) => v[patch] ?? 0));
});
