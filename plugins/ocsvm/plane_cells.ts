/**
 * Examples as counts of cells of the (S1, S2) plane: what a boundary at another k needs is one value a cell, not one a place. @module
 *
 * Cells are places themselves, or of levels: values of a branch go up to the next level, which are quantiles of the normal and of the
 * defective places alike, so that the tails are fine. What a level joins is a tie: the area under a curve moves at most by the product of
 * its share of the normal places and that of the defects.
 */
import type { Example } from "./examples.ts";
import { firstAtLeast } from "./first_at_least.ts";

/** Levels of the feature branch and of the other, without 0: half of normal places, half of defective ones. */
const FEATURE_LEVELS = 512, MISSING_LEVELS = 128;

/** One example by cells. */
export interface CellCounts {
  /** As in {@linkcode Example}. */
  readonly kind?: string;
  /** As in {@linkcode Example}. */
  readonly defects: number;
  /** The cells that it has places in, each once, ascending. */
  readonly cells: Uint32Array;
  /** Its normal places in each of them. */
  readonly normal: Float64Array;
  /** The sum of the shares of its others. */
  readonly share: Float64Array;
}

/** All examples over the same cells. */
export interface PlaneCells {
  /** Feature score of each cell. */
  readonly s1: Float64Array;
  /** Missing-region score of each cell. */
  readonly s2: Float64Array;
  /** In the order of the examples. */
  readonly examples: readonly CellCounts[];
}

/** A cell a place; the places where both branches are silent are one, the first. */
export function placeCells(examples: readonly Example[]): PlaneCells {
  const count = examples.reduce((sum, { s1 }) => sum + s1.length, 1);
  const s1 = new Float64Array(count), s2 = new Float64Array(count);
  let first = 1;
  const counted = examples.map((example) => {
    s1.set(example.s1, first);
    s2.set(example.s2, first);
    const cells = Uint32Array.from(example.s1.keys(), (place) => first + place);
    first += cells.length;
    return countsOf(example, cells, count);
  });
  return { s1, s2, examples: counted };
}

/** Cells of levels, only those in which an example has a place; where both branches are silent is the first. */
export function levelCells(examples: readonly Example[]): PlaneCells {
  const feature = levelsOf(examples, "s1", FEATURE_LEVELS), missing = levelsOf(examples, "s2", MISSING_LEVELS);
  const numbers = new Int32Array(feature.length * missing.length).fill(-1), s1 = [0], s2 = [0];
  numbers[0] = 0;
  const cellsOf = examples.map((example) => {
    const cells = new Uint32Array(example.s1.length);
    for (let place = 0; place < cells.length; place++) {
      const row = firstAtLeast(feature, example.s1[place]), column = firstAtLeast(missing, example.s2[place]);
      const at = row * missing.length + column;
      if (numbers[at] < 0) {
        numbers[at] = s1.length;
        s1.push(feature[row]);
        s2.push(missing[column]);
      }
      cells[place] = numbers[at];
    }
    return cells;
  });
  return {
    s1: Float64Array.from(s1),
    s2: Float64Array.from(s2),
    examples: examples.map((example, i) => countsOf(example, cellsOf[i], s1.length)),
  };
}

/** 0 and at most `count` values above it, ascending, the largest of all among them. */
function levelsOf(examples: readonly Example[], branch: "s1" | "s2", count: number): Float64Array {
  const all = new Float64Array(examples.reduce((sum, { s1 }) => sum + s1.length, 0)), levels = new Set([0]);
  for (const isDefective of [false, true]) {
    let filled = 0;
    for (const { [branch]: values, shares } of examples) {
      for (let i = 0; i < values.length; i++) {
        if (values[i] > 0 && shares[i] > 0 === isDefective) all[filled++] = values[i];
      }
    }
    const ascending = all.subarray(0, filled).sort(), steps = Math.min(count / 2, filled);
    for (let step = 1; step <= steps; step++) levels.add(ascending[Math.ceil(step * filled / steps) - 1]);
  }
  return Float64Array.from(levels).sort();
}

/** `cellOf` has the cell of each place of the example, one of `count`. */
function countsOf(
  { kind, defects, shares, silentNormal, silentShare }: Example,
  cellOf: Uint32Array,
  count: number,
): CellCounts {
  const cells = Uint32Array.from(new Set([0, ...cellOf])).sort(), indexOf = new Uint32Array(count);
  cells.forEach((cell, index) => indexOf[cell] = index);
  const normal = new Float64Array(cells.length), share = new Float64Array(cells.length);
  normal[0] = silentNormal;
  share[0] = silentShare;
  for (let place = 0; place < cellOf.length; place++) {
    const index = indexOf[cellOf[place]];
    if (shares[place] > 0) share[index] += shares[place];
    else normal[index]++;
  }
  return { kind, defects, cells, normal, share };
}
