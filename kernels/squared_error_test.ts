import { deepEqual, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf, goldenArray, goldenIsThere } from "../tests/golden_arrays.ts";
import { scattered } from "./nearest_row_reference.ts";
import type { Rows } from "./rows.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { squaredError } from "./squared_error.ts";
import { uploadRows } from "./upload_rows.ts";

const golden = (name: string) => goldenArray(`ops/${name}`).values;

/** Values of the first column; the others must be 0. */
async function scoresOf(gpu: Gpu, { values }: Rows): Promise<Float32Array> {
  const padded = await gpu.read(values);
  ok(padded.every((v, i) => i % 4 === 0 || v === 0));
  return padded.filter((_, i) => i % 4 === 0);
}

const near = (got: ArrayLike<number>, want: ArrayLike<number>, bound: number) => {
  deepEqual(got.length, want.length);
  for (let i = 0; i < want.length; i++) ok(Math.abs(got[i] - want[i]) <= bound, `${i}: ${got[i]}, not ${want[i]}`);
};

for (const count of [1, 5, 24]) {
  gpuTest(`squaredError() and its gradient equal float64 on ${count} scores`, async (gpu) => {
    const y = scattered(count, 1), goal = 0.75, weight = 0.3;
    const loss = (scores: ArrayLike<number>) =>
      weight * Array.from(scores).reduce((sum, v) => sum + (v - goal) ** 2, 0) / count;
    using scores = uploadRows(gpu, y, 1), into = gpu.upload("f32", Float32Array.of(7, 2, 7));
    using gradient = squaredError(gpu, { scores, goal, weight, into, at: 1 });
    const losses = await gpu.read(into), want = loss(y), step = 1e-4;
    deepEqual([losses[0], losses[2]], [7, 7]);
    near([losses[1]], [2 + want], (count + 6) * 2 ** -24 * (2 + want));
    const slopes = Array.from(y, (_, i) => {
      const moved = (by: number) => loss(Array.from(y, (v, j) => j === i ? v + by : v));
      return (moved(step) - moved(-step)) / (2 * step);
    });
    near(await scoresOf(gpu, gradient), slopes, 5 * 2 ** -24 * 9 + 1e-8); // the differences of float64 are good to 1e-8
  });
}

gpuTest("squaredError() equals the golden losses of both sides", async (gpu) => {
  using real = uploadRows(gpu, golden("lsgan_d/in_real"), 1),
    fake = uploadRows(gpu, golden("lsgan_d/in_fake"), 1);
  using made = uploadRows(gpu, golden("lsgan_g/in_fake"), 1), into = gpu.zeros("f32", 2);
  using ofReal = squaredError(gpu, { scores: real, goal: 1, weight: 0.5, into, at: 0 });
  using ofFake = squaredError(gpu, { scores: fake, goal: 0, weight: 0.5, into, at: 0 });
  using ofMade = squaredError(gpu, { scores: made, goal: 1, weight: 1, into, at: 1 });
  const pairs = [
    [await gpu.read(into), [golden("lsgan_d/out")[0], golden("lsgan_g/out")[0]]],
    [await scoresOf(gpu, ofReal), golden("lsgan_d/grad_real")],
    [await scoresOf(gpu, ofFake), golden("lsgan_d/grad_fake")],
    [await scoresOf(gpu, ofMade), golden("lsgan_g/grad_fake")],
  ];
  for (const [got, want] of pairs) ok(errorOf(got, want) <= 2e-6);
}, { ignore: !goldenIsThere });

gpuTest("squaredError() refuses no scores, several columns, and a place outside the losses", (gpu) => {
  using scores = uploadRows(gpu, [1, 2], 1), none = uploadRows(gpu, [], 1), wide = uploadRows(gpu, [1, 2], 2);
  using into = gpu.zeros("f32", 2);
  const term = { goal: 1, weight: 1, into, at: 0 };
  for (const bad of [none, wide]) throws(() => squaredError(gpu, { ...term, scores: bad }), ShapeMismatch);
  for (const at of [2, -1, 0.5]) throws(() => squaredError(gpu, { ...term, scores, at }), ShapeMismatch);
});
