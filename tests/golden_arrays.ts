/** Golden arrays of the reconstruction branch. @module */
import { readNpy, readSafetensors, type SafeTensor } from "../formats/mod.ts";
import { sharedData } from "./shared_data.ts";

/** An array with its shape. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Whether the golden values are there. */
export const goldenIsThere = sharedData("golden/reconstruction") !== undefined;

const file = (name: string) => Deno.readFileSync(sharedData(`golden/reconstruction/${name}`)!);

/** A golden array. */
export const goldenArray = (name: string): GoldenArray => readNpy(file(`${name}.npy`));

/** `[B, C, N]` as B·N rows of C values. */
export function placesOf({ shape, values }: GoldenArray): { values: Float32Array; columns: number } {
  const [clouds, columns, places] = shape, turned = new Float32Array(values.length);
  for (let b = 0; b < clouds; b++) {
    for (let c = 0; c < columns; c++) {
      for (let n = 0; n < places; n++) turned[(b * places + n) * columns + c] = values[(b * columns + c) * places + n];
    }
  }
  return { values: turned, columns };
}

/** Golden tensors by their names. */
export const goldenTensors = (name: string): Map<string, SafeTensor> =>
  readSafetensors(file(`${name}.safetensors`)).tensors;

/** max |a − b| / max |b|, the golden values' measure of error. */
export function errorOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new RangeError(`Cannot compare ${a.length} values with ${b.length}`);
  let most = 0, largest = 0;
  for (let i = 0; i < b.length; i++) {
    most = Math.max(most, Math.abs(a[i] - b[i]));
    largest = Math.max(largest, Math.abs(b[i]));
    if (!Number.isFinite(a[i])) return Infinity;
  }
  return most / largest;
}
