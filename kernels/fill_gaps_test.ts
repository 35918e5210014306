import { equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { fillGaps } from "./fill_gaps.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const NONE = 0xffffffff;

/** A map to fill, on the host. */
interface Scene {
  readonly map: Float32Array<ArrayBuffer>;
  readonly patchOf: Uint32Array<ArrayBuffer>;
  readonly depths: Float32Array<ArrayBuffer>;
  readonly size: number;
}
/** How to fill it. */
interface Fill {
  readonly reach: number;
  readonly usual: number;
  readonly most: number;
}

/** The definition, in float64. */
function reference({ map, patchOf, depths, size }: Scene, { reach, usual, most }: Fill): number[] {
  const deviation = reach / 3;
  return Array.from(map, (value, pixel) => {
    if (depths[pixel] === 0) return value;
    const row = Math.floor(pixel / size), column = pixel % size;
    let sum = 0, total = 0;
    for (let y = Math.max(0, row - reach); y <= Math.min(size - 1, row + reach); y++) {
      for (let x = Math.max(0, column - reach); x <= Math.min(size - 1, column + reach); x++) {
        if (patchOf[y * size + x] === NONE) continue;
        const weight = Math.exp(-((x - column) ** 2 + (y - row) ** 2) / (2 * deviation ** 2));
        sum += weight * map[y * size + x];
        total += weight;
      }
    }
    return sum / total + Math.min(most, Math.max(0, depths[pixel] - usual));
  });
}

async function fill(gpu: Gpu, { size, ...scene }: Scene, how: Fill): Promise<Float32Array> {
  using map = gpu.upload("f32", scene.map), patchOf = gpu.upload("u32", scene.patchOf);
  using depths = gpu.upload("f32", scene.depths), filled = fillGaps(gpu, { map, patchOf, depths, size, ...how });
  return await gpu.read(filled);
}

for (const [size, reach, usual, most] of [[5, 1, 0, 3], [33, 4, 1.5, 2], [40, 10, 0.25, 3], [12, 48, 0, 1]] as const) {
  gpuTest(`fillGaps() equals float64 on ${size}² pixels within ${reach}, at the border too`, async (gpu) => {
    const random = randomStream(size, "fill-gaps"), how = { reach, usual, most };
    const patchOf = Uint32Array.from({ length: size ** 2 }, (_, i) => i % size % 2 === 0 ? i : NONE); // each gap has a rim
    const map = Float32Array.from(patchOf, () => 4 * random.uniform()); // also where no patch is: that must not count
    const depths = Float32Array.from(patchOf, (patch) => patch === NONE ? random.integer(8) : 0);
    const scene = { map, patchOf, depths, size }, want = reference(scene, how), got = await fill(gpu, scene, how);
    // each term has the rounding of two weights, their product and its sum; of (2·reach + 1)² terms, in the sum and in the total; then five
    const bound = (2 * (Math.min(size, 2 * reach + 1) ** 2 + 4) + 5) * 2 ** -24 * (4 + most);
    want.forEach((value, i) => {
      if (depths[i] === 0) equal(got[i], map[i], `pixel ${i} lies in no gap`);
      else ok(Math.abs(got[i] - value) <= bound, `pixel ${i}: ${got[i]}, not ${value}`);
    });
    ok(depths.some((depth) => depth > 0));
  });
}

gpuTest("fillGaps() adds nothing for a gap as deep as usual, and no more than the most for any", async (gpu) => {
  const patchOf = Uint32Array.of(0, NONE, 1, 2, NONE, 3, 4, NONE, 5);
  const map = new Float32Array(9).fill(0.5), depths = Float32Array.of(0, 2, 0, 0, 2.5, 0, 0, 90, 0);
  const got = await fill(gpu, { map, patchOf, depths, size: 3 }, { reach: 1, usual: 2, most: 3 });
  const want = [0.5, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 3.5, 0.5]; // 0.5 is the mean of halves to a few roundings
  want.forEach((value, i) =>
    ok(Math.abs(got[i] - value) <= 24 * 2 ** -24 * 3.5, `pixel ${i}: ${got[i]}, not ${value}`)
  );
});

gpuTest("fillGaps() refuses a reach that cannot be, and maps of unequal size", (gpu) => {
  using map = gpu.zeros("f32", 16), patchOf = gpu.zeros("u32", 16), depths = gpu.zeros("f32", 16);
  using short = gpu.zeros("f32", 9), few = gpu.zeros("u32", 9);
  const whole = { map, patchOf, depths, size: 4, reach: 2, usual: 0, most: 3 };
  for (
    const wrong of [{ reach: 0 }, { reach: 49 }, { reach: 1.5 }, { size: 5 }, { map: short }, { patchOf: few }, {
      depths: short,
    }]
  ) {
    throws(() => fillGaps(gpu, { ...whole, ...wrong }), ShapeMismatch);
  }
});
