/** What a scan lacks: the part of the whole shape that its regions say is not there. @module */
import { type JudgedBranches, type MapFrame, mapPixelOf, pixelOf, type Scan, type Scored } from "../core/mod.ts";

/** The part of a whole shape that a scan lacks. */
export interface MissingPart {
  /** `width × height`: number of the region, from 1, where the scan's pixel should have shown the part; 0 elsewhere. */
  readonly regionAt: Uint32Array;
  /** `count × 3`: the points of the whole shape that are seen there, in the camera's frame, metres. */
  readonly points: Float32Array;
  /** The pixel of the scan, row by row, in which each point is seen. */
  readonly pixels: Uint32Array;
}

/** A place has to score this share of the map's largest value: a halo beside missing places, which only ranks them, has less. */
const LEAST_SHARE = 0.01;

/**
 * A place lacks something where it is in a region and the reconstruction branch's map says so, whichever branch scored the region's peak.
 * Of the shape those points belong to it that are seen in such a place; none where it is not known where pixels look.
 */
export function missingPart(
  { width, height }: Scan,
  labels: Uint32Array,
  { missing, shape }: JudgedBranches,
  { frame, camera }: Pick<Scored, "frame" | "camera">,
): MissingPart {
  const least = LEAST_SHARE * missing.values.reduce((most, value) => Math.max(most, value), 0);
  const regionAt = labels.map((label, i) =>
    label > 0 && missing.values[mapPixelOf(frame, [i % width, Math.floor(i / width)])] > least ? label : 0
  );
  const points: number[] = [], pixels: number[] = [];
  for (let i = 0; shape && camera && i < shape.length; i += 3) {
    const [x, y, z] = shape.subarray(i, i + 3);
    if (camera.central && !(z > 0)) continue;
    const [column, row] = scanPixel(frame, pixelOf(camera, x, y, z));
    const pixel = row * width + column;
    if (!(column >= 0 && column < width && row >= 0 && row < height) || regionAt[pixel] === 0) continue;
    points.push(x, y, z);
    pixels.push(pixel);
  }
  return { regionAt, points: Float32Array.from(points), pixels: Uint32Array.from(pixels) };
}

/** Column and row of the scan that lie under a place of the map. */
function scanPixel({ size, side, left, top }: MapFrame, [u, v]: readonly [number, number]) {
  return [Math.floor((u * side) / size) - left, Math.floor((v * side) / size) - top] as const;
}
