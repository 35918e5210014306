import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { pillowBlur } from "./pillow_blur.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** One box blur along lines, with the integers that Pillow has at radius 4. */
function boxAt4(grey: number[], width: number, height: number, step: "row" | "column"): number[] {
  const held = (x: number, n: number) => Math.min(Math.max(x, 0), n - 1);
  return grey.map((_, i) => {
    const y = Math.floor(i / width), x = i % width;
    const at = (t: number) =>
      step === "row" ? grey[y * width + held(x + t, width)] : grey[held(y + t, height) * width + x];
    const inner = [-3, -2, -1, 0, 1, 2, 3].reduce((sum, t) => sum + at(t), 0);
    return Math.floor((2130440 * inner + 932068 * (at(-4) + at(4)) + 2 ** 23) / 2 ** 24);
  });
}

async function blur(gpu: Gpu, map: Float32Array<ArrayBuffer>, width: number, height: number, radius?: number) {
  using values = gpu.upload("f32", map), blurred = pillowBlur(gpu, { values, width, height, radius });
  return await gpu.read(blurred);
}

for (const [width, height] of [[1, 1], [3, 2], [31, 20]] as const) {
  gpuTest(`pillowBlur() equals Pillow's integers on ${width} × ${height}`, async (gpu) => {
    // maximum 255, values a half above integers below it: the 8-bit values are sure
    const grey = Array.from({ length: width * height }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
    const map = Float32Array.from(grey, (v, i) => i === 0 ? 255 : Math.min(v, 253) + 0.5);
    let want = Array.from(map, Math.floor);
    for (const step of ["row", "row", "row", "column", "column", "column"] as const) {
      want = boxAt4(want, width, height, step);
    }
    const got = await blur(gpu, map, width, height);
    want.forEach((w, i) => ok(Math.abs(got[i] - w) < 1e-4, `${i}: ${got[i]}, not ${w}`)); // levels are 1 apart
  });
}

gpuTest("pillowBlur() gives zeros for a map of zeros, and leaves a constant map as it is", async (gpu) => {
  deepEqual([...await blur(gpu, new Float32Array(12), 4, 3)], Array(12).fill(0));
  for (const v of await blur(gpu, new Float32Array(12).fill(3.7), 4, 3)) equal(v, Math.fround(3.7));
});

gpuTest("pillowBlur() with radius 0 only rounds down to 8 bits", async (gpu) => {
  deepEqual([...await blur(gpu, Float32Array.of(255, 100.9, 7.2, 0.5), 2, 2, 0)], [255, 100, 7, 0]);
});

gpuTest("pillowBlur() refuses a radius below 0 and too few values", (gpu) => {
  using values = gpu.zeros("f32", 4);
  throws(() => pillowBlur(gpu, { values, width: 2, height: 2, radius: -1 }), ShapeMismatch);
  throws(() => pillowBlur(gpu, { values, width: 2, height: 3 }), ShapeMismatch);
});

const golden = (name: string) => sharedData(`golden/features/smooth_${name}.npy`);
gpuTest("pillowBlur() has Pillow's map", async (gpu) => {
  const { values } = readNpy(readFileSync(golden("up")!)), want = readNpy(readFileSync(golden("pil")!)).values;
  const map = Float32Array.from(values), level = map.reduce((a, b) => Math.max(a, b)) / 255;
  const got = await blur(gpu, map, 224, 224);
  let flipped = 0;
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs(got[i] - want[i]);
    ok(error <= 1.001 * level, `${i}: ${got[i]}, not ${want[i]}`);
    if (error > 1e-5) flipped++;
  }
  ok(flipped <= 0.01 * want.length, `${flipped} pixels differ by a level`);
}, { ignore: !golden("up") });
