/** What passes between kernels: clouds of points and rows of features on the GPU. @module */
import type { GpuBuffer } from "./runtime/mod.ts";

/** Rows of features. Each row takes `stride` floats, a multiple of 4 so that it is read as `vec4f`; those past `columns` are 0. */
export interface Rows extends Disposable {
  /** `count × stride`. */
  readonly values: GpuBuffer<"f32">;
  /** Number of rows. */
  readonly count: number;
  /** Features of a row. */
  readonly columns: number;
  /** Floats from one row to the next, at least `columns`. */
  readonly stride: number;
}

/** The stride of rows of so many columns. */
export const strideOf = (columns: number): number => Math.ceil(columns / 4) * 4;

/** Points or normals: four floats each, the fourth is 0, in metres. */
export interface Cloud {
  /** `count × 4`. */
  readonly values: GpuBuffer<"f32">;
  /** How many points. */
  readonly count: number;
}
