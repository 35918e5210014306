/** How deep the gaps of a scan are at whole shapes laid over it: what reconstructors learn usual gaps from. @module */
import { distanceTransform, gapAtPoints, type Gpu } from "../kernels/mod.ts";
import { pitchOf } from "./camera.ts";
import type { Reconstruction } from "./plugin.ts";
import type { Prepared } from "./prepared.ts";

/**
 * Depth of the scan's gaps at the points of each shape, metres, negative where nothing is known. The scan has a camera. Waits for the GPU;
 * read back: these.
 */
export async function gapsAtShapes(
  scan: Prepared,
  { points, shapes }: Pick<Reconstruction, "points" | "shapes">,
  { gpu }: { readonly gpu: Gpu },
): Promise<Float32Array[]> {
  const { pointOf, frame: { size }, hostPoints } = scan, camera = scan.camera!;
  using squares = distanceTransform(gpu, { pointOf, size });
  using depths = gapAtPoints(gpu, { points, camera, squares, size, pitch: pitchOf(camera, hostPoints) });
  const values = await gpu.read(depths);
  return shapes.map(({ first, count }) => values.slice(first, first + count));
}
