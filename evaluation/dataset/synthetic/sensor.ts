/** The sensor's faults: noise that grows with the slope, and places without a measurement. @module */
import type { RandomStream } from "../../../core/mod.ts";
import type { Hits, Lighting } from "./render.ts";
import type { Rig } from "./rig.ts";

/** Below `LOST` (cosine of the angle to the normal) there is never a measurement, above `SURE` the slope costs none. */
const LOST = 0.17, SURE = 0.4;
/** A step in depth to a neighbour of more than this is an edge, metres; half of the pixels there are lost. */
const EDGE = 0.0025, EDGE_LOSS = 0.5;
/** Share of pixels at which a speck is lost: the pixel and its left or upper neighbour. */
const SPECKS = 1.5e-4;
/** Noise is at most this many times that of a place seen straight on. */
const MOST_NOISE = 6;

/** Measured points: `width × height × 3`, metres, 0 0 0 where there is none. */
export interface Measured {
  readonly points: Float32Array;
  readonly valid: Uint8Array;
}

/** Largest step in depth from a pixel to its four neighbours, metres. */
function stepAt(depth: Float64Array, width: number, height: number, row: number, column: number): number {
  const pixel = row * width + column, z = depth[pixel];
  let most = 0;
  if (column > 0) most = Math.max(most, Math.abs(depth[pixel - 1] - z));
  if (column < width - 1) most = Math.max(most, Math.abs(depth[pixel + 1] - z));
  if (row > 0) most = Math.max(most, Math.abs(depth[pixel - width] - z));
  if (row < height - 1) most = Math.max(most, Math.abs(depth[pixel + width] - z));
  return most;
}

/**
 * Measures the hits. Each pixel takes the same four random numbers whatever is seen there, so that a scan
 * with a defect and the same scan without it differ by the defect alone.
 * @param noise standard deviation of the depth seen straight on, metres
 */
export function measure(
  rig: Rig,
  hits: Hits,
  { facing, lit }: Lighting,
  noise: number,
  stream: RandomStream,
): Measured {
  const { width, height, centre, step } = rig;
  const points = new Float32Array(3 * width * height), valid = new Uint8Array(width * height).fill(1);
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const deviation = stream.normal(), luck = stream.uniform(), speck = stream.uniform();
      const cosine = Math.min(facing[pixel], lit[pixel]);
      const kept = Math.min(1, Math.max(0, (cosine - LOST) / (SURE - LOST)));
      const edge = stepAt(hits.depth, width, height, row, column) > EDGE ? EDGE_LOSS : 0;
      if (luck >= kept * (1 - edge)) valid[pixel] = 0;
      if (speck < SPECKS) {
        valid[pixel] = 0;
        if (speck < SPECKS / 2 && column > 0) valid[pixel - 1] = 0;
        else if (row > 0) valid[pixel - width] = 0;
      }
      const sigma = noise * Math.min(MOST_NOISE, 1 / Math.max(facing[pixel], 1e-3) ** 2);
      const z = hits.depth[pixel] + sigma * deviation;
      points[3 * pixel] = (column - centre[0]) * step * z;
      points[3 * pixel + 1] = (row - centre[1]) * step * z;
      points[3 * pixel + 2] = z;
    }
  }
  for (let pixel = 0; pixel < valid.length; pixel++) if (!valid[pixel]) points.fill(0, 3 * pixel, 3 * pixel + 3);
  return { points, valid };
}
