/**
 * Coarse likeness of two parts on a table: mean heights on a raster, over turns about the vertical. @module
 *
 * A part seen from above is told by where it is high. Rasters of the turned part are compared with those of the normal scans by their
 * squared difference; the few that are most alike are the start of an exact registration. Coarse rasters say beforehand which can't be
 * among them. A part that lacks an end has its middle elsewhere: it is compared again over shifts, only where it has points.
 */

/** Cells along a side of a raster, and turns that are tried. */
export const RASTER = 40, TURNS = 36;

/** Mean height of the points in each cell, 0 where there is none; `RASTER²`, the origin in the middle. */
export function heightRaster(points: Float32Array, side: number, turn = 0): Float32Array {
  const sums = new Float64Array(RASTER * RASTER), counts = new Uint32Array(RASTER * RASTER);
  const c = Math.cos(turn), s = Math.sin(turn);
  for (let i = 0; i < points.length; i += 4) {
    const x = c * points[i] - s * points[i + 1], y = s * points[i] + c * points[i + 1];
    const column = Math.floor(x / side + RASTER / 2), row = Math.floor(y / side + RASTER / 2);
    if (column < 0 || column >= RASTER || row < 0 || row >= RASTER) continue;
    sums[row * RASTER + column] += points[i + 2];
    counts[row * RASTER + column]++;
  }
  return Float32Array.from(sums, (sum, i) => counts[i] > 0 ? sum / counts[i] : 0);
}

/** A normal scan and the turn (radians) by which the part comes nearest to it. */
export interface Likeness {
  /** Which of the rasters. */
  readonly index: number;
  readonly turn: number;
  /** Sum of squared height differences, metres². */
  readonly difference: number;
}

/**
 * The `most` rasters that come nearest, each at its best turn, most alike first; those in `without` are left out. Ties go to the smaller
 * turn and index. Exact: only what a bound of the difference rules out is not compared.
 */
export function mostAlike(
  points: Float32Array,
  side: number,
  rasters: readonly Float32Array[],
  { most = Infinity, without = new Set() }: { readonly most?: number; readonly without?: ReadonlySet<number> } = {},
): Likeness[] {
  const turns = Array.from({ length: TURNS }, (_, step) => {
    const turn = 2 * Math.PI * step / TURNS, raster = heightRaster(points, side, turn);
    return { turn, raster, coarse: coarseHeights(raster) };
  });
  const candidates = rasters.flatMap((raster, index) => {
    if (without.has(index)) return [];
    const coarse = coarseHeights(raster), bounds = turns.map((own) => leastDifference(own.coarse, coarse));
    return [{ index, bounds, least: Math.min(...bounds) }];
  }).sort((a, b) => a.least - b.least);
  const found: Likeness[] = [];
  for (const { index, bounds, least } of candidates) {
    const limit = found.length < most ? Infinity : found[found.length - 1].difference;
    if (least > limit) break;
    let best: { step: number; difference: number } | undefined;
    for (const step of bounds.map((_, step) => step).sort((a, b) => bounds[a] - bounds[b])) {
      const worst = best?.difference ?? limit;
      if (bounds[step] > worst) break;
      const difference = differenceUpTo(turns[step].raster, rasters[index], worst);
      if (difference < worst || difference === worst && step < (best?.step ?? Infinity)) best = { step, difference };
    }
    if (!best) continue;
    found.push({ index, turn: turns[best.step].turn, difference: best.difference });
    found.sort((a, b) => a.difference - b.difference || a.index - b.index).splice(most);
  }
  return found;
}

/** Cells by which a part may be shifted, along either side: a third of the extent and less. */
const SHIFTS = [-6, -4, -2, 0, 2, 4, 6];

/** A normal scan of which the part may be a piece. */
export interface Cover extends Likeness {
  /** Where the turned part's middle comes to lie, metres. */
  readonly shift: readonly [x: number, y: number];
}

/**
 * The `most` rasters that come nearest to the points where these are, each at its best turn and shift, most alike first: what a part lacks
 * does not count. Those in `without` are left out. Ties go to the smaller turn, shift and index.
 */
export function mostCovering(
  points: Float32Array,
  side: number,
  rasters: readonly Float32Array[],
  { most = Infinity, without = new Set() }: { readonly most?: number; readonly without?: ReadonlySet<number> } = {},
): Cover[] {
  const turns = Array.from({ length: TURNS }, (_, step) => {
    const turn = 2 * Math.PI * step / TURNS, raster = heightRaster(points, side, turn);
    return { turn, raster, filled: Array.from(raster.keys()).filter((cell) => raster[cell] !== 0) };
  });
  const found = rasters.flatMap((other, index): Cover[] => {
    if (without.has(index)) return [];
    let best: Cover = { index, turn: 0, shift: [0, 0], difference: Infinity };
    for (const { turn, raster, filled } of turns) {
      for (const down of SHIFTS) {
        for (const right of SHIFTS) {
          const difference = differenceWhere(filled, raster, other, { down, right }, best.difference);
          if (difference < best.difference) best = { index, turn, shift: [right * side, down * side], difference };
        }
      }
    }
    return [best];
  });
  return found.sort((a, b) => a.difference - b.difference || a.index - b.index).slice(0, most);
}

/** Squared difference of the filled cells to those that they are shifted to, 0 outside; stops as soon as it is above `most`. */
function differenceWhere(
  filled: readonly number[],
  raster: Float32Array,
  other: Float32Array,
  { down, right }: { readonly down: number; readonly right: number },
  most: number,
): number {
  let sum = 0;
  for (const cell of filled) {
    const row = Math.floor(cell / RASTER) + down, column = cell % RASTER + right;
    const inside = row >= 0 && row < RASTER && column >= 0 && column < RASTER;
    sum += (raster[cell] - (inside ? other[row * RASTER + column] : 0)) ** 2;
    if (sum > most) return sum;
  }
  return sum;
}

/** Cells along a side of a block. */
const BLOCK = 4;

/**
 * Two numbers a block of cells, so that rasters differ at least as much as these: the mean, times the root of the count, and the norm
 * of what deviates from it. The means' differences and the deviations are orthogonal, and norms differ no more than their vectors.
 */
function coarseHeights(raster: Float32Array): Float64Array {
  const across = RASTER / BLOCK, coarse = new Float64Array(2 * across ** 2);
  for (let block = 0; block < across ** 2; block++) {
    const first = BLOCK * (Math.floor(block / across) * RASTER + block % across);
    let sum = 0, deviation = 0;
    for (let cell = 0; cell < BLOCK ** 2; cell++) sum += raster[cellOf(first, cell)];
    const mean = sum / BLOCK ** 2;
    for (let cell = 0; cell < BLOCK ** 2; cell++) deviation += (raster[cellOf(first, cell)] - mean) ** 2;
    coarse[2 * block] = mean * BLOCK;
    coarse[2 * block + 1] = Math.sqrt(deviation);
  }
  return coarse;
}

const cellOf = (first: number, cell: number) => first + Math.floor(cell / BLOCK) * RASTER + cell % BLOCK;

/** No more than the squared difference of the rasters that these were made of: less by what rounding may add, a billionth and 1 nm². */
function leastDifference(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum * (1 - 1e-9) - 1e-18;
}

/** Stops as soon as the sum is above `most`. */
function differenceUpTo(a: Float32Array, b: Float32Array, most: number): number {
  let sum = 0;
  for (let row = 0; row < RASTER && sum <= most; row++) {
    for (let i = row * RASTER; i < (row + 1) * RASTER; i++) sum += (a[i] - b[i]) ** 2;
  }
  return sum;
}
