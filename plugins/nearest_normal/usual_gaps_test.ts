import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { type ColumnShape, pointColumns } from "../../kernels/mod.ts";
import { gapsOf, usualGaps } from "./usual_gaps.ts";

const shape: ColumnShape = { least: [0, 0], side: 0.01, across: 4 };

/** Places of a shape, sorted by column: `count` of them anywhere but in the columns left out. */
function places(count: number, leftOut: readonly number[]) {
  const random = randomStream(1, "usual-gaps-test"), columns: number[] = [], points: number[] = [];
  while (columns.length < count) {
    const [x, y] = [0.04 * random.uniform(), 0.04 * random.uniform()],
      column = 4 * Math.floor(100 * y) + Math.floor(100 * x);
    if (leftOut.includes(column)) continue;
    columns.push(column);
    points.push(x, y, 0);
  }
  const { starts, order } = pointColumns(shape, Float32Array.from(points), 3);
  return { starts, columns: Array.from(order, (i) => columns[i]) };
}

/** Depths of a scan: none at some places, millimetres at others. */
function depths(count: number, seed: number): Float32Array {
  const random = randomStream(seed, "usual-gaps-test/depths");
  return Float32Array.from({ length: count }, () => random.uniform() < 0.2 ? -1 : 0.004 * random.uniform() ** 3);
}

/** The definition: mean and three deviations of what was seen in the column and its four neighbours. */
function definition(columns: readonly number[], seen: readonly Float32Array[]): number[] {
  const isNear = (a: number, b: number) => Math.abs(a % 4 - b % 4) + Math.abs((a >> 2) - (b >> 2)) <= 1;
  return columns.map((column) => {
    const values = seen.flatMap((depths) => [...depths].filter((depth, i) => depth >= 0 && isNear(columns[i], column)));
    if (values.length === 0) return 0;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return mean + 3 * Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  });
}

/** The result is rounded once to float32, and sums of squares lose less than that where depths differ. */
function isNear(found: Float32Array, wanted: readonly number[]): void {
  equal(found.length, wanted.length);
  found.forEach((value, i) =>
    ok(Math.abs(value - wanted[i]) <= 2 ** -23 * wanted[i], `${i}: ${value}, not ${wanted[i]}`)
  );
}

const { starts, columns } = places(60, [0, 3, 6, 9]), scans = [1, 2, 3].map((seed) => depths(60, seed));

Deno.test("usual() is the mean and three deviations of the depths seen around a place", () => {
  const gaps = usualGaps(starts, shape);
  deepEqual(gaps.usual(), new Float32Array(60), "nothing was seen yet");
  for (const [i, depths] of scans.entries()) {
    gaps.add(depths);
    isNear(gaps.usual(), definition(columns, scans.slice(0, i + 1)));
  }
  ok(new Set(gaps.usual()).size > 8);
});

Deno.test("usual(but) is as if a scan had never been seen, and takes nothing away for ever", () => {
  const gaps = usualGaps(starts, shape);
  for (const depths of scans) gaps.add(depths);
  const before = gaps.usual();
  scans.forEach((but, i) => isNear(gaps.usual(but), definition(columns, scans.filter((_, k) => k !== i))));
  deepEqual(gaps.usual(), before);
  const one = usualGaps(starts, shape);
  one.add(scans[0]);
  deepEqual(one.usual(scans[0]), new Float32Array(60), "no other scan is known");
});

Deno.test("equal depths have no deviation, and places where nothing is known say nothing", () => {
  const gaps = usualGaps(starts, shape);
  gaps.add(new Float32Array(60).fill(0.25)); // a power of two: its squares and sums are exact
  gaps.add(new Float32Array(60).fill(-1));
  deepEqual(gaps.usual(), new Float32Array(60).fill(0.25));
});

Deno.test("gapsOf() goes on from what was kept", () => {
  const whole = usualGaps(starts, shape), first = usualGaps(starts, shape);
  whole.add(scans[0]);
  first.add(scans[0]);
  equal(whole.filled.length, 2 * new Set(columns).size);
  const second = gapsOf(first.filled.slice(), first.seen.slice(), shape);
  for (const gaps of [whole, second]) gaps.add(scans[1]);
  deepEqual(second.usual(), whole.usual());
  deepEqual(second.usual(scans[0]), whole.usual(scans[0]));
});
