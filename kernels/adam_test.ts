import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf, goldenArray, goldenIsThere } from "../tests/golden_arrays.ts";
import { adam } from "./adam.ts";
import { scattered } from "./nearest_row_reference.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const golden = (name: string) => goldenArray(`ops/adam/${name}`).values;

const settings = { rate: 1e-2, beta1: 0.5, beta2: 0.99 };

/** Parameters after each step, for the gradients of each step. */
async function steps(
  gpu: Gpu,
  start: Float32Array<ArrayBuffer>,
  gradientsOf: readonly Float32Array[],
  { ...options } = settings,
) {
  const count = start.length, after: Float32Array[] = [];
  using parameters = gpu.upload("f32", start), first = gpu.zeros("f32", count), second = gpu.zeros("f32", count);
  for (const [t, values] of gradientsOf.entries()) {
    using gradients = gpu.upload("f32", Float32Array.from(values));
    adam(gpu, { parameters, gradients, first, second, ...options, step: t + 1 });
    after.push(await gpu.read(parameters));
    ok((await gpu.read(gradients)).every((g) => g === 0));
  }
  return after;
}

/** The definition in float64. */
function reference(
  start: ArrayLike<number>,
  gradientsOf: readonly ArrayLike<number>[],
  { rate, beta1, beta2 } = settings,
) {
  const theta = Float64Array.from(start), m = theta.map(() => 0), v = theta.map(() => 0);
  return gradientsOf.map((gradients, t) => {
    theta.forEach((_, i) => {
      m[i] = beta1 * m[i] + (1 - beta1) * gradients[i];
      v[i] = beta2 * v[i] + (1 - beta2) * gradients[i] ** 2;
      theta[i] -= rate * (m[i] / (1 - beta1 ** (t + 1))) / (Math.sqrt(v[i] / (1 - beta2 ** (t + 1))) + 1e-8);
    });
    return Float64Array.from(theta);
  });
}

for (const count of [1, 4, 7, 65, 300_001]) { // the last takes invocations in y
  for (const beta1 of [0, 0.5]) {
    gpuTest(`adam() equals float64 on ${count} parameters, three steps, a beta of ${beta1}`, async (gpu) => {
      const start = scattered(count, 1),
        gradients = [2, 3, 4].map((seed) => scattered(count, seed)),
        options = { ...settings, beta1 };
      const got = await steps(gpu, start, gradients, options), want = reference(start, gradients, options);
      // a step is at most 3·rate long and has some twelve roundings; the parameter, below 8, one a step
      want.forEach((theta, t) =>
        theta.forEach((v, i) => {
          const bound = (t + 1) * (20 * 2 ** -24 * 3 * settings.rate + 2 ** -24 * 8.1);
          if (!(Math.abs(got[t][i] - v) <= bound)) throw new Error(`step ${t + 1}, ${i}: ${got[t][i]}, not ${v}`);
        })
      );
    });
  }
}

gpuTest("adam() equals the golden parameters after each of five steps", async (gpu) => {
  const start = Float32Array.from(golden("theta0")), count = start.length, all = Float32Array.from(golden("grads"));
  const got = await steps(gpu, start, [0, 1, 2, 3, 4].map((t) => all.subarray(t * count, (t + 1) * count)));
  ok(errorOf(got.flatMap((theta) => [...theta]), golden("theta")) <= 5e-6);
  equal(got[4][3], start[3]); // its gradients are 0
}, { ignore: !goldenIsThere });

gpuTest("adam() moves nothing beyond the end of a part", async (gpu) => {
  using whole = gpu.upload("f32", new Float32Array(72).fill(3)),
    gradients = gpu.upload("f32", new Float32Array(72).fill(1));
  using first = gpu.zeros("f32", 72), second = gpu.zeros("f32", 72);
  adam(gpu, {
    parameters: gpu.part(whole, 64, 5),
    gradients: gpu.part(gradients, 64, 5),
    first: gpu.part(first, 64, 5),
    second: gpu.part(second, 64, 5),
    ...settings,
    step: 1,
  });
  const [moved, left] = await Promise.all([gpu.read(whole), gpu.read(gradients)]);
  moved.forEach((v, i) => ok(i >= 64 && i < 69 ? Math.abs(v - 2.99) < 1e-6 : v === 3, `${i}: ${v}`));
  deepEqual(left, Float32Array.from({ length: 72 }, (_, i) => i >= 64 && i < 69 ? 0 : 1));
  ok((await gpu.read(second)).every((v, i) => (v > 0) === (i >= 64 && i < 69)));
});

gpuTest("adam() refuses buffers of unequal length and settings that cannot be", (gpu) => {
  using parameters = gpu.zeros("f32", 4), gradients = gpu.zeros("f32", 4), first = gpu.zeros("f32", 4);
  using second = gpu.zeros("f32", 4), other = gpu.zeros("f32", 5);
  const request = { parameters, gradients, first, second, ...settings, step: 1 };
  for (
    const bad of [{ gradients: other }, { first: other }, { second: other }, { step: 0 }, { step: 1.5 }, { beta1: 1 }, {
      beta2: -0.1,
    }, { epsilon: 0 }]
  ) throws(() => adam(gpu, { ...request, ...bad }), ShapeMismatch);
});
