/** The end of a sum in slices: partial sums put together in their order, so that a sum has the same bits at every run. @module */
import { defineKernel, type Gpu, type GpuBuffer } from "./runtime/mod.ts";

const kernel = defineKernel({
  name: "add-slices",
  workgroup: 64,
  bindings: { partial: "read vec4f", sums: "read_write vec4f" },
  sizes: { groups: "u32", slices: "u32", sliceQuads: "u32", quads: "u32", onto: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      let at = thread.y * 1048576u + thread.x;
      if (at >= sizes.groups * sizes.quads) { return; }
      let first = at / sizes.quads * sizes.slices * sizes.sliceQuads + at % sizes.quads;
      var sum = vec4f();
      for (var slice = 0u; slice < sizes.slices; slice++) { sum += partial[first + slice * sizes.sliceQuads]; }
      if (sizes.onto == 1u) { sum += sums[at]; }
      sums[at] = sum;
    }`,
});

/** Invocations over so many items, at `y · 2²⁰ + x`: a row of workgroups alone would end at 65,535. */
export const threadsOver = (items: number): [number, number] => [Math.min(items, 2 ** 20), Math.ceil(items / 2 ** 20)];

/** What {@linkcode addSlices} needs. */
export interface SliceSums {
  /** `groups × slices × sliceLength`. */
  readonly partial: GpuBuffer<"f32">;
  readonly groups: number;
  /** Partial sums a group; one invocation adds them, so at most `gpu.limits.loopIterations`. */
  readonly slices: number;
  /** Numbers from one partial sum to the next, a multiple of 4. */
  readonly sliceLength: number;
  /** Numbers of a sum, a multiple of 4, at most `sliceLength`. */
  readonly length: number;
  /** `groups × length`. */
  readonly sums: GpuBuffer<"f32">;
  /** Whether what `sums` holds is added to, instead of overwritten. */
  readonly onto: boolean;
}

/** `sums[g] = partial[g, 0] + partial[g, 1] + …`, or that added to it. Reads nothing back. */
export function addSlices(gpu: Gpu, { partial, groups, slices, sliceLength, length, sums, onto }: SliceSums): void {
  kernel.dispatch(gpu, {
    buffers: { partial, sums },
    sizes: { groups, slices, sliceQuads: sliceLength / 4, quads: length / 4, onto: onto ? 1 : 0 },
    constants: {},
    threads: threadsOver(groups * length / 4),
  });
}
