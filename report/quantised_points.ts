/** Points as small whole numbers. @module */

/** A box of points in steps of an int16. */
export interface Quantiser {
  /** Middle of the box, millimetres. */
  readonly originMm: readonly [number, number, number];
  /** What one step is, millimetres. */
  readonly stepMm: number;
  /** `count × 3` int16 as little-endian bytes: steps from the middle of those `points`, metres, that are wanted. */
  positions(points: Float32Array, wanted: ArrayLike<number>): Uint8Array;
}

/** Steps for the wanted ones of two sets of points, `count × 3` metres each. */
export function quantiser(
  points: Float32Array,
  wanted: ArrayLike<number>,
  others: Float32Array,
  wantedOthers: ArrayLike<number>,
): Quantiser {
  const originMm: [number, number, number] = [0, 0, 0];
  let reach = 0;
  for (let axis = 0; axis < 3; axis++) {
    let least = Infinity, most = -Infinity;
    for (const [values, indices] of [[points, wanted], [others, wantedOthers]] as const) {
      for (let i = 0; i < indices.length; i++) {
        const mm = 1000 * values[3 * indices[i] + axis];
        least = Math.min(least, mm), most = Math.max(most, mm);
      }
    }
    if (least > most) continue; // no point at all
    originMm[axis] = (least + most) / 2;
    reach = Math.max(reach, (most - least) / 2);
  }
  const stepMm = reach > 0 ? reach / 32767 : 1;
  return {
    originMm,
    stepMm,
    positions(points, wanted) {
      const steps = new DataView(new ArrayBuffer(6 * wanted.length));
      for (let i = 0; i < wanted.length; i++) {
        for (let axis = 0; axis < 3; axis++) {
          const mm = 1000 * points[3 * wanted[i] + axis];
          steps.setInt16(6 * i + 2 * axis, Math.round((mm - originMm[axis]) / stepMm), true);
        }
      }
      return new Uint8Array(steps.buffer);
    },
  };
}
