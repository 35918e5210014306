/** Norms by the definition, in float64, and golden cases of them, for tests. @module */
import type { Gpu, Rows } from "../kernels/mod.ts";
import { goldenArray } from "./golden_arrays.ts";

/** Mean and biased variance of each column of rows `first … first + count`. */
export function momentsOf(x: ArrayLike<number>, columns: number, first: number, count: number) {
  const mean = new Float64Array(columns), variance = new Float64Array(columns);
  for (let c = 0; c < columns; c++) {
    for (let i = first; i < first + count; i++) mean[c] += x[i * columns + c] / count;
    for (let i = first; i < first + count; i++) variance[c] += (x[i * columns + c] - mean[c]) ** 2 / count;
  }
  return { mean, variance };
}

/** Derivative of Σ up·f at `x` by central differences in float64. */
export function differences(x: ArrayLike<number>, up: ArrayLike<number>, f: (x: Float64Array) => ArrayLike<number>) {
  const at = Float64Array.from(x), step = 1e-6;
  const loss = () => Array.from(f(at)).reduce((sum, y, i) => sum + y * up[i], 0);
  return at.map((value, i) => {
    at[i] = value + step;
    const above = loss();
    at[i] = value - step;
    const below = loss();
    at[i] = value;
    return (above - below) / (2 * step);
  });
}

/** Values of rows without their padding, which must be 0. Reads back. */
export async function valuesOf(gpu: Gpu, { values, count, columns, stride }: Rows): Promise<Float64Array> {
  const padded = await gpu.read(values, count * stride), kept: number[] = [];
  padded.forEach((value, i) => {
    if (i % stride < columns) kept.push(value);
    else if (value !== 0) throw new Error(`${value} in the padding of row ${Math.floor(i / stride)}`);
  });
  return Float64Array.from(kept);
}

/** An array of a golden case, its axes behind the first two joined. */
export function golden(name: string, array: string) {
  const { shape, values } = goldenArray(`ops/${name}/${array}`);
  return {
    values: Float64Array.from(Array.from(values)),
    clouds: shape[0],
    channels: shape[1] ?? 1,
    places: shape.slice(2).reduce((a, b) => a * b, 1),
  };
}

/** The same, a row a place, channels filled up with zeros to `columns`. */
export function goldenRows(name: string, array: string, columns?: number): Float64Array {
  const { values, clouds, channels, places } = golden(name, array), width = columns ?? channels;
  const rows = new Float64Array(clouds * places * width);
  values.forEach((value, i) => {
    const cloud = Math.floor(i / (channels * places)), channel = Math.floor(i / places) % channels;
    rows[(cloud * places + i % places) * width + channel] = value;
  });
  return rows;
}
