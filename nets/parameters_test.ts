import { deepEqual, equal, throws } from "node:assert/strict";
import { ShapeMismatch } from "../kernels/mod.ts";
import { gpuTest } from "../testing/mod.ts";
import { Adam } from "./adam.ts";
import { createParameters } from "./parameters.ts";

const shapes = [{ name: "a.weight", rows: 3, columns: 5 }, { name: "a.bias", rows: 1, columns: 3 }];
const values = new Map([["a.weight", Float32Array.from({ length: 15 }, (_, i) => i + 1)], [
  "a.bias",
  Float32Array.of(7, 8, 9),
]]);

gpuTest("parameters come back as they were set, each in a part of one buffer", async (gpu) => {
  using parameters = createParameters(gpu, shapes);
  parameters.set(values);
  deepEqual(await parameters.read(), values);
  const { value, rows } = parameters.get("a.weight");
  deepEqual([rows, value.count, value.columns, value.stride], [3, 3, 5, 8]);
  deepEqual([...await gpu.read(value.values)].slice(0, 9), [1, 2, 3, 4, 5, 0, 0, 0, 6]);
  deepEqual([...await gpu.read(parameters.get("a.bias").value.values)], [7, 8, 9, 0]);
  equal(parameters.frozen().get("a.bias").gradient, undefined);
});

gpuTest("parameters refuse what is missing, too short, or not theirs", (gpu) => {
  using parameters = createParameters(gpu, shapes);
  throws(() => parameters.set(new Map([["a.weight", values.get("a.weight")!]])), ShapeMismatch);
  throws(() => parameters.set(new Map([...values, ["a.bias", Float32Array.of(1)]])), /3 values of a\.bias/);
  throws(() => parameters.get("b.weight"), /a\.weight, a\.bias/);
});

gpuTest("Adam goes on from a state to the same bits, and leaves what has no gradient", async (gpu) => {
  const options = { rate: 0.1, beta1: 0.5, beta2: 0.99 };
  const step = (parameters: ReturnType<typeof createParameters>, adam: Adam) => {
    using gradient = gpu.upload("f32", Float32Array.of(1, -2, 0.5));
    gpu.copy(gradient, parameters.get("a.bias").gradient!.values);
    adam.step(options);
  };
  using first = createParameters(gpu, shapes), second = createParameters(gpu, shapes);
  first.set(values);
  using adam = new Adam(gpu, first), other = new Adam(gpu, second);
  step(first, adam);
  second.set(await first.read());
  other.set(await adam.read());
  step(first, adam);
  step(second, other);
  const after = await first.read();
  deepEqual(await second.read(), after);
  deepEqual(after.get("a.weight"), values.get("a.weight"));
  const [up] = after.get("a.bias")!;
  equal(up < 7, true);
  deepEqual([...await gpu.read(first.gradients)].every((value) => value === 0), true);
});
