import { deepEqual, ok } from "node:assert/strict";
import { createParameters } from "../../nets/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { averageStep } from "./power_average.ts";

gpuTest("averageStep() spans a tenth of the steps, however many there were", async (gpu) => {
  const shapes = [{ name: "step", rows: 1, columns: 3 }];
  using parameters = createParameters(gpu, shapes), average = createParameters(gpu, shapes);
  average.set(new Map([["step", Float32Array.of(9, 9, 9)]])); // whatever there was before the first step counts nothing
  for (let step = 1; step <= 400; step++) {
    parameters.set(new Map([["step", Float32Array.of(step, step ** 2, 5)]]));
    averageStep(gpu, average, parameters, step);
    const values = (await average.read()).get("step")!;
    if (step === 1) deepEqual([...values], [1, 1, 5]);
    if (step !== 40 && step !== 400) continue;
    const [mean, square, same] = values, deviation = Math.sqrt(square - mean ** 2) / step;
    ok(Math.abs(deviation - 0.1) < 0.01, `a deviation of ${deviation} of ${step} steps`);
    ok(Math.abs(mean / step - 7.94 / 8.94) < 0.01 + 1 / step, `mean ${mean} of ${step} steps`);
    ok(Math.abs(same - 5) < 1e-4, `${same}`);
  }
});
