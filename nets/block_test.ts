import { deepEqual, ok } from "node:assert/strict";
import { type Gpu, openGpu, type Rows, uploadRows } from "../kernels/mod.ts";
import { scattered } from "../kernels/nearest_row_reference.ts";
import { errorOf } from "../tests/golden_arrays.ts";
import { valuesOf } from "../tests/norm_reference.ts";
import { gpuTest } from "../testing/mod.ts";
import { type Block, passInParts, passWhole } from "./block.ts";
import { batchNormOf, linear, linearOf, tanh } from "./layers.ts";
import { createParameters, type Parameters } from "./parameters.ts";
import { Tape, type Tensor } from "./tape.ts";

/** Sizes of a case. */
const CLOUDS = 5, EACH = 24, INPUTS = 6, WIDTH = 12;

/** Two norms at the first stop, of which the second is used behind the last, and one at the second stop. */
function* block(tape: Tape, p: Parameters, x: Tensor): Block {
  const toNorm = (rows: Tensor, norm: string) => ({ rows, norm: batchNormOf(p, norm), slope: 0.2 });
  const [left, right] = yield [
    toNorm(linear(tape, x, linearOf(p, "a")), "na"),
    toNorm(linear(tape, x, linearOf(p, "b")), "nb"),
  ];
  const [deep] = yield [toNorm(linear(tape, left, linearOf(p, "c")), "nc")];
  const ends = linear(tape, deep, linearOf(p, "d")), aside = linear(tape, right, linearOf(p, "e"));
  return tanh(tape, linear(tape, ends, linearOf(p, "f"), { offsets: aside }));
}

function parametersOf(gpu: Gpu): Parameters {
  const layer = (name: string, rows: number, columns: number) => [
    { name: `${name}.weight`, rows, columns },
    { name: `${name}.bias`, rows: 1, columns: rows },
  ];
  const norm = (name: string) => [
    { name: `${name}.weight`, rows: 1, columns: WIDTH },
    { name: `${name}.bias`, rows: 1, columns: WIDTH },
    { name: `${name}.running`, rows: 2, columns: WIDTH },
  ];
  const shapes = [
    ...["a", "b"].flatMap((name) => layer(name, WIDTH, INPUTS)),
    ...["c", "d", "e", "f"].flatMap((name) => layer(name, WIDTH, WIDTH)),
    ...["na", "nb", "nc"].flatMap(norm),
  ];
  const parameters = createParameters(gpu, shapes);
  parameters.set(
    new Map(shapes.map(({ name, rows, columns }, i) => [name, scattered(rows * columns, i).map((v) => v / 8)])),
  );
  return parameters;
}

/** Rows whose clouds differ, so that a norm of one cloud is not that of the batch. */
const drawnRows = (columns: number, seed: number) =>
  scattered(CLOUDS * EACH * columns, seed).map((v, i) => v / 8 + Math.floor(i / (EACH * columns)));

/** Result, gradients and running values of a pass by `way`. */
async function passed(gpu: Gpu, way: (tape: Tape, x: Tensor, parameters: Parameters) => Tensor) {
  using parameters = parametersOf(gpu),
    rows = uploadRows(gpu, drawnRows(INPUTS, 20), INPUTS),
    tape = new Tape(gpu, true);
  const x = tape.input(rows), result = way(tape, x, parameters);
  tape.flow(result, uploadRows(gpu, drawnRows(WIDTH, 21), WIDTH));
  tape.backward();
  const values = (rows: Rows) => valuesOf(gpu, rows);
  const gradients = [...await gpu.read(parameters.gradients)];
  const running = [...await parameters.read()].filter(([name]) => name.endsWith(".running")).flatMap((
    [, of],
  ) => [...of]);
  return { result: await values(result.rows), ofRows: await values(tape.gradientOf(x)!), gradients, running };
}

for (const atOnce of [1, 2, 4]) {
  gpuTest(`passInParts() of ${atOnce} of ${CLOUDS} clouds equals passWhole()`, async (gpu) => {
    const whole = await passed(gpu, (tape, x, parameters) => passWhole(tape, block(tape, parameters, x)));
    const parted = await passed(gpu, (tape, x, parameters) =>
      passInParts(tape, {
        ...{ x, clouds: CLOUDS, atOnce, parameters },
        block: (tape, x, parameters) => block(tape, parameters, x),
      }));
    for (const [name, bound] of [["result", 1e-5], ["ofRows", 2e-5], ["gradients", 2e-5], ["running", 1e-6]] as const) {
      const error = errorOf(parted[name], whole[name]);
      ok(error <= bound, `${name}: ${error}`);
    }
    ok(whole.gradients.some((v) => v !== 0) && whole.ofRows.some((v) => v !== 0));
  });
}

gpuTest("passInParts() hands each part its own clouds, and gathers no gradients where none are wanted", async (gpu) => {
  using parameters = parametersOf(gpu),
    rows = uploadRows(gpu, drawnRows(INPUTS, 20), INPUTS),
    tape = new Tape(gpu, true);
  const seen = new Set<string>();
  const result = passInParts(tape, {
    ...{ x: tape.constant(rows), clouds: CLOUDS, atOnce: 2, parameters: parameters.frozen() },
    block(own, x, parameters, { number, clouds }) {
      seen.add(`${number}: ${clouds} of ${x.rows.count / EACH}`);
      return block(own, parameters, x);
    },
  });
  deepEqual([...seen], ["0: 2 of 2", "1: 2 of 2", "2: 1 of 1"]);
  ok(!result.wanted);
  ok((await gpu.read(parameters.gradients)).every((v) => v === 0));
});

Deno.test("passInParts() has the rows of one part in memory", async () => {
  const peakOf = async (atOnce: number) => {
    using gpu = await openGpu(), parameters = parametersOf(gpu);
    const clouds = 16, each = 2048;
    using rows = uploadRows(gpu, scattered(clouds * each * INPUTS, 1), INPUTS), tape = new Tape(gpu, true);
    const result = passInParts(tape, {
      ...{ x: tape.input(rows), clouds, atOnce, parameters },
      block: (own, x, parameters) => block(own, parameters, x),
    });
    tape.flow(result, uploadRows(gpu, scattered(clouds * each * WIDTH, 2), WIDTH));
    tape.backward();
    await gpu.done();
    return gpu.memory.peakBytes;
  };
  const all = await peakOf(16), few = await peakOf(1);
  ok(few < 0.4 * all, `${few} bytes in parts, ${all} at once`);
});
