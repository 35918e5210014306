/**
 * Coarse likeness of two parts on a table: mean heights on a raster, over turns about the vertical. @module
 *
 * A part seen from above is told by where it is high. Rasters of the turned part are compared with those of the normal scans by their
 * squared difference; the few that are most alike are the start of an exact registration.
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

/** The best turn for each raster, most alike first; those in `without` are left out. Ties go to the smaller turn and index. */
export function mostAlike(
  points: Float32Array,
  side: number,
  rasters: readonly Float32Array[],
  without: ReadonlySet<number> = new Set(),
): Likeness[] {
  const best = rasters.map((_, index) => ({ index, turn: 0, difference: Infinity }));
  for (let step = 0; step < TURNS; step++) {
    const turn = 2 * Math.PI * step / TURNS, own = heightRaster(points, side, turn);
    for (const likeness of best) {
      if (without.has(likeness.index)) continue;
      const difference = differenceUpTo(own, rasters[likeness.index], likeness.difference);
      if (difference < likeness.difference) Object.assign(likeness, { turn, difference });
    }
  }
  return best.filter(({ index }) => !without.has(index)).sort((a, b) =>
    a.difference - b.difference || a.index - b.index
  );
}

/** Stops as soon as the sum is too large to matter. */
function differenceUpTo(a: Float32Array, b: Float32Array, most: number): number {
  let sum = 0;
  for (let row = 0; row < RASTER && sum < most; row++) {
    for (let i = row * RASTER; i < (row + 1) * RASTER; i++) sum += (a[i] - b[i]) ** 2;
  }
  return sum;
}
