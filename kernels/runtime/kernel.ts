/** Kernels as values: WGSL, a table of bindings written once, and a typed dispatch. @module */
import type { Element, GpuBuffer } from "./pool.ts";

/** How WGSL sees a buffer: vectors and atomics are views of plain elements. */
export type BindingType = "f32" | "u32" | "i32" | "vec2f" | "vec4f" | "vec2u" | "vec4u" | "atomic<u32>" | "atomic<i32>";

/** One line of a kernel's table: access and element. */
export type Binding = `${"read" | "read_write"} ${BindingType}`;

/** The plain element that a binding views. */
export type ElementOf<B extends Binding> = B extends `${string} ${infer T}`
  ? T extends "f32" | "vec2f" | "vec4f" ? "f32" : T extends "i32" | "atomic<i32>" ? "i32" : "u32"
  : Element;

/** What a kernel is made of. */
export interface KernelDefinition<
  B extends Record<string, Binding>,
  S extends Record<string, "u32" | "i32" | "f32">,
  C extends string,
> {
  /** Kebab-case; in errors and timings. */
  readonly name: string;
  /** Invocations of a workgroup; `WORKGROUP` in WGSL. Two numbers where software adapters want another one. */
  readonly workgroup: number | { readonly gpu: number; readonly software: number };
  /** Names of `override` constants of type u32 that shape the code. */
  readonly constants?: readonly C[];
  /** Name in WGSL to access and element type, in binding order. */
  readonly bindings: B;
  /** Members of the uniform `sizes`, 4 bytes each. */
  readonly sizes?: S;
  /** WGSL that kernels share, put before this one's. */
  readonly snippets?: readonly string[];
  /** The code; its entry point is `main` unless `entry` says otherwise. */
  readonly wgsl: string;
  /** Name of the WGSL function that a launch runs; `main` unless given. */
  readonly entry?: string;
}

/** One launch. */
export interface Dispatch<
  B extends Record<string, Binding>,
  S extends Record<string, "u32" | "i32" | "f32">,
  C extends string,
> {
  /** One buffer a line of the kernel's table, by its name in WGSL. */
  readonly buffers: { readonly [K in keyof B]: GpuBuffer<ElementOf<B[K]>> };
  /** Values of the uniform `sizes`, by member. */
  readonly sizes: { readonly [K in keyof S]: number };
  /** Values of the `override` constants; each new set compiles a pipeline of its own. */
  readonly constants: { readonly [K in C]: number };
  /** Invocations wanted in x, or in x, y, z; rounded up to whole workgroups in x. */
  readonly threads: number | readonly [number, number?, number?];
}

/** What launches are recorded on: a `Gpu`. */
export interface Recorder {
  /** Records the launch; it runs at the next submission. */
  record<B extends Record<string, Binding>, S extends Record<string, "u32" | "i32" | "f32">, C extends string>(
    kernel: Kernel<B, S, C>,
    launch: Dispatch<B, S, C>,
  ): void;
}

/** A kernel that can be dispatched on any {@linkcode Gpu}; pipelines are made at first use and kept by the Gpu. */
export interface Kernel<
  B extends Record<string, Binding>,
  S extends Record<string, "u32" | "i32" | "f32">,
  C extends string,
> {
  /** What the kernel was made of. */
  readonly definition: KernelDefinition<B, S, C>;
  /** The whole WGSL, header included. */
  readonly code: string;
  /** Lines of the header: driver's line − this = the kernel's own line. */
  readonly headerLines: number;
  /** Records the launch; it runs at the next submission. */
  dispatch(gpu: Recorder, launch: Dispatch<B, S, C>): void;
}

/** Makes a kernel; the header (`@group`, `@binding`, `Sizes`, `override` lines) is generated from the tables. */
export function defineKernel<
  const B extends Record<string, Binding>,
  const S extends Record<string, "u32" | "i32" | "f32"> = Record<never, never>,
  const C extends string = never,
>(definition: KernelDefinition<B, S, C>): Kernel<B, S, C> {
  const lines = ["override WORKGROUP: u32 = 64u;"];
  for (const name of definition.constants ?? []) lines.push(`override ${name}: u32;`);
  const sizes = Object.entries(definition.sizes ?? {});
  if (sizes.length > 0) {
    lines.push(`struct Sizes { ${sizes.map(([name, type]) => `${name}: ${type}`).join(", ")} }`);
    lines.push("@group(0) @binding(0) var<uniform> sizes: Sizes;");
  }
  Object.entries(definition.bindings).forEach(([name, binding], i) => {
    const [access, type] = binding.split(" ");
    lines.push(`@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${type}>;`);
  });
  const header = [...lines, ...definition.snippets ?? []].join("\n") + "\n";
  const kernel: Kernel<B, S, C> = {
    definition,
    code: header + definition.wgsl,
    headerLines: header.split("\n").length - 1,
    dispatch: (gpu, launch) => gpu.record(kernel, launch),
  };
  return kernel;
}
