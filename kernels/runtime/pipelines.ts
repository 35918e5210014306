/** Pipelines and bind groups of one device, made once. @module */
import { ShaderError } from "./errors.ts";
import type { Binding, Kernel } from "./kernel.ts";
import type { Element, GpuBuffer } from "./pool.ts";

// deno-lint-ignore no-explicit-any -- a cache holds kernels of every shape
export type AnyKernel = Kernel<any, any, any>;

/** A compiled kernel with its layout. */
export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly workgroup: number;
  readonly id: number;
}

const MOST_GROUPS = 4096;

/** The pipelines of one device. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #compiled = new Map<AnyKernel, Map<string, Compiled>>();
  readonly #groups = new Map<string, GPUBindGroup>();
  #nextId = 0;

  constructor(device: GPUDevice, readonly software: boolean, readonly fail: (error: ShaderError) => void) {
    this.#device = device;
  }

  /** The pipeline of a kernel for these constants. A shader error is reported through `fail`, since compilers answer late. */
  get(kernel: AnyKernel, constants: Record<string, number>): Compiled {
    const key = Object.entries(constants).map(([k, v]) => `${k}=${v}`).join();
    let variants = this.#compiled.get(kernel);
    if (!variants) this.#compiled.set(kernel, variants = new Map());
    let compiled = variants.get(key);
    if (!compiled) variants.set(key, compiled = this.#compile(kernel, constants));
    return compiled;
  }

  /** The bind group of these buffers; groups are kept, since pooled buffers come back. */
  group(
    compiled: Compiled,
    buffers: readonly GpuBuffer<Element>[],
    uniform: GPUBuffer,
    uniformBytes: number,
  ): GPUBindGroup {
    const key = `${compiled.id}:${buffers.map((b) => `${b.id}/${b.first}/${b.length}`).join()}`;
    let group = this.#groups.get(key);
    if (group) return group;
    if (this.#groups.size >= MOST_GROUPS) this.#groups.clear();
    const entries: GPUBindGroupEntry[] = buffers.map((b, i) => ({
      binding: i + 1,
      resource: { buffer: b.memory, offset: b.first * 4, size: Math.max(16, Math.ceil(b.length / 4) * 16) },
    }));
    if (uniformBytes > 0) entries.push({ binding: 0, resource: { buffer: uniform, size: uniformBytes } });
    group = this.#device.createBindGroup({ layout: compiled.layout, entries });
    this.#groups.set(key, group);
    return group;
  }

  #compile(kernel: AnyKernel, constants: Record<string, number>): Compiled {
    const { name, workgroup, bindings, sizes, entry } = kernel.definition;
    const device = this.#device;
    const invocations = typeof workgroup === "number" ? workgroup : this.software ? workgroup.software : workgroup.gpu;
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: name, code: kernel.code });
    const entries: GPUBindGroupLayoutEntry[] = Object.values(bindings as Record<string, Binding>).map((binding, i) => ({
      binding: i + 1,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type: binding.startsWith("read_write") ? "storage" : "read-only-storage" },
    }));
    if (Object.keys(sizes ?? {}).length > 0) {
      entries.push({
        binding: 0,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: "uniform", hasDynamicOffset: true },
      });
    }
    const layout = device.createBindGroupLayout({ entries });
    const pipeline = device.createComputePipeline({
      label: name,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: entry ?? "main", constants: { WORKGROUP: invocations, ...constants } },
    });
    device.popErrorScope().then(async (error) => {
      if (!error) return;
      const info = await module.getCompilationInfo();
      const first = info.messages.find((m) => m.type === "error");
      this.fail(new ShaderError(name, first ? first.lineNum - kernel.headerLines : 0, first?.message ?? error.message));
    }, () => {});
    return { pipeline, layout, workgroup: invocations, id: this.#nextId++ };
  }
}
