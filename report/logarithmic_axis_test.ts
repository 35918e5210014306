import { deepEqual, ok } from "node:assert/strict";
import { logarithmicTicks } from "./logarithmic_axis.ts";

Deno.test("logarithmicTicks() are round values within the range, at most ten", () => {
  deepEqual(logarithmicTicks(0.03, 4), [0.05, 0.1, 0.2, 0.5, 1, 2]);
  deepEqual(logarithmicTicks(1, 10), [1, 2, 5, 10]);
  deepEqual(logarithmicTicks(2e-3, 3e2), [0.01, 0.1, 1, 10, 100]);
  deepEqual(logarithmicTicks(3, 3.5), []);
  deepEqual(logarithmicTicks(2, 2), [2]);
  const wide = logarithmicTicks(1e-12, 1e12);
  ok(wide.length > 3 && wide.length <= 10, String(wide));
  wide.forEach((tick, i) => ok(i === 0 || Math.abs(tick / wide[i - 1] - 1e3) < 1e-6, String(wide)));
});
