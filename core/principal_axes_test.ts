import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { ShapeMismatch } from "../kernels/mod.ts";
import { principalAxes } from "./principal_axes.ts";
import { randomStream } from "./random.ts";

/** Half a unit in float32's last place, for a component of an axis. */
const ROUNDING = 2 ** -24;

/** The largest deviation of the axes' products from those of orthonormal ones. */
function skew(axes: Float32Array, columns: number): number {
  const kept = axes.length / columns;
  let worst = 0;
  for (let a = 0; a < kept; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = a === b ? -1 : 0;
      for (let c = 0; c < columns; c++) dot += axes[a * columns + c] * axes[b * columns + c];
      worst = Math.max(worst, Math.abs(dot));
    }
  }
  return worst;
}

/** Rows that vary by ±√columns·σ_a along known axes alone, one axis at a time, so that their variances are σ² exactly. */
function rowsAlong(axes: Float64Array[], deviations: readonly number[], mean: number): Float32Array {
  const columns = axes[0].length, rows = new Float32Array(2 * columns * columns);
  axes.forEach((axis, a) => {
    for (const sign of [0, 1]) {
      const scale = (1 - 2 * sign) * Math.sqrt(columns) * deviations[a];
      for (let c = 0; c < columns; c++) rows[(2 * a + sign) * columns + c] = mean + scale * axis[c];
    }
  });
  return rows;
}

/** Axes without order: unit vectors after some plane rotations. */
function rotatedAxes(n: number): Float64Array[] {
  const random = randomStream(0, "test/axes"),
    axes = Array.from({ length: n }, (_, i) => {
      const axis = new Float64Array(n);
      axis[i] = 1;
      return axis;
    });
  for (let turn = 0; turn < 20 * n && n > 1; turn++) {
    const i = random.integer(n), j = (i + 1 + random.integer(n - 1)) % n, angle = 2 * Math.PI * random.uniform();
    for (let c = 0; c < n; c++) {
      const x = axes[i][c], y = axes[j][c];
      axes[i][c] = Math.cos(angle) * x - Math.sin(angle) * y;
      axes[j][c] = Math.sin(angle) * x + Math.cos(angle) * y;
    }
  }
  return axes;
}

for (const n of [1, 2, 3, 40, 216]) {
  Deno.test(`principalAxes() finds ${n} known axes and variances, whatever the mean`, () => {
    const known = rotatedAxes(n), deviations = Array.from({ length: n }, (_, a) => 10 * 0.97 ** a);
    for (const mean of [0, 100]) {
      const { axes, variances, kept } = principalAxes(rowsAlong(known, deviations, mean), n, n, n);
      equal(kept, n);
      ok(skew(axes, n) <= 4 * Math.sqrt(n) * ROUNDING, `skew ${skew(axes, n)}`);
      const rounding = Math.sqrt(n) * (mean + 10 * Math.sqrt(n)) * ROUNDING; // of a whole row; a variance moves by 2 σ times that, σ ≤ 10
      for (let a = 0; a < n; a++) {
        const want = deviations[a] ** 2;
        ok(Math.abs(variances[a] - want) <= 20 * rounding, `variance ${a}: ${variances[a]}, not ${want}`);
        let dot = 0;
        for (let c = 0; c < n; c++) dot += axes[a * n + c] * known[a][c];
        const gap = want * (1 - 0.97 ** 2); // to the next variance; an axis turns by error / gap
        ok(1 - Math.abs(dot) <= (20 * rounding / gap) ** 2 + 1e-6, `axis ${a}: ${dot}`);
      }
    }
  });
}

Deno.test("principalAxes() gives orthonormal axes, each positive where it is largest, where variances are equal or nothing", () => {
  const n = 24, known = rotatedAxes(n), deviations = known.map((_, a) => a < 5 ? 3 : a < 8 ? 2 : 0);
  const rows = rowsAlong(known, deviations, 7), { axes, variances } = principalAxes(rows, n, n, n);
  ok(skew(axes, n) <= 4 * Math.sqrt(n) * ROUNDING);
  const nearly = (got: number, want: number) => ok(Math.abs(got - want) < 1e-4, `${got}, not ${want}`);
  deviations.forEach((deviation, a) => nearly(variances[a], deviation ** 2));
  for (let a = 0; a < n; a++) {
    const axis = axes.subarray(a * n, (a + 1) * n), most = axis.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    ok(axis.includes(most), `the largest component of axis ${a} is negative`);
  }
  deepEqual(principalAxes(rows, n, n, n).axes, axes);
});

Deno.test("principalAxes() keeps the first axes, of as many as there are, and passes over the padding of rows", () => {
  const rows = Float32Array.of(1, 10, 0, NaN, -1, 10, 0, NaN, 0, 14, 0, NaN, 0, 6, 0, NaN);
  const two = principalAxes(rows, 3, 4, 2);
  deepEqual([...two.axes], [0, 1, 0, 1, 0, 0]);
  deepEqual([...two.variances], [8, 0.5]);
  equal(principalAxes(rows, 3, 4, 64).kept, 3);
});

Deno.test("principalAxes() gives axes for rows without any variance", () => {
  const { axes, variances } = principalAxes(new Float32Array(50).fill(3), 5, 5, 5);
  equal(skew(axes, 5), 0);
  deepEqual([...variances], [0, 0, 0, 0, 0]);
});

Deno.test("principalAxes() refuses no rows, part of a row and numbers that are not finite", () => {
  throws(() => principalAxes(new Float32Array(0), 2, 4, 1), ShapeMismatch);
  throws(() => principalAxes(new Float32Array(6), 2, 4, 1), ShapeMismatch);
  throws(() => principalAxes(new Float32Array(8), 2, 4, 0), ShapeMismatch);
  throws(() => principalAxes(Float32Array.of(1, 2, NaN, 4), 2, 2, 1), ShapeMismatch);
  throws(() => principalAxes(Float32Array.of(1, 2, Infinity, 4), 2, 2, 1), ShapeMismatch);
});
