import { equal, ok } from "node:assert/strict";
import { betaCdf, betaInverse } from "./beta.ts";

/** P(X ≥ k) for X ~ Binomial(n, x), which equals I_x(k, n − k + 1); sums of positive terms, so good to some ulps. */
function binomialTail(k: number, n: number, x: number): number {
  let term = (1 - x) ** n, sum = 0;
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += term;
    term *= ((n - i) / (i + 1)) * (x / (1 - x));
  }
  return sum;
}

Deno.test("betaCdf() equals the binomial tail", () => {
  for (const [k, n] of [[1, 1], [1, 20], [3, 39], [20, 20], [200, 748], [15, 295]]) {
    for (const x of [0.001, 0.03, 0.2, 0.5, 0.77, 0.99]) {
      const want = binomialTail(k, n, x);
      if (want < 1e-280) continue; // the sum's first term underflows
      const got = betaCdf(x, k, n - k + 1);
      // ln Γ of the largest sum is 4.2e3, so the front factor is good to about 4.2e3 × 2^-52 × some terms
      ok(Math.abs(got - want) <= 1e-11 * Math.max(want, 1e-3), `I_${x}(${k}, ${n - k + 1}) is ${got}, not ${want}`);
    }
  }
});

Deno.test("betaCdf() is symmetric, and 0 and 1 at the ends", () => {
  for (const [x, a, b] of [[0.3, 2, 5], [0.05, 0.5, 0.5], [0.9, 12, 238]]) {
    ok(Math.abs(betaCdf(x, a, b) + betaCdf(1 - x, b, a) - 1) < 1e-14);
  }
  equal(betaCdf(0, 2, 3), 0);
  equal(betaCdf(1, 2, 3), 1);
});

Deno.test("betaCdf() converges for large parameters", () => {
  ok(Math.abs(betaCdf(0.5, 1e6, 1e6) - 0.5) < 1e-8); // ln Γ is 2.7e7 there: 2.7e7 × 2^-52 relative
});

Deno.test("betaInverse() undoes betaCdf()", () => {
  for (const p of [1e-6, 0.025, 0.5, 0.95, 0.999]) {
    for (const [a, b] of [[1, 1], [2, 38], [1, 748], [300, 5], [0.5, 0.5]]) {
      const x = betaInverse(p, a, b);
      ok(Math.abs(betaCdf(x, a, b) - p) < 1e-12, `${p} of Beta(${a}, ${b})`);
    }
  }
  ok(Math.abs(betaInverse(0.3, 1, 1) - 0.3) < 1e-15);
  ok(Math.abs(betaInverse(0.975, 1, 20) - (1 - 0.025 ** (1 / 20))) < 1e-14); // closed form for a = 1
});

Deno.test("betaInverse() ends at 0 and at 1", () => {
  equal(betaInverse(0, 2, 3), 0);
  equal(betaInverse(1, 2, 3), 1);
});
