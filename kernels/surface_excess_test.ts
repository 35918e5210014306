import { deepEqual, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { surfaceExcess } from "./surface_excess.ts";

/** Depths of pixels on the host; undefined where a pixel has no point. */
interface Scene {
  readonly depths: readonly (number | undefined)[];
  readonly envelope: Float32Array<ArrayBuffer>;
  readonly allowance: number;
}

/** The definition in float64. */
function reference({ depths, envelope, allowance }: Scene): number[] {
  return depths.map((z, p) => {
    const least = envelope[2 * p], most = envelope[2 * p + 1];
    return z === undefined || least > most ? 0 : 1000 * Math.max(0, z - most - allowance, least - z - allowance);
  });
}

async function excessOf(gpu: Gpu, { depths, envelope, allowance }: Scene): Promise<number[]> {
  const kept = depths.filter((z) => z !== undefined);
  let next = 0;
  const order = Uint32Array.from(depths, (z) => z === undefined ? 0xffffffff : next++);
  using points = gpu.upload("f32", Float32Array.from(kept.flatMap((z) => [8, 8, z, 8])));
  using pointOf = gpu.upload("u32", order), between = gpu.upload("f32", envelope);
  using excess = surfaceExcess(gpu, { points, pointOf, envelope: between, allowance });
  return [...await gpu.read(excess)];
}

for (const pixels of [1, 64, 5000]) {
  gpuTest(`surfaceExcess() equals the definition on ${pixels} pixels`, async (gpu) => {
    const random = randomStream(pixels, "surface-excess"), allowance = Math.fround(0.0003);
    const depth = () => Math.fround(0.45 + 0.01 * random.uniform());
    const depths = Array.from({ length: pixels }, (_, p) => p % 5 === 4 ? undefined : depth());
    const envelope = Float32Array.from({ length: 2 * pixels });
    for (let p = 0; p < pixels; p++) {
      const pair = [depth(), depth()].sort((a, b) => a - b);
      envelope.set(p % 7 === 6 ? [1, -1] : pair, 2 * p);
    }
    const got = await excessOf(gpu, { depths, envelope, allowance }), want = reference({ depths, envelope, allowance });
    // differences of neighbouring depths are exact; taking off the allowance and the factor are rounded, of at most 10 mm
    got.forEach((value, p) => ok(Math.abs(value - want[p]) <= 10 * 3 * 2 ** -24, `${p}: ${value}, not ${want[p]}`));
    if (pixels === 5000) {
      ok(want.filter((value) => value > 0).length > 1000 && want.filter((v) => v === 0).length > 1000);
    }
  });
}

gpuTest("surfaceExcess() above, below, within and beside shapes, by hand", async (gpu) => {
  const envelope = Float32Array.of(...[2, 3], ...[2, 3], ...[2, 3], ...[2, 3], ...[2, 3], ...[1, -1], ...[2, 3], ...[
    -3,
    -2,
  ]);
  const depths = [4, 1.5, 2.5, 3.25, 1.75, 4, undefined, -4];
  const got = await excessOf(gpu, { depths, envelope, allowance: 0.25 });
  deepEqual(got, [750, 250, 0, 0, 0, 0, 0, 750]);
});

gpuTest("surfaceExcess() refuses buffers that do not fit, and an allowance below 0", (gpu) => {
  using points = gpu.zeros("f32", 16), pointOf = gpu.zeros("u32", 4), envelope = gpu.zeros("f32", 8);
  using short = gpu.zeros("f32", 7), none = gpu.zeros("u32", 0);
  const whole = { points, pointOf, envelope, allowance: 0 };
  const wrong = [{ points: short }, { envelope: short }, { pointOf: none }, { allowance: -1 }, { allowance: NaN }];
  for (const change of wrong) throws(() => surfaceExcess(gpu, { ...whole, ...change }), ShapeMismatch);
});
