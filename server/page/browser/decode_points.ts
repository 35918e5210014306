/** Points of a result, out of the bytes that they travel in. @module */
import type { ScanView } from "../../../report/mod.ts";

/** Points of a scan in the camera's frame. */
export interface DecodedPoints {
  /** How many. */
  readonly count: number;
  /** Millimetres, one array an axis. */
  readonly axes: readonly [Float32Array, Float32Array, Float32Array];
  /** Of each point, on the model's scale. */
  readonly scores: Float32Array;
  /** Of each point, 0 to 255: the shading of the picture. */
  readonly greys: Uint8Array;
}

/** The measured points. @throws {RangeError} where bytes are missing */
export function decodePoints(
  { count, positions, originMm, stepMm, scores, mostScore, greys }: ScanView["points"],
): DecodedPoints {
  const shares = viewOf(scores);
  return {
    count,
    axes: decodePositions({ count, positions, originMm, stepMm }),
    scores: Float32Array.from({ length: count }, (_, i) => (mostScore * shares.getUint16(2 * i, true)) / 65535),
    greys: Uint8Array.fromBase64(greys),
  };
}

/** Positions, `count × 3` int16 of little end, in steps from an origin; millimetres. @throws {RangeError} where bytes are missing */
export function decodePositions(
  { count, positions, originMm, stepMm }: Pick<ScanView["points"], "count" | "positions" | "originMm" | "stepMm">,
): DecodedPoints["axes"] {
  const steps = viewOf(positions);
  const axis = (at: 0 | 1 | 2) =>
    Float32Array.from({ length: count }, (_, i) => originMm[at] + stepMm * steps.getInt16(6 * i + 2 * at, true));
  return [axis(0), axis(1), axis(2)];
}

const viewOf = (base64: string) => new DataView(Uint8Array.fromBase64(base64).buffer);
