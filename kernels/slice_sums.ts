/**
 * Sums over many rows, in slices: each slice's sums are made by the operation that knows the terms, and added here in order. @module
 *
 * Both runs, over a slice's rows and over the slices, are about the root of the rows long: the work spreads over many invocations, a sum
 * rounds little, and its order is fixed, so that every run gives the same bits.
 */
import { addSlices } from "./add_slices.ts";
import type { Rows } from "./rows.ts";
import type { Gpu, GpuBuffer } from "./runtime/mod.ts";

/** How rows are cut. */
export interface Slices {
  /** Rows of a slice but the last, which may have fewer. A multiple of 8. */
  readonly span: number;
  /** Number of slices, at least one. */
  readonly slices: number;
}

/** Fewer rows are not worth a slice. */
const LEAST_SPAN = 32;

/** The slices of so many rows. */
export function slicesOf(rows: number): Slices {
  const span = Math.max(LEAST_SPAN, 8 * Math.ceil(Math.sqrt(rows) / 8));
  return { span, slices: Math.max(1, Math.ceil(rows / span)) };
}

/** Rows of one invocation where a result has all rows: fewer read a column's constants too often, more leave the cache. */
const LEAST_RUN = 4;

/** Invocations of a launch, a little below the 65,535 workgroups of 64 that WebGPU allows. */
const MOST_INVOCATIONS = 4e6;

/** Rows that an invocation takes of `rows × quads` vectors when each vector's result is written. */
export const runOf = (rows: number, quads: number): number =>
  Math.max(LEAST_RUN, Math.ceil(rows * quads / MOST_INVOCATIONS));

/** Rows that slices were summed of, and how. */
export interface SliceSumsRequest {
  /** Two rows a slice, group after group, slice after slice. */
  readonly parts: GpuBuffer<"f32">;
  /** Groups of rows that are summed by themselves. */
  readonly groups: number;
  /** Slices of a group. */
  readonly slices: number;
  /** Rows of the same columns as the sums. */
  readonly like: Rows;
}

/** The sums of each group, `2·groups × columns`, in the order that the slices have. Reads nothing back. @throws {GpuOutOfMemory} */
export function sliceSums(gpu: Gpu, { parts, groups, slices, like: { columns, stride } }: SliceSumsRequest): Rows {
  const sums = gpu.buffer("f32", 2 * groups * stride);
  const length = 2 * stride;
  addSlices(gpu, { partial: parts, groups, slices, sliceLength: length, length, sums, onto: false });
  return { values: sums, count: 2 * groups, columns, stride, [Symbol.dispose]: () => sums[Symbol.dispose]() };
}
