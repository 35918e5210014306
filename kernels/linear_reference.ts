/** Linear layers by the definition, in float64, and GPUs that choose other tiles, for tests. @module */
import type { Gpu } from "./runtime/mod.ts";

/** A sum with the sum of its terms' sizes, which its rounding is a share of. */
export interface Sized {
  readonly value: number;
  readonly size: number;
}

/** Σ a_t · b_t of `count` terms. */
export function sumOf(count: number, term: (t: number) => readonly [number, number]): Sized {
  let value = 0, size = 0;
  for (let t = 0; t < count; t++) {
    const [a, b] = term(t);
    value += a * b;
    size += Math.abs(a * b);
  }
  return { value, size };
}

/** Rounding of a float32 sum of so many products, in any order, as a share of the terms' sizes: one a product, one an addition. */
export const roundingOf = (terms: number): number => (terms + 1) * 2 ** -24;

/** What a GPU says of itself that decides on tiles and launches. */
export interface Claims {
  readonly stepFlops?: number;
  readonly loopIterations?: number;
  readonly bindingBytes?: number;
  readonly software?: boolean;
}

/** The same GPU with other claims, so that a test reaches each tile and each way of cutting. */
export function like(gpu: Gpu, claims: Claims): Gpu {
  const { software, ...limits } = { ...gpu.limits, software: gpu.adapter.software, ...claims };
  return new Proxy(gpu, {
    get(gpu, name) {
      if (name === "limits") return limits;
      if (name === "adapter") return { ...gpu.adapter, software };
      const value = Reflect.get(gpu, name, gpu);
      return typeof value === "function" ? value.bind(gpu) : value;
    },
  });
}
