/** The one shape of a reconstruction that the published map is made of. @module */
import type { Gpu } from "../kernels/mod.ts";
import type { Reconstruction } from "./plugin.ts";

/**
 * x and y of the points of the shape that counts most, the first among equals: `count × 2`, metres. Read back: the reconstruction's points up
 * to that shape's last, in one wait.
 */
export async function heaviestShape(
  { points, shapes }: Pick<Reconstruction, "points" | "shapes">,
  gpu: Gpu,
): Promise<Float32Array> {
  const { first, count } = shapes.reduce((most, shape) => shape.weight > most.weight ? shape : most);
  return withoutDepth((await gpu.read(points, 4 * (first + count))).subarray(4 * first), 4);
}

/** x and y of points of `stride` floats: `count × 2`. */
export function withoutDepth(points: Float32Array, stride: 3 | 4): Float32Array {
  const flat = new Float32Array(2 * points.length / stride);
  for (let i = 0; i < flat.length; i++) flat[i] = points[(i >> 1) * stride + (i & 1)];
  return flat;
}
