/**
 * The missing-region map as the paper has it, in its words and no more. @module
 *
 * s₂(a) = min over p of |a − p|², a: a point of the reconstruction, p: those of the scan, z dropped (equation 10); then DBSCAN; then
 * dilation. The paper gives no parameter and no way from points to pixels: both are the published code's, as in
 * `published_missing_region.ts`. All clusters stay, noise goes. Source: Liu, Mou, Gaw, Wang,
 * "Uni-3DAD", arXiv 2408.16201, 2024.
 */
import { boxPixels } from "./box_pixels.ts";
import { greyDilation } from "./grey_dilation.ts";
import { heaviestShape, withoutDepth } from "./heaviest_shape.ts";
import { nearestInPlane } from "./nearest_in_plane.ts";
import { pixelClusters } from "./pixel_clusters.ts";
import type { Reconstruction } from "./plugin.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import type { Run } from "./run.ts";

const SQUARE_MILLIMETRES = 1e6;

/**
 * The map, in square millimetres; its score is its maximum. Read back, in up to two waits: the heaviest shape's points and the clusters'
 * labels. @throws {ShapeMismatch} where the reconstruction covers more than 2¹⁸ pixels
 */
export async function equationMissingRegion(
  scan: Pick<Prepared, "hostPoints" | "pixels" | "frame">,
  reconstruction: Pick<Reconstruction, "points" | "shapes">,
  { gpu }: Pick<Run, "gpu">,
): Promise<ScoreMap> {
  const { size } = scan.frame, map = new Float32Array(size * size), pixelAt = boxPixels(scan);
  const shape = withoutDepth(await heaviestShape(reconstruction, gpu));
  const { squares } = nearestInPlane(withoutDepth(scan.hostPoints), shape);
  squares.forEach((square, i) => map[pixelAt(shape[2 * i], shape[2 * i + 1])] = SQUARE_MILLIMETRES * square);
  const { pixels, labels } = await pixelClusters(map, size, gpu);
  pixels.forEach((pixel, i) => {
    if (labels[i] < 0) map[pixel] = 0;
  });
  const values = greyDilation(map, size);
  return { size, values, score: values.reduce((most, value) => Math.max(most, value), 0) };
}
