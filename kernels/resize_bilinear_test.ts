import { ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { resizeBilinear } from "./resize_bilinear.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

type Size = readonly [number, number];

/** The definition in float64. */
function reference(values: ArrayLike<number>, [h, w]: Size, [toH, toW]: Size): number[] {
  const place = (i: number, n: number, to: number) => Math.max((i + 0.5) * n / to - 0.5, 0);
  const at = (r: number, c: number) => values[Math.min(r, h - 1) * w + Math.min(c, w - 1)];
  return Array.from({ length: toH * toW }, (_, i) => {
    const y = place(Math.floor(i / toW), h, toH), x = place(i % toW, w, toW), r = Math.floor(y), c = Math.floor(x);
    const row = (k: number) => at(k, c) * (1 - (x - c)) + at(k, c + 1) * (x - c);
    return row(r) * (1 - (y - r)) + row(r + 1) * (y - r);
  });
}

async function resize(gpu: Gpu, values: Float32Array<ArrayBuffer>, from: Size, to: Size, squared?: boolean) {
  using buffer = gpu.upload("f32", values), resized = resizeBilinear(gpu, { values: buffer, from, to, squared });
  return await gpu.read(resized);
}

for (
  const [from, to] of [[[1, 1], [3, 2]], [[5, 7], [11, 13]], [[28, 28], [224, 224]], [[40, 30], [9, 30]], [[4, 9], [
    4,
    9,
  ]]] as const
) {
  gpuTest(`resizeBilinear() equals float64: ${from.join(" × ")} to ${to.join(" × ")}`, async (gpu) => {
    const values = Float32Array.from({ length: from[0] * from[1] }, (_, i) => 50 * Math.sin(i * 1.7));
    const [plain, squared] = [await resize(gpu, values, from, to), await resize(gpu, values, from, to, true)];
    // The place is off by some roundings of 40, 4e-6 pixels, and neighbours differ by at most 100 (2,500 squared).
    reference(values, from, to).forEach((w, i) => ok(Math.abs(plain[i] - w) < 1e-3, `${i}: ${plain[i]}, not ${w}`));
    reference(values.map((v) => v * v), from, to).forEach((w, i) =>
      ok(Math.abs(squared[i] - w) < 3e-2, `${i}: ${squared[i]}, not ${w}`)
    );
  });
}

gpuTest("resizeBilinear() refuses an empty map and too few values", (gpu) => {
  using values = gpu.zeros("f32", 4);
  throws(() => resizeBilinear(gpu, { values, from: [2, 2], to: [0, 5] }), ShapeMismatch);
  throws(() => resizeBilinear(gpu, { values, from: [2, 3], to: [5, 5] }), ShapeMismatch);
});

const golden = (name: string) => sharedData(`golden/features/smooth_${name}.npy`);
gpuTest("resizeBilinear() has the golden map", async (gpu) => {
  const { values } = readNpy(readFileSync(golden("in")!)), want = readNpy(readFileSync(golden("up")!)).values;
  const got = await resize(gpu, Float32Array.from(values), [28, 28], [224, 224]);
  for (let i = 0; i < want.length; i++) ok(Math.abs(got[i] - want[i]) <= 1e-5, `${i}: ${got[i]}, not ${want[i]}`);
}, { ignore: !golden("in") });
