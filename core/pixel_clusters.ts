/** Clusters of a map's pixels by density, with the published parameters. @module */
import { dbscan, type Gpu } from "../kernels/mod.ts";

/** Pixels, and neighbours that make a core pixel, itself among them: `eps` and `min_samples` of the published code. */
const RADIUS = 8, LEAST_PIXELS = 8;

/** The pixels of a map that are not 0, and where each belongs. */
export interface PixelClusters {
  /** Row-major, ascending. */
  readonly pixels: Uint32Array;
  /** The cluster of each of them, from 0, in the order of their first core pixels; −1 for noise. */
  readonly labels: Int32Array;
}

/**
 * DBSCAN over (row, column) of the pixels of a `size²` map that are not 0. Read back: the labels, in one wait; none where all are 0.
 * @throws {ShapeMismatch} where more than 2¹⁸ are not 0
 */
export async function pixelClusters(map: Float32Array, size: number, gpu: Gpu): Promise<PixelClusters> {
  const pixels = Uint32Array.from([...map.keys()].filter((pixel) => map[pixel] !== 0)), count = pixels.length;
  if (count === 0) return { pixels, labels: new Int32Array() };
  const places = new Float32Array(4 * count);
  pixels.forEach((pixel, i) => places.set([Math.floor(pixel / size), pixel % size], 4 * i));
  using points = gpu.upload("f32", places);
  using clusters = dbscan(gpu, { points, count, radius: RADIUS, leastPoints: LEAST_PIXELS });
  return { pixels, labels: await gpu.read(clusters.labels) };
}
