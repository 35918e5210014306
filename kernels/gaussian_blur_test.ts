import { ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { gaussianBlur } from "./gaussian_blur.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

type Edge = "repeat" | "zero";

/** The definition in float64, not separated. */
function reference(values: ArrayLike<number>, width: number, height: number, sigma: number, edge: Edge): number[] {
  const radius = Math.ceil(4 * sigma), reach = Array.from({ length: 2 * radius + 1 }, (_, i) => i - radius);
  const weight = (t: number) => Math.exp(-(t * t) / (2 * sigma * sigma));
  const total = reach.reduce((sum, t) => sum + weight(t), 0);
  const held = (x: number, n: number) => Math.min(Math.max(x, 0), n - 1);
  return Array.from({ length: width * height }, (_, i) => {
    let sum = 0;
    for (const dy of reach) {
      for (const dx of reach) {
        const y = Math.floor(i / width) + dy, x = i % width + dx, inside = y >= 0 && x >= 0 && y < height && x < width;
        if (inside || edge === "repeat") {
          sum += weight(dy) * weight(dx) * values[held(y, height) * width + held(x, width)];
        }
      }
    }
    return sum / (total * total);
  });
}

async function blur(
  gpu: Gpu,
  map: Float32Array<ArrayBuffer>,
  width: number,
  height: number,
  sigma: number,
  edge: Edge,
) {
  using values = gpu.upload("f32", map), blurred = gaussianBlur(gpu, { values, width, height, sigma, edge });
  return await gpu.read(blurred);
}

for (const [width, height, sigma] of [[1, 1, 1], [23, 17, 2.3], [5, 40, 4], [30, 8, 0.2]] as const) {
  for (const edge of ["repeat", "zero"] as const) {
    gpuTest(`gaussianBlur() equals float64: ${width} × ${height}, σ ${sigma}, edge ${edge}`, async (gpu) => {
      const map = Float32Array.from({ length: width * height }, (_, i) => 10 * Math.sin(i * i));
      const got = await blur(gpu, map, width, height, sigma, edge);
      // two sums of at most 33 terms below 10 whose weights sum to 1: 2 × 34 roundings of 10 × 2^-24
      reference(map, width, height, sigma, edge).forEach((w, i) =>
        ok(Math.abs(got[i] - w) <= 5e-5, `${i}: ${got[i]}, not ${w}`)
      );
    });
  }
}

gpuTest("gaussianBlur() takes a σ whose sum is long", async (gpu) => {
  const got = await blur(gpu, new Float32Array(600).fill(3), 30, 20, 7_000, "repeat"); // 56,001 terms
  for (const v of got) ok(Math.abs(v - 3) < 1e-2, `${v}`);
});

gpuTest("gaussianBlur() refuses σ 0 and too few values", (gpu) => {
  using values = gpu.zeros("f32", 4);
  throws(() => gaussianBlur(gpu, { values, width: 2, height: 2, sigma: 0, edge: "zero" }), ShapeMismatch);
  throws(() => gaussianBlur(gpu, { values, width: 2, height: 3, sigma: 1, edge: "zero" }), ShapeMismatch);
});

const golden = (name: string) => sharedData(`golden/features/smooth_${name}.npy`);
gpuTest("gaussianBlur() has the golden map", async (gpu) => {
  const { values } = readNpy(readFileSync(golden("up")!)), want = readNpy(readFileSync(golden("gauss")!)).values;
  const got = await blur(gpu, Float32Array.from(values), 224, 224, 4, "repeat");
  for (let i = 0; i < want.length; i++) ok(Math.abs(got[i] - want[i]) <= 1e-4, `${i}: ${got[i]}, not ${want[i]}`);
}, { ignore: !golden("up") });
