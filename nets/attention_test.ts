import { ok } from "node:assert/strict";
import { uploadRows } from "../kernels/mod.ts";
import { scattered } from "../kernels/nearest_row_reference.ts";
import { gpuTest } from "../testing/mod.ts";
import { errorOf, goldenArray, goldenIsThere } from "../tests/golden_arrays.ts";
import { differences, goldenRows, valuesOf } from "../tests/norm_reference.ts";
import { attend } from "./attention.ts";
import { linear } from "./layers.ts";
import { createParameters } from "./parameters.ts";
import { Tape } from "./tape.ts";

/** The definition in float64, of queries, keys and values one after the other. */
function attended(all: ArrayLike<number>, places: number, width: number, outputs: number, clouds: number) {
  const count = places * clouds, result = new Float64Array(count * outputs);
  const keys = count * width, values = 2 * count * width;
  for (let i = 0; i < count; i++) {
    const first = Math.floor(i / places) * places, weights: number[] = [];
    for (let j = first; j < first + places; j++) {
      let product = 0;
      for (let c = 0; c < width; c++) product += all[i * width + c] * all[keys + j * width + c];
      weights.push(Math.exp(product));
    }
    const sum = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, j) => {
      for (let c = 0; c < outputs; c++) {
        result[i * outputs + c] += weight / sum * all[values + (first + j) * outputs + c];
      }
    });
  }
  return result;
}

/** With padding in rows and in the weights, and without. */
for (const [places, width, outputs, clouds] of [[5, 3, 2, 2], [16, 4, 8, 1], [70, 6, 5, 3]] as const) {
  gpuTest(`attend() and its gradients equal float64 on ${clouds} clouds of ${places}`, async (gpu) => {
    const count = places * clouds, up = scattered(count * outputs, 4);
    const parts = [width, width, outputs].map((columns, i) => scattered(count * columns, i + 1).map((v) => v / 2));
    const all = Float32Array.from(parts.flatMap((part) => Array.from(part)));
    using tape = new Tape(gpu, true);
    const [queries, keys, values] = parts.map((part, i) => {
      return tape.input(tape.keep(uploadRows(gpu, part, i < 2 ? width : outputs)));
    });
    const y = attend(tape, { queries, keys, values }, clouds);
    const want = attended(all, places, width, outputs, clouds);
    ok(errorOf(await valuesOf(gpu, y.rows), want) <= 2e-6, "attended");
    tape.flow(y, uploadRows(gpu, up, outputs));
    tape.backward();
    const slopes = differences(all, up, (x) => attended(x, places, width, outputs, clouds));
    let at = 0;
    for (const [name, tensor] of Object.entries({ queries, keys, values })) {
      const got = await valuesOf(gpu, tape.gradientOf(tensor)!);
      const error = errorOf(got, slopes.subarray(at, at += got.length));
      ok(error <= 5e-6, `${name}: ${error}`);
    }
  });
}

gpuTest("attend() within its layers equals the golden attention, with its gradients", async (gpu) => {
  const golden = (name: string) => goldenArray(`ops/attention/${name}`);
  const [gain] = Array.from(golden("in_gain").values), clouds = golden("in_x").shape[0];
  const layers = ["theta", "phi", "g", "o"].map((name) => {
    const { shape: [rows, columns], values } = golden(`in_${name}`);
    return { name, rows, columns, values: Float32Array.from(values) };
  });
  using parameters = createParameters(gpu, layers);
  // the gain is folded into o, as when weights are imported
  parameters.set(
    new Map(layers.map(({ name, values }) => [name, name === "o" ? values.map((v) => gain * v) : values])),
  );
  using tape = new Tape(gpu, true), rows = uploadRows(gpu, goldenRows("attention", "in_x"), layers[0].columns);
  const x = tape.input(rows), of = (name: string) => linear(tape, x, { weight: parameters.get(name) });
  const found = attend(tape, { queries: of("theta"), keys: of("phi"), values: of("g") }, clouds);
  const y = linear(tape, found, { weight: parameters.get("o") }, { offsets: x });
  ok(errorOf(await valuesOf(gpu, y.rows), goldenRows("attention", "out")) <= 2e-6, "out");
  tape.flow(y, uploadRows(gpu, goldenRows("attention", "up"), y.rows.columns));
  tape.backward();
  const error = errorOf(await valuesOf(gpu, tape.gradientOf(x)!), goldenRows("attention", "grad_x"));
  ok(error <= 5e-6, `x: ${error}`);
  for (const { name, values } of layers) {
    const got = await valuesOf(gpu, parameters.get(name).gradient!), want = golden(`grad_${name}`).values;
    const error = errorOf(name === "o" ? got.map((v) => gain * v) : got, want);
    ok(error <= 5e-6, `${name}: ${error}`);
    if (name !== "o") continue;
    const ofGain = got.reduce((sum, value, i) => sum + value * values[i], 0);
    ok(errorOf([ofGain], golden("grad_gain").values) <= 5e-6, `gain: ${ofGain}`);
  }
}, { ignore: !goldenIsThere });
