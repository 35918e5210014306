/**
 * One step of the optimiser Adam over a whole buffer of parameters. @module
 *
 * m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  θ ← θ − α·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε) at step t = 1, 2, …; then g ← 0.
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1. What depends on t alone is float64.
 */
import { defineKernel, type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";

/** Some twelve operations a parameter; four numbers are read and written. */
export const adamCost = (count: number): { flops: number; bytes: number } => ({ flops: 12 * count, bytes: 32 * count });

/** Invocations of a launch in x; what is more lies in y. */
const ACROSS = 2 ** 16;

const kernel = defineKernel({
  name: "adam",
  workgroup: 64,
  bindings: {
    parameters: "read_write vec4f",
    gradients: "read_write vec4f",
    first: "read_write vec4f",
    second: "read_write vec4f",
  },
  sizes: {
    count: "u32",
    across: "u32",
    keptFirst: "f32",
    newFirst: "f32",
    keptSecond: "f32",
    newSecond: "f32",
    stride: "f32",
    rootScale: "f32",
    epsilon: "f32",
  },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * sizes.across + thread.x;
      if (4u * at >= sizes.count) { return; }
      // of the last four, those past the end may be another's
      let isOurs = vec4u(4u * at) + vec4u(0u, 1u, 2u, 3u) < vec4u(sizes.count);
      let g = gradients[at];
      let m = sizes.keptFirst * first[at] + sizes.newFirst * g;
      let v = sizes.keptSecond * second[at] + sizes.newSecond * g * g;
      let moved = parameters[at] - sizes.stride * m / (sqrt(v) * sizes.rootScale + sizes.epsilon);
      parameters[at] = select(parameters[at], moved, isOurs);
      first[at] = select(first[at], m, isOurs);
      second[at] = select(second[at], v, isOurs);
      gradients[at] = select(g, vec4f(), isOurs);
    }`,
});

/** Parameters, what the optimiser knows of them, and its settings. */
export interface AdamRequest {
  /** Changed in place. */
  readonly parameters: GpuBuffer<"f32">;
  /** Of the loss by each parameter; 0 afterwards, ready for the next step's sums. */
  readonly gradients: GpuBuffer<"f32">;
  /** Running mean m of the gradients; zeros before the first step. */
  readonly first: GpuBuffer<"f32">;
  /** Running mean v of their squares; zeros before the first step. */
  readonly second: GpuBuffer<"f32">;
  /** α: about how far a parameter moves in a step. */
  readonly rate: number;
  /** Share of m that stays, from 0 to below 1. */
  readonly beta1: number;
  /** Share of v that stays, from 0 to below 1. */
  readonly beta2: number;
  /** t: which step this is, from 1. */
  readonly step: number;
  /** ε, above 0: where the gradients are 0 nothing moves. */
  readonly epsilon?: number;
}

/** One step. Reads nothing back. @throws {ShapeMismatch} for buffers of unequal length, and settings that cannot be */
export function adam(
  gpu: Gpu,
  { parameters, gradients, first, second, rate, beta1, beta2, step, epsilon = 1e-8 }: AdamRequest,
): void {
  const count = parameters.length, lengths = [gradients, first, second].map(({ length }) => length);
  if (lengths.some((length) => length !== count)) {
    throw new ShapeMismatch("adam", `gradients and moments of ${count} parameters`, lengths.join(", "));
  }
  const isShare = (beta: number) => beta >= 0 && beta < 1;
  if (!(isShare(beta1) && isShare(beta2) && Number.isInteger(step) && step >= 1 && epsilon > 0)) {
    throw new ShapeMismatch(
      "adam",
      "shares in [0, 1), a step from 1 on, an epsilon above 0",
      `${beta1}, ${beta2}, ${step}, ${epsilon}`,
    );
  }
  const quads = Math.ceil(count / 4);
  kernel.dispatch(gpu, {
    buffers: { parameters, gradients, first, second },
    sizes: {
      count,
      across: ACROSS,
      keptFirst: beta1,
      newFirst: 1 - beta1,
      keptSecond: beta2,
      newSecond: 1 - beta2,
      stride: rate / (1 - beta1 ** step),
      rootScale: 1 / Math.sqrt(1 - beta2 ** step),
      epsilon,
    },
    constants: {},
    threads: [Math.min(quads, ACROSS), Math.ceil(quads / ACROSS)],
  });
}
