import { deepEqual, equal } from "node:assert/strict";
import { type Gpu, type Rows, uploadRows } from "../kernels/mod.ts";
import { gpuTest } from "../testing/mod.ts";
import { linear, repeat } from "./layers.ts";
import { createParameters } from "./parameters.ts";
import { Tape, type Tensor } from "./tape.ts";

/** y = 2x as an operation that counts how often its gradient is asked for. */
function doubled(tape: Tape, x: Tensor, asked: { times: number }): Tensor {
  const twice = (rows: Rows) => scaled(tape.gpu, rows);
  return tape.result(twice(x.rows), x.wanted, (upstream) => {
    asked.times++;
    tape.flow(x, twice(upstream));
  });
}

/** Twice the rows, by weights of 2 on the diagonal. */
function scaled(gpu: Gpu, rows: Rows): Rows {
  using parameters = createParameters(gpu, [{ name: "w.weight", rows: 2, columns: 2 }]), tape = new Tape(gpu, false);
  parameters.set(new Map([["w.weight", Float32Array.of(2, 0, 0, 2)]]));
  const { values, count, columns, stride } =
    linear(tape, tape.constant(rows), { weight: parameters.get("w.weight") }).rows;
  const copy = gpu.buffer("f32", values.length);
  gpu.copy(values, copy);
  return { values: copy, count, columns, stride, [Symbol.dispose]: () => copy[Symbol.dispose]() };
}

gpuTest(
  "a tape adds up the gradients of all ways from a tensor to a loss, and asks each operation once",
  async (gpu) => {
    using rows = uploadRows(gpu, [1, 2], 2), tape = new Tape(gpu, true);
    const x = tape.input(rows),
      asked = { times: 0 },
      once = doubled(tape, x, asked),
      twice = doubled(tape, once, asked);
    tape.flow(twice, uploadRows(gpu, [1, 10], 2)); // 4 x
    tape.flow(once, uploadRows(gpu, [100, 0], 2)); // 2 x
    tape.backward();
    deepEqual([...await gpu.read(tape.gradientOf(x)!.values)].slice(0, 2), [204, 40]);
    equal(asked.times, 2);
  },
);

gpuTest("a tape lets nothing flow where no gradient is wanted", (gpu) => {
  using rows = uploadRows(gpu, [1, 2], 2), tape = new Tape(gpu, true);
  const x = tape.constant(rows), asked = { times: 0 }, y = doubled(tape, x, asked);
  equal(y.wanted, false);
  tape.flow(y, uploadRows(gpu, [1, 1], 2));
  tape.backward();
  deepEqual([asked.times, tape.gradientOf(x)], [0, undefined]);
});

gpuTest("repeat() gives each cloud the same rows, and their gradients in sum", async (gpu) => {
  using rows = uploadRows(gpu, [1, 2, 3, 4], 2), tape = new Tape(gpu, true);
  const x = tape.input(rows), y = repeat(tape, x, 3);
  deepEqual([...await gpu.read(y.rows.values)], [
    1,
    2,
    0,
    0,
    3,
    4,
    0,
    0,
    1,
    2,
    0,
    0,
    3,
    4,
    0,
    0,
    1,
    2,
    0,
    0,
    3,
    4,
    0,
    0,
  ]);
  tape.flow(y, uploadRows(gpu, [1, 0, 0, 0, 10, 0, 0, 5, 100, 0, 0, 0], 2));
  tape.backward();
  deepEqual([...await gpu.read(tape.gradientOf(x)!.values)], [111, 0, 0, 0, 0, 5, 0, 0]);
});
