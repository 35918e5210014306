/** What checks state: bits, buffers, and errors of the right kind. @module */
import { RunAborted, type ScoreMap } from "../core/mod.ts";
import type { Gpu, GpuBuffer } from "../kernels/mod.ts";

/** @throws {Error} with what was expected, unless it holds */
export function expect(holds: boolean, expected: string): asserts holds {
  if (!holds) throw new Error(`Cannot pass: ${expected}`);
}

/** @throws {Error} with the first place where the bits of two arrays differ */
export function expectSameBits(found: Float32Array, wanted: Float32Array, what: string): void {
  expect(found.length === wanted.length, `${what} had ${wanted.length} values, then ${found.length}`);
  const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
  const a = bits(found), b = bits(wanted), at = a.findIndex((value, i) => value !== b[i]);
  expect(at < 0, `value ${at} of ${what} was ${wanted[at]}, then ${found[at]}`);
}

/** @throws {Error} where two maps differ in a bit, or their scores do */
export function expectSameMap(found: ScoreMap, wanted: ScoreMap, what: string): void {
  expectSameBits(found.values, wanted.values, `the map ${what}`);
  expect(Object.is(found.score, wanted.score), `the score ${what} was ${wanted.score}, then ${found.score}`);
}

/** @throws {Error} unless every value is a number that can be compared */
export function expectFinite(values: Float32Array, what: string): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  expect(at < 0, `value ${at} of ${what} is ${values[at]}`);
}

/** Does the work and fails where more or fewer GPU buffers are live than before. */
export async function withoutLeak<T>(gpu: Gpu, what: string, work: () => Promise<T>): Promise<T> {
  const before = gpu.memory.liveBuffers;
  const result = await work();
  const left = gpu.memory.liveBuffers - before;
  expect(left === 0, left > 0 ? `${what} left ${left} GPU buffers` : `${what} disposed ${-left} GPU buffers of others`);
  return result;
}

/** What the work threw; undefined where it went through. */
export async function thrownBy(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error ?? new Error("undefined was thrown");
  }
}

/** Fails unless the work ends with {@linkcode RunAborted}, and leaves no buffer. */
export async function expectAborted(gpu: Gpu, what: string, work: () => Promise<unknown>): Promise<void> {
  const error = await withoutLeak(gpu, `${what}, when it was interrupted,`, () => thrownBy(work));
  expect(error !== undefined, `${what} went on though the run was interrupted`);
  expect(error instanceof RunAborted, `${what}, when it was interrupted, threw ${String(error)} instead of RunAborted`);
}

/** Fails unless the work goes through, or ends with an error of these classes; and where the device or a buffer is lost by it. */
export async function expectBorneOrRefused(
  gpu: Gpu,
  what: string,
  refusals: readonly (new (...args: never[]) => Error)[],
  work: () => Promise<unknown>,
): Promise<void> {
  const error = await withoutLeak(gpu, what, () => thrownBy(work));
  await gpu.done(); // a shader that failed says so here
  if (error === undefined || refusals.some((refusal) => error instanceof refusal)) return;
  throw new Error(
    `Cannot pass: ${what} threw ${String(error)} instead of ${refusals.map(({ name }) => name).join(" or ")}`,
    {
      cause: error,
    },
  );
}

/** The values of GPU buffers, to compare them later. One wait. */
export function contentsOf(gpu: Gpu, buffers: readonly GpuBuffer<"f32" | "u32">[]): Promise<Float32Array[]> {
  return Promise.all(buffers.map(async (buffer) => new Float32Array((await gpu.read(buffer)).buffer)));
}

/**
 * Fills idle memory of all sizes up to 4 MiB with NaN, twice over: what a plugin reads without having written it is not by chance what
 * it wants.
 */
export function spoilIdleMemory(gpu: Gpu): void {
  using owned = new DisposableStack();
  for (let octave = 64; octave <= 2 ** 19; octave *= 2) {
    for (const part of [1, 1.25, 1.5, 1.75, 1, 1.25, 1.5, 1.75]) { // the sizes that the pool rounds up to
      owned.use(gpu.upload("f32", new Float32Array(octave * part).fill(NaN)));
    }
  }
}
