import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import type { NormalPairs } from "./pairs.ts";
import { fusionPlane } from "./plane_lines.ts";

const line = (w: [number, number], rho: number) => ({ line: { w, rho }, even: false });
const pairs: NormalPairs = { s1: Float32Array.of(0, 1, 2), s2: Float32Array.of(3, 0, 1), peak: 2 };
const plane = (w: [number, number], rho: number) => fusionPlane(pairs, 2, line(w, rho), randomStream(1, "plane"));

Deno.test("fusionPlane() has x = k · S1, y = S2 of a sample of the pairs", () => {
  deepEqual([plane([1, 1], 1).scale, [...plane([1, 1], 1).normal]], [2, [0, 3, 2, 0, 4, 1]]);
  const count = 50_000, s1 = Float32Array.from({ length: count }, (_, i) => i), many = { s1, s2: s1, peak: count };
  equal(fusionPlane(many, 1, line([1, 1], 1), randomStream(1, "plane")).normal.length, 2 * 2000);
});

Deno.test("fusionPlane() has a line from the side where it enters the range of the pairs to that where it leaves", () => {
  const cases: [[number, number], number, number[][]][] = [ // the range is 4 wide and 3 high
    [[1, 1], 2, [[0, 2, 2, 0]]],
    [[1, 1], 4, [[1, 3, 4, 0]]],
    [[1, 4], 8, [[0, 2, 4, 1]]],
    [[4, 1], 8, [[1.25, 3, 2, 0]]],
    [[1, 1], 8, []],
    [[1, 1], -1, []],
    [[1, 1], 0, []],
  ];
  for (const [w, rho, want] of cases) deepEqual(plane(w, rho).boundary.map((one) => [...one]), want);
});

Deno.test("fusionPlane() has a curve's lines as they are", () => {
  const lines = [Float64Array.of(0, 1, 1, 0), Float64Array.of(2, 2, 3, 3)];
  const curve = { supports: new Float64Array(), alphas: new Float64Array(), rho: 1, gamma: 1, nu: 0.1, pairs: 3 };
  const { boundary } = fusionPlane(pairs, 2, { frontier: lines[0], lines, curve }, randomStream(1, "plane"));
  deepEqual(boundary, lines.map((one) => Float32Array.from(one)));
  ok(boundary.every((one) => one instanceof Float32Array));
});
