/** Rows as a model keeps them: without the padding that the GPU wants. @module */
import type { Tensor } from "../../core/mod.ts";
import { strideOf } from "../../kernels/mod.ts";
import type { HostBank } from "./scan_score.ts";

/** Rows on the host as a tensor of `count × columns`. */
export function tightRows({ values, count, columns, stride }: HostBank): Tensor {
  const tight = new Float32Array(count * columns);
  for (let row = 0; row < count; row++) {
    tight.set(values.subarray(row * stride, row * stride + columns), row * columns);
  }
  return { shape: [count, columns], values: tight };
}

/** A tensor of `count × columns` as rows of a stride that the GPU reads. */
export function paddedRows(
  { shape: [count, columns], values }: Tensor,
): HostBank & { values: Float32Array<ArrayBuffer> } {
  const stride = strideOf(columns), padded = new Float32Array(count * stride);
  for (let row = 0; row < count; row++) {
    padded.set(values.subarray(row * columns, (row + 1) * columns) as Float32Array, row * stride);
  }
  return { values: padded, count, columns, stride };
}
