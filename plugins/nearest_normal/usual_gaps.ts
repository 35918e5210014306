/**
 * How deep the gaps of normal scans are, place by place of each normal shape. @module
 *
 * A gap's depth at a point of a shape is the distance, in the picture, to the nearest place where the scan has a point. Each normal scan,
 * reconstructed from the others, tells the depths at the points of the shapes that it was reconstructed from; around a place, a column of
 * the registry with its four neighbours, they are taken together. Usual is what lies within three deviations of their mean: drop-outs that
 * normal scans also have, and outlines that differ.
 */
import type { ColumnShape } from "../../kernels/mod.ts";

/** Deviations above the mean that a gap of a normal scan may have. */
const DEVIATIONS = 3;

/** Depths seen at the points of one shape. */
export interface UsualGaps {
  /** `slots × 2`: the columns in which the shape has points, ascending, and how many it has there. */
  readonly filled: Uint32Array<ArrayBuffer>;
  /** `slots × 3`: count, sum and sum of squares of the depths seen in each. */
  readonly seen: Float64Array<ArrayBuffer>;
  /** Takes the depths at all points of the shape (metres, negative where nothing is known), found in one normal scan. */
  add(depths: Float32Array): void;
  /** Usual depth at each point, metres; with `but` as if those depths, which were added, had not been. */
  usual(but?: Float32Array): Float32Array<ArrayBuffer>;
}

/** Nothing seen yet. `starts` are the shape's places by column, as sorting the shape gives them. */
export function usualGaps(starts: Uint32Array, shape: ColumnShape): UsualGaps {
  const filled: number[] = [];
  for (let column = 0; column < shape.across ** 2; column++) {
    if (starts[column + 1] > starts[column]) filled.push(column, starts[column + 1] - starts[column]);
  }
  return gapsOf(Uint32Array.from(filled), new Float64Array(1.5 * filled.length), shape);
}

/** What was seen already, of `filled` and `seen` as {@linkcode UsualGaps} has them. */
export function gapsOf(
  filled: Uint32Array<ArrayBuffer>,
  seen: Float64Array<ArrayBuffer>,
  shape: ColumnShape,
): UsualGaps {
  const { slotOf, around } = slotsOf(filled, shape), slots = filled.length / 2;
  const add = (to: Float64Array, depths: Float32Array, sign: number) => {
    slotOf.forEach((slot, i) => {
      if (depths[i] < 0) return;
      to[3 * slot] += sign;
      to[3 * slot + 1] += sign * depths[i];
      to[3 * slot + 2] += sign * depths[i] ** 2;
    });
  };
  return {
    filled,
    seen,
    add: (depths) => add(seen, depths, 1),
    usual(but) {
      let sums = seen;
      if (but) {
        sums = seen.slice();
        add(sums, but, -1);
      }
      const bySlot = Float32Array.from({ length: slots }, (_, slot) => usualAround(sums, around, slot));
      return Float32Array.from(slotOf, (slot) => bySlot[slot]);
    },
  };
}

/** A column and its four neighbours. */
const AROUND = 5;

/** The columns that hold points, numbered: each point's, and each one's neighbours (−1 where there is none). */
function slotsOf(filled: Uint32Array, { across }: ColumnShape) {
  const columns = across * across, numbers = new Int32Array(columns).fill(-1), slots = filled.length / 2;
  const around = new Int32Array(AROUND * slots).fill(-1);
  let points = 0;
  for (let slot = 0; slot < slots; slot++) {
    numbers[filled[2 * slot]] = slot;
    points += filled[2 * slot + 1];
  }
  const slotOf = new Uint32Array(points);
  let first = 0;
  for (let slot = 0; slot < slots; slot++) {
    const column = filled[2 * slot], x = column % across;
    slotOf.fill(slot, first, first += filled[2 * slot + 1]);
    const near = [column, x > 0 ? column - 1 : -1, x < across - 1 ? column + 1 : -1, column - across, column + across];
    near.forEach((other, k) => around[AROUND * slot + k] = other >= 0 && other < columns ? numbers[other] : -1);
  }
  return { slotOf, around };
}

function usualAround(sums: Float64Array, around: Int32Array, slot: number): number {
  let count = 0, sum = 0, squares = 0;
  for (const near of around.subarray(AROUND * slot, AROUND * (slot + 1))) {
    if (near < 0) continue;
    count += sums[3 * near];
    sum += sums[3 * near + 1];
    squares += sums[3 * near + 2];
  }
  if (count < 1) return 0;
  const mean = sum / count;
  return Math.max(0, mean + DEVIATIONS * Math.sqrt(Math.max(0, squares / count - mean * mean)));
}
