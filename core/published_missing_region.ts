/**
 * The missing-region map as the published code makes it. @module
 *
 * All distances are in x and y of the camera's frame. Points of the reconstruction that are no scan point's nearest are thought to be missing:
 * their distances to the scan are put at their pixels (the last in the points' order stays; pixels by {@linkcode boxPixels}), what falls on
 * measured places is taken away, DBSCAN drops noise and leaves the cluster of the largest value (the first among equals; where there is no
 * cluster, everything), dilation closes the rest. Measured places get their distance to the reconstruction. Pillow's blur, radius 4, of the
 * map in 256 greys ends it; a map of zeros stays one, where the published code divides 0 by 0.
 *
 * The published code works in units of each scan's largest radius; here they are millimetres, which within a scan is the same but for a
 * factor. It reconstructs one shape: of several, the heaviest is taken. For maps of training scans it keeps all clusters; here all scans
 * are treated as its test scans. A complete scan has no empty map either: the published code doesn't know any silence.
 * Source: JiayuLiu666/Uni3DAD at 7021aa9, the code of
 * Liu, Mou, Gaw, Wang, "Uni-3DAD", arXiv 2408.16201, 2024.
 */
import { pillowBlur } from "../kernels/mod.ts";
import { boxPixels } from "./box_pixels.ts";
import { greyDilation } from "./grey_dilation.ts";
import { heaviestShape, withoutDepth } from "./heaviest_shape.ts";
import { nearestInPlane } from "./nearest_in_plane.ts";
import { type PixelClusters, pixelClusters } from "./pixel_clusters.ts";
import type { Reconstruction } from "./plugin.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import type { Run } from "./run.ts";

const MILLIMETRES = 1000, NOISE = -1;

/**
 * The map, in millimetres; its score is its maximum. Read back, in up to three waits: the heaviest shape's points, which the host needs for
 * their pixels, the clusters' labels, and the map. Nearest points are found on the host, where both clouds are by then: a search
 * on the GPU would take a further wait, and on a software adapter take no more than 51,000 points.
 * @throws {ShapeMismatch} where more than 2¹⁸ pixels are thought to be missing
 */
export async function publishedMissingRegion(
  scan: Pick<Prepared, "hostPoints" | "pixels" | "frame">,
  reconstruction: Pick<Reconstruction, "points" | "shapes">,
  { gpu }: Pick<Run, "gpu">,
): Promise<ScoreMap> {
  const { pixels, frame: { size } } = scan, measured = withoutDepth(scan.hostPoints);
  const shape = withoutDepth(await heaviestShape(reconstruction, gpu));
  const surplus = nearestInPlane(shape, measured);
  const unmatched = pointsOff(shape, surplus.indices), gaps = nearestInPlane(measured, unmatched);
  const map = new Float32Array(size * size), pixelAt = boxPixels(scan);
  for (let i = 0; i < unmatched.length / 2; i++) {
    map[pixelAt(unmatched[2 * i], unmatched[2 * i + 1])] = MILLIMETRES * Math.sqrt(gaps.squares[i]);
  }
  for (const pixel of pixels) map[pixel] = 0;
  keepLargest(map, await pixelClusters(map, size, gpu));
  const whole = greyDilation(map, size);
  pixels.forEach((pixel, i) => whole[pixel] = MILLIMETRES * Math.sqrt(surplus.squares[i]));
  using sharp = gpu.upload("f32", whole), blurred = pillowBlur(gpu, { values: sharp, width: size, height: size });
  const values = await gpu.read(blurred);
  return { size, values, score: values.reduce((most, value) => Math.max(most, value), 0) };
}

/** The points, `count × 2`, that lie where none of the `matched` ones lies. */
function pointsOff(points: Float32Array, matched: Uint32Array): Float32Array {
  const places = new Float32Array(2 * matched.length);
  matched.forEach((point, i) => places.set(points.subarray(2 * point, 2 * point + 2), 2 * i));
  const { squares } = nearestInPlane(places, points);
  return points.filter((_, i) => squares[i >> 1] > 0);
}

/** Sets all to 0 but the cluster of the largest value; where there is no cluster, all is noise and stays. */
function keepLargest(map: Float32Array, { pixels, labels }: PixelClusters): void {
  let kept = NOISE, most = 0;
  pixels.forEach((pixel, i) => {
    const value = map[pixel], label = labels[i];
    if (label === NOISE || value < most || (value === most && label > kept)) return;
    kept = label;
    most = value;
  });
  pixels.forEach((pixel, i) => {
    if (labels[i] !== kept) map[pixel] = 0;
  });
}
