/** Where kernels see a point on a map. @module */

/** Where the pixels of a map look: pixel (u, v) = matrix · q + offset. Pixel centres lie at whole numbers and a half. */
export interface MapCamera {
  /** 2 × 2 by rows: pixels of the map a unit of q. */
  readonly matrix: readonly [number, number, number, number];
  /** Pixels of the map. */
  readonly offset: readonly [number, number];
  /** Whether all rays meet in the origin: q = (x/z, y/z). Otherwise they are parallel: q = (x, y). */
  readonly central: boolean;
}

/** Members of a kernel's sizes that {@linkcode pixelOfSnippet} reads. */
export const CAMERA_SIZES = {
  acrossX: "f32",
  acrossY: "f32",
  downX: "f32",
  downY: "f32",
  offsetX: "f32",
  offsetY: "f32",
  central: "u32",
} as const;

/** Values of {@linkcode CAMERA_SIZES}. */
export function cameraSizes({ matrix, offset, central }: MapCamera): Record<keyof typeof CAMERA_SIZES, number> {
  const [acrossX, acrossY, downX, downY] = matrix, [offsetX, offsetY] = offset;
  return { acrossX, acrossY, downX, downY, offsetX, offsetY, central: central ? 1 : 0 };
}

/** WGSL: `pixelOf(point, size)`, column and row where the camera sees the point; below 0 behind a central camera and outside of the map. */
export const pixelOfSnippet = /* wgsl */ `
fn pixelOf(point: vec3f, size: u32) -> vec2f {
  var q = point.xy;
  if (sizes.central != 0u) {
    if (!(point.z > 0.0)) { return vec2f(-1.0); }
    q = q / point.z;
  }
  let pixel = vec2f(
    sizes.acrossX * q.x + sizes.acrossY * q.y + sizes.offsetX,
    sizes.downX * q.x + sizes.downY * q.y + sizes.offsetY,
  );
  return select(vec2f(-1.0), pixel, all(pixel >= vec2f()) && all(pixel < vec2f(f32(size))));
}
`;
