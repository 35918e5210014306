/** Rows from the host. @module */
import { type Rows, strideOf } from "./rows.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Uploads rows that lie one after another, `columns` numbers each, and fills each up with zeros to its stride. @throws {ShapeMismatch} for part of a row */
export function uploadRows(gpu: Gpu, values: ArrayLike<number>, columns: number): Rows {
  const count = values.length / columns, stride = strideOf(columns);
  if (!(columns >= 1 && Number.isInteger(count))) {
    throw new ShapeMismatch("upload-rows", `whole rows of ${columns} numbers`, `${values.length} numbers`);
  }
  const padded = new Float32Array(count * stride);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < columns; column++) padded[row * stride + column] = values[row * columns + column];
  }
  const buffer = gpu.upload("f32", padded);
  return { values: buffer, count, columns, stride, [Symbol.dispose]: () => buffer[Symbol.dispose]() };
}
