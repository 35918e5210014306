import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { type Gpu, uploadRows } from "../kernels/mod.ts";
import { scattered } from "../kernels/nearest_row_reference.ts";
import { errorOf } from "../tests/golden_arrays.ts";
import { differences, momentsOf, valuesOf } from "../tests/norm_reference.ts";
import { gpuTest } from "../testing/mod.ts";
import { batchNorm, batchNormOf, linear, linearOf, maxPoints } from "./layers.ts";
import { createParameters, type Parameters, type ParameterValues } from "./parameters.ts";
import { pooledNorm, pooledStatistics } from "./pooled_norm.ts";
import { Tape, type Tensor } from "./tape.ts";

const SLOPE = 0.2, EPSILON = 1e-5;

/** Sizes of a case. */
interface Sizes {
  readonly clouds: number;
  readonly each: number;
  readonly columns: number;
  readonly outputs: number;
}

/** Operands of a layer: those that it differentiates, and running statistics. */
interface Operands {
  readonly x: ArrayLike<number>;
  readonly w: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  readonly gamma: ArrayLike<number>;
  readonly beta: ArrayLike<number>;
  readonly running: ArrayLike<number>;
}

/** Weights of a norm of both signs and 0; each second place is the one before it once more where there are to be ties. */
function drawn({ clouds, each, columns, outputs }: Sizes, ties: boolean) {
  const x = scattered(clouds * each * columns, 1).map((v, t) => v / 4 + t % columns / 8);
  const variances = scattered(outputs, 6).map((v) => 1 + Math.abs(v));
  return {
    x: ties ? x.map((_, t) => x[t - Math.floor(t / columns) % 2 * columns]) : x,
    w: scattered(outputs * columns, 2).map((v) => v / 8),
    b: scattered(outputs, 3),
    gamma: scattered(outputs, 4).map((v, o) => o % 5 === 2 ? 0 : v / 4),
    beta: scattered(outputs, 5).map((v) => v / 8),
    running: Float32Array.from([...scattered(outputs, 7), ...variances]),
  };
}

/** linear, batch norm with its rectifier and maximum one after another in float64, and their gradients. */
function chain(
  { clouds, each, columns, outputs }: Sizes,
  { x, w, b, gamma, beta, running }: Operands,
  training: boolean,
) {
  const count = clouds * each;
  const y = Float64Array.from({ length: count * outputs }, (_, t) => {
    const i = Math.floor(t / outputs), o = t % outputs;
    let sum = b[o];
    for (let c = 0; c < columns; c++) sum += x[i * columns + c] * w[o * columns + c];
    return sum;
  });
  const own = momentsOf(y, outputs, 0, count);
  const mean = (o: number) => training ? own.mean[o] : running[o];
  const deviation = (o: number) => Math.sqrt((training ? own.variance[o] : running[outputs + o]) + EPSILON);
  const hat = y.map((v, t) => (v - mean(t % outputs)) / deviation(t % outputs));
  const bent = hat.map((v, t) => {
    const z = gamma[t % outputs] * v + beta[t % outputs];
    return z > 0 ? z : SLOPE * z;
  });
  const places = Array.from({ length: clouds * outputs }, (_, e) => {
    let best = Math.floor(e / outputs) * each;
    for (let i = best + 1; i < (Math.floor(e / outputs) + 1) * each; i++) {
      if (bent[i * outputs + e % outputs] > bent[best * outputs + e % outputs]) best = i;
    }
    return best;
  });
  const output = Float64Array.from(places, (i, e) => bent[i * outputs + e % outputs]);
  const gradients = (up: ArrayLike<number>) => {
    const h = new Float64Array(count * outputs),
      ofGamma = new Float64Array(outputs),
      ofBeta = new Float64Array(outputs);
    places.forEach((i, e) => h[i * outputs + e % outputs] += up[e] * (output[e] > 0 ? 1 : SLOPE));
    h.forEach((v, t) => {
      ofGamma[t % outputs] += v * hat[t];
      ofBeta[t % outputs] += v;
    });
    const ofY = h.map((v, t) => {
      const o = t % outputs, through = training ? (ofBeta[o] + hat[t] * ofGamma[o]) / count : 0;
      return gamma[o] / deviation(o) * (v - through);
    });
    const ofX = new Float64Array(count * columns), ofW = new Float64Array(outputs * columns);
    const ofB = new Float64Array(outputs);
    ofY.forEach((v, t) => {
      const i = Math.floor(t / outputs), o = t % outputs;
      ofB[o] += v;
      for (let c = 0; c < columns; c++) {
        ofX[i * columns + c] += v * w[o * columns + c];
        ofW[o * columns + c] += v * x[i * columns + c];
      }
    });
    return { x: ofX, w: ofW, b: ofB, gamma: ofGamma, beta: ofBeta };
  };
  return { output, own, gradients };
}

Deno.test("the chain's gradients in float64 are the derivatives of its output", () => {
  const sizes = { clouds: 2, each: 6, columns: 3, outputs: 4 }, given = drawn(sizes, false);
  const gamma = given.gamma.map((v) => v === 0 ? 0.5 : v); // at 0 a maximum has a kink
  for (const training of [true, false]) {
    const operands: Operands = { ...given, gamma }, up = scattered(sizes.clouds * sizes.outputs, 8);
    const want = chain(sizes, operands, training).gradients(up);
    for (const name of ["x", "w", "gamma", "beta", ...training ? [] : ["b" as const]] as const) {
      const got = differences(operands[name], up, (moved) => {
        return chain(sizes, { ...operands, [name]: moved }, training).output;
      });
      const error = errorOf(got, want[name]);
      ok(error < 1e-6, `${name}: ${error}`); // differences round to about 1e-9 of the output
    }
  }
});

/** The layer's parameters, by the names of `linearOf` and `batchNormOf`. */
function parametersOf(gpu: Gpu, { columns, outputs }: Sizes, { w, b, gamma, beta, running }: ReturnType<typeof drawn>) {
  const parameters = createParameters(gpu, [
    { name: "c.weight", rows: outputs, columns },
    { name: "c.bias", rows: 1, columns: outputs },
    { name: "n.weight", rows: 1, columns: outputs },
    { name: "n.bias", rows: 1, columns: outputs },
    { name: "n.running", rows: 2, columns: outputs },
  ]);
  const values: ParameterValues = new Map([
    ["c.weight", w],
    ["c.bias", b],
    ["n.weight", gamma],
    ["n.bias", beta],
    ["n.running", running],
  ]);
  parameters.set(values);
  return parameters;
}

/** The layer, as one and as three. */
const layers = {
  pooled: (tape: Tape, parameters: Parameters, x: Tensor, clouds: number) =>
    pooledNorm(tape, x, { ...linearOf(parameters, "c"), beforeNorm: true }, batchNormOf(parameters, "n"), {
      slope: SLOPE,
      clouds,
    }),
  chained: (tape: Tape, parameters: Parameters, x: Tensor, clouds: number) => {
    const product = linear(tape, x, { ...linearOf(parameters, "c"), beforeNorm: true });
    return maxPoints(tape, batchNorm(tape, product, batchNormOf(parameters, "n"), { slope: SLOPE }), clouds);
  },
};

/** Output, gradients and running statistics that a layer gives. */
async function passed(
  gpu: Gpu,
  layer: keyof typeof layers,
  sizes: Sizes,
  given: ReturnType<typeof drawn>,
  up: Float32Array,
  training: boolean,
) {
  using parameters = parametersOf(gpu, sizes, given), rows = uploadRows(gpu, given.x, sizes.columns);
  using tape = new Tape(gpu, training);
  const x = tape.input(rows), output = layers[layer](tape, parameters, x, sizes.clouds);
  tape.flow(output, uploadRows(gpu, up, sizes.outputs));
  const values = await valuesOf(gpu, output.rows);
  tape.backward();
  const gradient = async (name: string) => await valuesOf(gpu, parameters.get(name).gradient!);
  return {
    output: values,
    x: await valuesOf(gpu, tape.gradientOf(x)!),
    w: await gradient("c.weight"),
    b: await gradient("c.bias"),
    gamma: await gradient("n.weight"),
    beta: await gradient("n.bias"),
    running: await valuesOf(gpu, parameters.get("n.running").value),
  };
}

/**
 * Everything is a sum of about as many products as there are places and columns, few of which cancel; a variance, which divides all of it, is
 * of sums of its squares. The golden values allow three layers of the discriminator more twice and ten times as much.
 */
const FORWARD = 1e-6, BACKWARD = 5e-6;

const cases: readonly Sizes[] = [ // around the tiles of 16; columns and outputs that fill no vector; one cloud; more than one slice
  { clouds: 1, each: 7, columns: 5, outputs: 6 },
  { clouds: 3, each: 40, columns: 16, outputs: 16 },
  { clouds: 1, each: 300, columns: 33, outputs: 40 },
  { clouds: 2, each: 150, columns: 21, outputs: 18 },
];

for (const sizes of cases) {
  for (const training of [true, false]) {
    for (const ties of [false, true]) {
      if (ties && sizes.each % 2 === 1) continue; // the twins are in one cloud
      const name = `${Object.values(sizes).join(" × ")}, ${training ? "own" : "running"} statistics`;
      gpuTest(`pooledNorm() equals the three layers on ${name}${ties ? ", each place twice" : ""}`, async (gpu) => {
        const given = drawn(sizes, ties), up = scattered(sizes.clouds * sizes.outputs, 8);
        const { output, own, gradients } = chain(sizes, given, training), { b, ...wanted } = gradients(up);
        const count = sizes.clouds * sizes.each, one = await passed(gpu, "pooled", sizes, given, up, training);
        const three = await passed(gpu, "chained", sizes, given, up, training);
        const running = Float64Array.from(given.running, (v, i) => {
          const o = i % sizes.outputs, unbiased = own.variance[o] * count / (count - 1);
          return training ? 0.9 * v + 0.1 * (i < sizes.outputs ? own.mean[o] : unbiased) : v;
        });
        const close = (part: string, error: number, bound: number) => ok(error <= bound, `${part}: off by ${error}`);
        for (const [part, want] of Object.entries({ output, running, ...wanted, ...training ? {} : { b } })) {
          const bound = part === "output" || part === "running" ? FORWARD : BACKWARD, at = part as keyof typeof one;
          close(part, errorOf(one[at], want), bound);
          close(`${part} beside the three layers'`, errorOf(one[at], three[at]), 2 * bound);
        }
        if (training) ok(one.b.every((v) => v === 0), "the bias before the norm is dead");
      });
    }
  }
}

gpuTest("pooledNorm() gives only the gradients that are wanted, and the same bits again", async (gpu) => {
  const sizes = { clouds: 2, each: 30, columns: 9, outputs: 10 }, given = drawn(sizes, false);
  const up = scattered(sizes.clouds * sizes.outputs, 8);
  for (const training of [true, false]) {
    const all = await passed(gpu, "pooled", sizes, given, up, training);
    deepEqual(await passed(gpu, "pooled", sizes, given, up, training), all);

    using parameters = parametersOf(gpu, sizes, given), rows = uploadRows(gpu, given.x, sizes.columns);
    using tape = new Tape(gpu, training);
    const x = tape.input(rows), frozen = layers.pooled(tape, parameters.frozen(), x, sizes.clouds);
    tape.flow(frozen, uploadRows(gpu, up, sizes.outputs));
    tape.backward();
    deepEqual(await valuesOf(gpu, tape.gradientOf(x)!), all.x);
    ok((await gpu.read(parameters.gradients)).every((v) => v === 0), "a frozen parameter has a gradient");

    parameters.set(new Map([...await parameters.read(), ["n.running", given.running]]));
    using second = new Tape(gpu, training);
    const constant = second.constant(rows), learned = layers.pooled(second, parameters, constant, sizes.clouds);
    second.flow(learned, uploadRows(gpu, up, sizes.outputs));
    second.backward();
    deepEqual(await valuesOf(gpu, parameters.get("c.weight").gradient!), all.w);
    equal(second.gradientOf(constant), undefined);
    equal(layers.pooled(second, parameters.frozen(), constant, sizes.clouds).wanted, false);
  }
});

gpuTest("pooledStatistics() moves the running statistics as the layer does", async (gpu) => {
  const sizes = { clouds: 2, each: 30, columns: 9, outputs: 10 }, given = drawn(sizes, false);
  using alone = parametersOf(gpu, sizes, given), whole = parametersOf(gpu, sizes, given);
  using rows = uploadRows(gpu, given.x, sizes.columns), tape = new Tape(gpu, true);
  pooledStatistics(tape, tape.constant(rows), linearOf(alone, "c"), batchNormOf(alone, "n"));
  layers.pooled(tape, whole, tape.constant(rows), sizes.clouds);
  const [moved, want] = [await alone.read(), await whole.read()];
  deepEqual(moved.get("n.running"), want.get("n.running"));
  notDeepEqual(moved.get("n.running"), given.running);
});
