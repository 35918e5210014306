import { equal, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { fitPareto } from "./pareto.ts";

/** Excesses of a generalised Pareto tail, rising. */
function sample(shape: number, scale: number, count: number): Float64Array {
  const random = randomStream(18, "test/pareto");
  return Float64Array.from({ length: count }, () => {
    const p = 1 - random.uniform();
    return shape === 0 ? -scale * Math.log(p) : scale / shape * (p ** -shape - 1);
  }).sort();
}

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

for (const [shape, scale] of [[0.3, 2], [0.1, 0.01], [0.2, 5e6]] as const) {
  Deno.test(`fitPareto() finds ξ = ${shape} and β = ${scale} again`, () => {
    const found = fitPareto(sample(shape, scale, 20_000));
    // 5 standard errors: about √((1 − ξ + 2ξ²)(1 − ξ)²(2 − ξ)² / ((1 − 2ξ)(3 − 2ξ) n)), 0.01 for n = 20,000
    ok(Math.abs(found.shape - shape) < 0.05, `${found.shape}`);
    ok(Math.abs(found.scale / scale - 1) < 0.05, `${found.scale}`);
  });
}

Deno.test("tails that end, or are without a variance, are clipped and keep their mean", () => {
  for (const [shape, clipped] of [[-0.5, 0], [0.9, 0.5]] as const) {
    const excesses = sample(shape, 1, 5000), found = fitPareto(excesses);
    equal(found.shape, clipped);
    ok(Math.abs(found.scale / (1 - found.shape) / mean(excesses) - 1) < 1e-12, `${found.scale}`);
  }
});

Deno.test("excesses that are all alike, or one, give an exponential tail with their mean", () => {
  for (const excesses of [Float64Array.of(3), new Float64Array(70).fill(3)]) {
    const { shape, scale } = fitPareto(excesses);
    equal(shape, 0);
    ok(Math.abs(scale - 3) < 1e-12, `${scale}`);
  }
});
