import { equal, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { type HostBank, reweightedScore } from "./scan_score.ts";

const random = randomStream(1, "scan score test");

/** A bank of rows with a stride, and the definition of the score in float64 without any care for overflow. */
function bankOf(rows: number[][], stride: number): HostBank {
  const values = new Float32Array(rows.length * stride).fill(99); // what is past the columns must not count
  rows.forEach((row, i) => values.set(row, i * stride));
  return { values, count: rows.length, columns: rows[0].length, stride };
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));

function defined(rows: number[][], patch: Float32Array, nearest: number): number {
  const byDistance = rows.map((row, i) => ({ i, d: apart(row, rows[nearest]) })).sort((a, b) => a.d - b.d || a.i - b.i);
  const root = Math.sqrt(patch.length), distance = apart(rows[nearest], patch);
  const others = byDistance.slice(1, 3).map(({ i }) => Math.exp(apart(rows[i], patch) / root));
  return (1 - Math.exp(distance / root) / others.reduce((a, b) => a + b)) * distance;
}

const nearestOf = (rows: number[][], patch: Float32Array) =>
  rows.reduce((best, row, i) => apart(row, patch) < apart(rows[best], patch) ? i : best, 0);

Deno.test("reweightedScore() equals its definition", () => {
  for (let round = 0; round < 50; round++) {
    const rows = Array.from({ length: 12 }, () => Array.from({ length: 5 }, () => Math.fround(10 * random.normal())));
    const patch = Float32Array.from({ length: 5 }, () => 20 * random.normal()), nearest = nearestOf(rows, patch);
    const score = reweightedScore(bankOf(rows, 8), patch, nearest, apart(rows[nearest], patch));
    const wanted = defined(rows, patch, nearest);
    ok(Math.abs(score - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), `${score}, not ${wanted}`);
  }
});

Deno.test("reweightedScore() takes the lower row where two are equally near, and leaves out b* itself by its place", () => {
  const rows = [[0, 0], [3, 0], [0, 3], [-3, 0], [0, 0]], patch = Float32Array.of(1, 1);
  const score = reweightedScore(bankOf(rows, 4), patch, 0, Math.SQRT2);
  equal(score.toFixed(12), defined(rows, patch, 0).toFixed(12));
});

Deno.test("reweightedScore() stays finite where the exponentials would overflow", () => {
  const rows = [[0, 0], [1, 0], [0, 1]], patch = Float32Array.of(3e6, 0);
  const score = reweightedScore(bankOf(rows, 2), patch, 1, 3e6 - 1);
  ok(Number.isFinite(score) && score > 0 && score < 3e6, `${score}`);
});
