import { ok, throws } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { readNpy } from "../../formats/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { OriginInside } from "./errors.ts";
import { minimumNormBoundary } from "./minimum_norm.ts";
import { stochasticDescent } from "./stochastic_descent.ts";

const golden = (name: string) => sharedData(`golden/fusion/${name}.npy`);
const read = async (name: string) => readNpy(await Deno.readFile(golden(name)!)).values;

Deno.test({
  name: "minimumNormBoundary() equals the golden solution, its offset is admissible, and libsvm's is the same line",
  ignore: !golden("ocsvm_x") || !golden("ocsvm_linear_exact_w") || !golden("ocsvm_linear_coef"),
  fn: async () => {
    const pairs = await read("ocsvm_x") as Float64Array, nus = await read("ocsvm_linear_nu");
    const [exact, interval] = [await read("ocsvm_linear_exact_w"), await read("ocsvm_linear_exact_rho")];
    const [coef, offset] = [await read("ocsvm_linear_coef"), await read("ocsvm_linear_rho")];
    nus.forEach((nu, i) => {
      const { w, rho } = minimumNormBoundary(pairs, nu), total = nu * pairs.length / 2;
      for (const value of [rho, offset[i] / total]) { // libsvm's may be anywhere in the interval
        ok(value >= interval[2 * i] - 1e-10 && value <= interval[2 * i + 1] + 1e-10, `nu ${nu}: rho ${value}`);
      }
      w.forEach((value, axis) => {
        const at = 2 * i + axis;
        ok(Math.abs(value - exact[at]) <= 1e-12, `nu ${nu}: w ${value}, not ${exact[at]}`);
        ok(Math.abs(total * value / coef[at] - 1) <= 1e-7, `nu ${nu}: ${total * value}, not ${coef[at]}`);
      });
    });
  },
});

/** Pairs of positive scores, many of them equal. */
function scores(count: number, name: string): Float64Array {
  const random = randomStream(3, name);
  return Float64Array.from({ length: 2 * count }, () => Math.round(64 * Math.abs(random.normal()) + 1) / 64);
}

/** ½‖w‖² − ρ + Σ ξ/(νn): what w and ρ make least. */
function objective(pairs: Float64Array, nu: number, [x, y]: readonly [number, number], rho: number): number {
  let slack = 0;
  for (let i = 0; i < pairs.length; i += 2) slack += Math.max(0, rho - x * pairs[i] - y * pairs[i + 1]);
  return (x * x + y * y) / 2 - rho + slack / (nu * pairs.length / 2);
}

for (const nu of [1, 0.5, 0.137, 0.001]) {
  Deno.test(`minimumNormBoundary() of pairs with ties: no neighbouring line is better, nu ${nu}`, () => {
    const pairs = scores(701, "ties"), { w: [x, y], rho } = minimumNormBoundary(pairs, nu);
    const least = objective(pairs, nu, [x, y], rho);
    ok(Math.abs(least + (x * x + y * y) / 2) <= 1e-12, "the primal is not the dual"); // strong duality: no doubt is left
    for (const [dx, dy, dr] of [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1], [1, 1, 1]]) {
      for (const step of [1e-3, 1e-5]) {
        ok(objective(pairs, nu, [x + step * dx, y + step * dy], rho + step * dr) >= least - 1e-15);
      }
    }
  });
}

Deno.test("minimumNormBoundary() turns and shrinks as the pairs do; descent does not", () => {
  const pairs = scores(300, "scaled"), unit = minimumNormBoundary(pairs, 0.2), descent = stochasticDescent(pairs, 0.2);
  for (const factor of [1e-8, 1e6]) {
    const scaled = pairs.map((value) => factor * value), { w, rho } = minimumNormBoundary(scaled, 0.2);
    ok(Math.abs(w[0] / (factor * unit.w[0]) - 1) < 1e-12 && Math.abs(w[1] / (factor * unit.w[1]) - 1) < 1e-12);
    ok(Math.abs(rho / (factor ** 2 * unit.rho) - 1) < 1e-12);
    const other = stochasticDescent(scaled, 0.2).w;
    ok(Math.abs(other[0] / other[1] / (descent.w[0] / descent.w[1]) - 1) > 1e-3);
  }
});

Deno.test("minimumNormBoundary() solves a whole map's worth of pairs", () => {
  const pairs = scores(300_000, "many"), nu = 0.05, { w, rho } = minimumNormBoundary(pairs, nu);
  ok(Math.abs(objective(pairs, nu, w, rho) + (w[0] ** 2 + w[1] ** 2) / 2) <= 1e-9);
});

Deno.test("minimumNormBoundary() refuses pairs around the origin, or on it", () => {
  const around = Float64Array.of(1, 0, -1, 1, -1, -1, 0.5, 0.5), onIt = Float64Array.of(0, 0, 0, 0, 3, 1, 2, 2);
  const onOneSide = Float64Array.of(1, 0, -1, 0);
  for (const pairs of [around, onOneSide]) throws(() => minimumNormBoundary(pairs, 0.25), OriginInside);
  throws(() => minimumNormBoundary(onIt, 0.5), OriginInside);
  const { w } = minimumNormBoundary(onIt, 0.75); // half of (0, 0) and a third of the nearer of the others
  ok(w[0] > 0 && w[1] > 0);
});
