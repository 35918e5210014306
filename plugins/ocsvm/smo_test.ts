import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { readNpy } from "../../formats/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { decision, gammaScale, type KernelBoundary, solveOneClass } from "./smo.ts";

const golden = (name: string) => sharedData(`golden/fusion/ocsvm_${name}.npy`);
const read = async (name: string) => readNpy(await Deno.readFile(golden(name)!)).values as Float64Array;
const ignore = !golden("x") || !golden("rbf_alpha") || !golden("rbf_decision_x") || !golden("rbf_decision_q");

/** α of each pair: of a boundary of distinct pairs, whose supports are in their order. */
function alphasOf({ supports, alphas }: KernelBoundary, pairs: Float64Array): number[] {
  let at = 0;
  const all = Array.from({ length: pairs.length / 2 }, (_, i) => {
    const isSupport = pairs[2 * i] === supports[2 * at] && pairs[2 * i + 1] === supports[2 * at + 1];
    return isSupport ? alphas[at++] : 0;
  });
  equal(at, alphas.length);
  return all;
}

for (const [tolerance, off] of [[1e-9, 1e-6], [1e-3, 2e-3]]) {
  Deno.test({
    name: `solveOneClass() equals libsvm on nine models, tolerance ${tolerance}`,
    ignore,
    fn: async () => {
      const pairs = await read("x"),
        queries = await read("q"),
        nus = await read("rbf_nu"),
        gammas = await read("rbf_gamma");
      const [rhos, alphas] = [await read("rbf_rho"), await read("rbf_alpha")];
      const decisions = [[pairs, await read("rbf_decision_x")], [queries, await read("rbf_decision_q")]] as const;
      nus.forEach((nu, model) => {
        const found = solveOneClass(pairs, nu, gammas[model], { tolerance }), bound = off * Math.max(1, rhos[model]);
        const near = (got: number, want: number, bound: number, what: string) =>
          ok(Math.abs(got - want) <= bound, `model ${model}, ${what}: ${got}, not ${want}`);
        near(found.rho, rhos[model], bound, "rho");
        near(found.alphas.reduce((sum, alpha) => sum + alpha, 0), nu * 500, 1e-9, "sum");
        if (tolerance < 1e-6) {
          alphasOf(found, pairs).forEach((alpha, i) => near(alpha, alphas[500 * model + i], 1e-5, `alpha ${i}`));
        }
        for (const [places, wanted] of decisions) {
          for (let i = 0; i < places.length / 2; i++) {
            const value = decision(found, places[2 * i], places[2 * i + 1]);
            near(value, wanted[places.length / 2 * model + i], bound, `f of place ${i}`);
          }
        }
      });
    },
  });
}

Deno.test({
  name: "gammaScale() equals scikit-learn's",
  ignore,
  fn: async () => {
    const gamma = (await read("rbf_gamma"))[0];
    ok(Math.abs(gammaScale(await read("x")) / gamma - 1) <= 1e-12);
  },
});

Deno.test("gammaScale() by hand, and 1 where nothing varies", () => {
  equal(gammaScale(Float64Array.of(1, 3, 3, 1)), 0.5);
  equal(gammaScale(Float64Array.of(2, 2)), 1);
});

/** Scores of 1000 places with a long tail. */
function scores(): Float64Array {
  const random = randomStream(7, "smo");
  return Float64Array.from({ length: 2000 }, () => Math.exp(random.normal()));
}

Deno.test("solveOneClass() keeps nu between the shares of places outside and of supports", () => {
  const pairs = scores(), count = pairs.length / 2;
  for (const nu of [0.1, 0.5]) {
    const found = solveOneClass(pairs, nu, 3 * gammaScale(pairs), { tolerance: 1e-6 });
    let outside = 0;
    for (let i = 0; i < count; i++) if (decision(found, pairs[2 * i], pairs[2 * i + 1]) < -1e-5) outside++;
    ok(outside <= nu * count + 1, `${outside} of ${count} are outside`);
    ok(
      found.alphas.length >= nu * count && outside >= nu * count / 2,
      `${found.alphas.length} supports, ${outside} outside`,
    );
  }
});

Deno.test("solveOneClass() gives the same bits again, and forgets no repeated pair", () => {
  const pairs = scores().slice(0, 200), twice = Float64Array.of(...pairs, ...pairs);
  const solve = (of: Float64Array) => solveOneClass(of, 0.2, 0.5, { tolerance: 1e-9 });
  deepEqual(solve(twice), solve(twice));
  const once = solve(pairs), both = solve(twice);
  for (let i = 0; i < pairs.length; i += 2) { // the same region: all weights double
    const [one, other] = [once, both].map((boundary) => decision(boundary, pairs[i], pairs[i + 1]));
    ok(Math.abs(2 * one - other) <= 1e-7, `${2 * one}, not ${other}`);
  }
});

Deno.test("solveOneClass() of one pair, of equal ones, and with nu 1", () => {
  const tolerance = 1e-9;
  deepEqual(solveOneClass(Float64Array.of(2, 3), 0.5, 1, { tolerance }), {
    supports: Float64Array.of(2, 3),
    alphas: Float64Array.of(0.5),
    rho: 0.5,
    gamma: 1,
    nu: 0.5,
    pairs: 1,
  });
  const equals = solveOneClass(new Float64Array(20).fill(1), 0.5, 1, { tolerance });
  equal(decision(equals, 1, 1), 0);
  ok(decision(equals, 1.1, 1) < 0);
  const all = solveOneClass(Float64Array.of(0, 0, 1, 0, 0, 1), 1, 1, { tolerance });
  deepEqual([...all.alphas], [1, 1, 1]);
  ok(Math.abs(all.rho - (1 + 2 * Math.exp(-1))) <= 1e-15); // the first is the deepest: nothing but it is normal
});
