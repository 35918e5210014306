import { deepEqual, equal, ok } from "node:assert/strict";
import { readNpy } from "../../formats/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { shuffleEpoch, stochasticDescent } from "./stochastic_descent.ts";

const golden = (name: string) => sharedData(`golden/fusion/${name}.npy`);
const read = async (name: string) => readNpy(await Deno.readFile(golden(name)!)).values;
const ignore = !golden("ocsvm_x") || !golden("sgd_coef") || !golden("sgd_first_epoch_order");

Deno.test({
  name: "stochasticDescent() ends where scikit-learn does, after as many epochs",
  ignore,
  fn: async () => {
    const pairs = await read("ocsvm_x") as Float64Array, nus = await read("ocsvm_linear_nu");
    const [coef, offset, epochs] = [await read("sgd_coef"), await read("sgd_offset"), await read("sgd_n_iter")];
    nus.forEach((nu, i) => {
      const found = stochasticDescent(pairs, nu), [x, y] = found.w;
      equal(found.epochs, epochs[i], `epochs, nu ${nu}`);
      for (const [got, want] of [[x, coef[2 * i]], [y, coef[2 * i + 1]], [found.rho, offset[i]]]) {
        ok(Math.abs(got - want) <= 1e-10, `nu ${nu}: ${got}, not ${want}`);
      }
    });
  },
});

Deno.test({
  name: "shuffleEpoch() visits in scikit-learn's order, and goes on from it in the next epoch",
  ignore,
  fn: async () => {
    const first = [...await read("sgd_first_epoch_order")], order = Uint32Array.from(first, (_, i) => i);
    shuffleEpoch(order);
    deepEqual([...order], first);
    shuffleEpoch(order);
    deepEqual([...order], first.map((at) => first[at])); // the same shuffle again, of the kept order
  },
});

Deno.test("stochasticDescent() of one pair, by hand", () => {
  // alpha 1/2, typical weight 2^(1/4), t0 = 2/2^(1/4): the rate of visit t is 2/(t0 + t − 1)
  const start = 2 / 2 ** 0.25, pair = [2, 1];
  let x = 0, y = 0, b = 1, best = Infinity, stale = 0, epochs = 0;
  for (let t = 1; stale < 5; t++, epochs++) {
    const rate = 2 / (start + t - 1), p = x * pair[0] + y * pair[1] + b, shrink = Math.max(0, 1 - rate / 2);
    [x, y] = [x * shrink, y * shrink];
    if (p <= 1) [x, y, b] = [x + rate * pair[0], y + rate * pair[1], b + rate];
    b -= rate;
    const loss = Math.max(0, 1 - p);
    stale = loss > best - 1e-3 ? stale + 1 : 0;
    best = Math.min(best, loss);
  }
  deepEqual(stochasticDescent(Float64Array.from(pair), 1), { w: [x, y], rho: 1 - b, epochs });
});
