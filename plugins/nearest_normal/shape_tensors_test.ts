import { deepEqual, equal, throws } from "node:assert/strict";
import { ModelRefused } from "../../core/mod.ts";
import type { ColumnShape } from "../../kernels/mod.ts";
import { tinyFolder } from "../../testing/tiny_source.ts";
import { loadShapeValues, saveShapeValues } from "./shape_tensors.ts";
import type { ShapeValues } from "./shapes.ts";
import { type UsualGaps, usualGaps } from "./usual_gaps.ts";

const columns: ColumnShape = { least: [-0.02, -0.03], side: 0.01, across: 5 }, extent = 0.0125;

/** A shape of so many points in the middle row of columns, and of an outline; numbers tell where they come from. */
function shape(count: number, edge: number, first: number): { readonly values: ShapeValues; readonly gaps: UsualGaps } {
  const filled = (i: number) => Math.max(0, Math.min(count, 3 * (i - 10))); // three points a column from the tenth on
  const gaps = usualGaps(Uint32Array.from({ length: 26 }, (_, i) => i === 25 ? count : filled(i)), columns);
  gaps.add(Float32Array.from({ length: count }, (_, i) => (first + i) / 1000));
  const numbers = (length: number, step: number) => Float32Array.from({ length }, (_, i) => first + step * i);
  const outline = { count: edge, points: numbers(4 * edge, 0.5), directions: numbers(4 * edge, -0.25) };
  return { values: { spacing: numbers(count, 0.125), usual: gaps.usual(), outline }, gaps };
}

/** Three shapes, one of them without an outline, and two scans that have none. */
const shapes = [undefined, shape(7, 3, 1), shape(4, 0, 100), undefined, shape(15, 5, 1000)];

function saved() {
  const folder = tinyFolder();
  const values = shapes.map((one) => one?.values), gaps = shapes.map((one) => one?.gaps);
  saveShapeValues(folder, { values, gaps, columns, extent, mirrors: true });
  return folder;
}

Deno.test("shapes are loaded as they were saved, and what was seen of gaps with them", () => {
  const { values, gaps, ...rest } = loadShapeValues(saved());
  deepEqual(rest, { columns, extent, mirrors: true });
  deepEqual(values, shapes.map((one) => one?.values));
  equal(gaps.length, shapes.length);
  gaps.forEach((one, i) => {
    deepEqual([one?.filled, one?.seen], [shapes[i]?.gaps.filled, shapes[i]?.gaps.seen]);
    const but = one && new Float32Array(values[i]!.spacing.length).fill(-1);
    deepEqual(one?.usual(but), shapes[i]?.gaps.usual(but));
  });
});

Deno.test("scans that all have no shape are kept as that", () => {
  const folder = tinyFolder();
  const nothing = [undefined, undefined];
  saveShapeValues(folder, { values: nothing, gaps: nothing, columns, extent, mirrors: false });
  deepEqual(loadShapeValues(folder).values, [undefined, undefined]);
});

Deno.test("facts that no fit keeps, and a model that lacks a tensor, are refused as models", () => {
  const good = { extent, least: columns.least, side: columns.side, across: columns.across, mirrors: false };
  const facts = [
    {},
    { ...good, extent: 0 },
    { ...good, least: [1] },
    { ...good, across: 2.5 },
    { ...good, mirrors: 1 },
    { ...good, more: 1 },
  ];
  for (const damaged of facts) {
    const folder = saved();
    folder.putFacts(damaged);
    throws(() => void loadShapeValues(folder), (error) => error instanceof ModelRefused && /facts/.test(error.message));
  }
  for (const name of saved().tensors.keys()) {
    const folder = saved();
    folder.tensors.delete(name);
    throws(() => void loadShapeValues(folder), ModelRefused, name);
  }
});
