import { deepEqual } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { prefixSums } from "./prefix_sums.ts";

for (const count of [1, 2, 3, 15, 16, 17, 1000, 32_768, 100_003]) {
  gpuTest(`prefixSums() adds up what stands before each of ${count} numbers`, async (gpu) => {
    const numbers = Uint32Array.from({ length: count }, (_, i) => (i * 7919 + 3) % 11),
      want = new Uint32Array(count + 1);
    for (let i = 0; i < count; i++) want[i + 1] = want[i] + numbers[i];
    using values = gpu.upload("u32", numbers), before = prefixSums(gpu, values);
    deepEqual(await gpu.read(before), want);
  });
}
