/** The one shape of a reconstruction that is shown, and that the published map is made of. @module */
import type { Gpu } from "../kernels/mod.ts";
import type { Reconstruction } from "./plugin.ts";

/**
 * The points of the shape that counts most, the first among equals: `count × 3`, metres, in the scan's camera frame. Read back: the reconstruction's points up
 * to that shape's last, in one wait.
 */
export async function heaviestShape(
  { points, shapes }: Pick<Reconstruction, "points" | "shapes">,
  gpu: Gpu,
): Promise<Float32Array> {
  const { first, count } = shapes.reduce((most, shape) => shape.weight > most.weight ? shape : most);
  const values = await gpu.read(points, 4 * (first + count));
  return Float32Array.from({ length: 3 * count }, (_, i) => values[4 * (first + Math.floor(i / 3)) + i % 3]);
}

/** x and y of points: `count × 2` of `count × 3`. */
export function withoutDepth(points: Float32Array): Float32Array {
  const flat = new Float32Array(2 * points.length / 3);
  for (let i = 0; i < flat.length; i++) flat[i] = points[(i >> 1) * 3 + (i & 1)];
  return flat;
}
