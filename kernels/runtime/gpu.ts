/** The GPU as the rest of the package sees it: buffers, dispatches, reads. @module */
import { type AdapterFacts, openDevice, type OpenedDevice } from "./adapter.ts";
import { DeviceLost, GpuOutOfMemory, ShaderError, ShapeMismatch } from "./errors.ts";
import type { Binding, Dispatch, Kernel } from "./kernel.ts";
import { type AnyKernel, Pipelines } from "./pipelines.ts";
import { type Element, type GpuBuffer, type HostArray, type MemoryUse, PART_STEP, Pool } from "./pool.ts";
import { Timing } from "./timing.ts";

/** What one device can take. */
export interface GpuLimits {
  /** Bytes that one kernel binding can see: larger arrays are split by their kernels. */
  readonly bindingBytes: number;
  /** Bytes of memory that the invocations of one workgroup can share. */
  readonly workgroupBytes: number;
  /** Loop iterations, all loops of an invocation together, that the driver is known to run. */
  readonly loopIterations: number;
  /** Floating-point operations of one dispatch that a watchdog surely survives. */
  readonly stepFlops: number;
}

const UNIFORM_SLOTS = 1024, SLOT_BYTES = 256, MOST_RECORDED = 512;

/**
 * An open device. Dispatches are recorded and run at the next {@linkcode Gpu.submit}, which reads do by themselves; a wait
 * costs a poll interval (10 ms in Deno), so a stage reads once.
 */
export class Gpu implements Disposable {
  /** The adapter that the device was opened on. */
  readonly adapter: AdapterFacts;
  /** What one launch, one binding and one workgroup may ask for. */
  readonly limits: GpuLimits;
  /** Device time by kernel, once it is switched on. */
  readonly timing: Timing;
  readonly #device: GPUDevice;
  readonly #pool: Pool;
  readonly #pipelines: Pipelines;
  readonly #uniform: GPUBuffer;
  readonly #slots = new Uint8Array(UNIFORM_SLOTS * SLOT_BYTES);
  #slot = 0;
  #lastSizes = "";
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #recorded = 0;
  #failure: Error | undefined;
  #closed = false;

  /** Use {@linkcode openGpu}. */
  constructor({ device, adapter }: OpenedDevice) {
    this.#device = device;
    this.adapter = adapter;
    const { maxStorageBufferBindingSize, maxBufferSize, maxComputeWorkgroupStorageSize } = device.limits;
    this.limits = {
      bindingBytes: Math.min(maxStorageBufferBindingSize, maxBufferSize),
      workgroupBytes: maxComputeWorkgroupStorageSize,
      loopIterations: adapter.software ? 60_000 : 2 ** 24,
      stepFlops: adapter.software ? 2e9 : 2e10,
    };
    this.#pool = new Pool(device, this.limits.bindingBytes);
    this.#pipelines = new Pipelines(device, adapter.software, (error) => this.#fail(error));
    this.timing = new Timing(device, adapter.timestamps);
    this.#uniform = device.createBuffer({
      size: UNIFORM_SLOTS * SLOT_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      const { error } = event as GPUUncapturedErrorEvent;
      this.#fail(
        error instanceof GPUOutOfMemoryError
          ? new GpuOutOfMemory(this.memory.liveBytes, this.memory.liveBytes, "the buffers in use")
          : new ShaderError("(unknown)", 0, error.message),
      );
    });
    device.lost.then(({ reason, message }) => {
      if (!this.#closed) this.#failure = new DeviceLost(`${reason || "unknown"}${message ? `: ${message}` : ""}`);
    });
  }

  /** GPU memory in use. */
  get memory(): MemoryUse {
    return this.#pool.use;
  }

  /** The error after which nothing more can be done with this device, if there is one. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** A buffer whose content is undefined: for what a kernel writes whole. @throws {GpuOutOfMemory} */
  buffer<E extends Element>(element: E, length: number): GpuBuffer<E> {
    return this.#take(element, length);
  }

  /** A buffer of zeros. @throws {GpuOutOfMemory} */
  zeros<E extends Element>(element: E, length: number): GpuBuffer<E> {
    const buffer = this.#take(element, length);
    this.#commands().clearBuffer(buffer.memory, 0, Math.max(4, length * 4));
    return buffer;
  }

  /** A buffer with these values. @throws {GpuOutOfMemory} */
  upload<E extends Element>(element: E, values: HostArray<E>): GpuBuffer<E> {
    const buffer = this.#take(element, values.length);
    if (values.byteLength > 0) this.#device.queue.writeBuffer(buffer.memory, 0, values);
    return buffer;
  }

  /**
   * A part of a buffer that kernels take for a buffer of its own, from element `first` on, a multiple of {@linkcode PART_STEP}. The memory
   * stays the whole buffer's: disposing the part does nothing. @throws {ShapeMismatch}
   */
  part<E extends Element>(of: GpuBuffer<E>, first: number, length: number): GpuBuffer<E> {
    if (first % PART_STEP !== 0 || first < 0 || first + length > of.length) {
      throw new ShapeMismatch(
        "part",
        `a part of ${of.length} that begins at a multiple of ${PART_STEP}`,
        `${length} from ${first}`,
      );
    }
    return { ...of, first: of.first + first, length, [Symbol.dispose]: () => {} };
  }

  /** Copies `length` elements from one buffer into another. */
  copy<E extends Element>(
    from: GpuBuffer<E>,
    to: GpuBuffer<E>,
    range: { from?: number; to?: number; length?: number } = {},
  ): void {
    const { from: start = 0, to: at = 0 } = range, length = range.length ?? from.length - start;
    if (start + length > from.length || at + length > to.length) {
      throw new ShapeMismatch(
        "copy",
        `room for ${length} values`,
        `${from.length} from ${start}, ${to.length} from ${at}`,
      );
    }
    if (length > 0) {
      this.#commands().copyBufferToBuffer(
        from.memory,
        (from.first + start) * 4,
        to.memory,
        (to.first + at) * 4,
        length * 4,
      );
    }
  }

  /** The values of a buffer, or of its first `length` elements. Submits, and waits for the GPU. @throws {DeviceLost} @throws {ShaderError} */
  async read<E extends Element>(buffer: GpuBuffer<E>, length: number = buffer.length): Promise<HostArray<E>> {
    const bytes = Math.max(4, length * 4);
    this.#check();
    const staging = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    this.#commands().copyBufferToBuffer(buffer.memory, buffer.first * 4, staging, 0, bytes);
    this.submit();
    try {
      await staging.mapAsync(GPUMapMode.READ);
    } catch (cause) {
      await new Promise((done) => setTimeout(done, 0)); // the reason of a loss arrives just behind the failed map
      this.#check();
      throw new DeviceLost(cause instanceof Error ? cause.message : String(cause));
    }
    const copy = staging.getMappedRange().slice(0);
    staging.destroy();
    this.#check();
    return (buffer.element === "f32"
      ? new Float32Array(copy, 0, length)
      : buffer.element === "u32"
      ? new Uint32Array(copy, 0, length)
      : new Int32Array(copy, 0, length)) as HostArray<E>;
  }

  /** Waits until all that was recorded is done. @throws {DeviceLost} @throws {ShaderError} */
  async done(): Promise<void> {
    this.submit();
    await this.#device.queue.onSubmittedWorkDone();
    this.#check();
  }

  /** Records a launch; called by {@linkcode Kernel.dispatch}. @throws {ShapeMismatch} */
  record<B extends Record<string, Binding>, S extends Record<string, "u32" | "i32" | "f32">, C extends string>(
    kernel: Kernel<B, S, C>,
    { buffers, sizes, constants, threads }: Dispatch<B, S, C>,
  ): void {
    this.#check();
    const { definition } = kernel;
    const compiled = this.#pipelines.get(kernel as AnyKernel, constants);
    const [x, y = 1, z = 1] = typeof threads === "number" ? [threads] : threads;
    const groups = Math.ceil(x / compiled.workgroup);
    if (groups === 0 || y === 0 || z === 0) return;
    if (groups > 65_535 || y > 65_535) {
      throw new ShapeMismatch(definition.name, "at most 65,535 workgroups a dimension", `${groups} × ${y} × ${z}`);
    }
    const names = Object.keys(definition.sizes ?? {});
    const offsets = names.length > 0 ? [this.#putSizes(definition.sizes!, sizes)] : [];
    const list = Object.keys(definition.bindings).map((name) => buffers[name as keyof B] as GpuBuffer<Element>);
    const group = this.#pipelines.group(compiled, list, this.#uniform, Math.ceil(names.length / 4) * 16);
    const writes = this.timing.next(definition.name);
    if (writes) this.#endPass();
    this.#pass ??= this.#open().beginComputePass(writes ? { timestampWrites: writes } : undefined);
    this.#pass.setPipeline(compiled.pipeline);
    this.#pass.setBindGroup(0, group, offsets);
    this.#pass.dispatchWorkgroups(groups, y, z);
    if (writes) this.#endPass();
    if (++this.#recorded >= MOST_RECORDED) this.submit();
  }

  /** Sends what is recorded to the device, without waiting. */
  submit(): void {
    this.#endPass();
    if (this.#encoder) {
      const after = this.timing.resolve(this.#encoder);
      if (this.#slot > 0) this.#device.queue.writeBuffer(this.#uniform, 0, this.#slots, 0, this.#slot * SLOT_BYTES);
      this.#device.queue.submit([this.#encoder.finish()]);
      after();
      this.#encoder = undefined;
    }
    this.#recorded = 0;
    this.#slot = 0;
    this.#lastSizes = "";
    this.#pool.recycle();
  }

  /** Drops the device as a driver reset would: every later call throws {@linkcode DeviceLost}. For tests of that case. */
  async lose(): Promise<void> {
    this.#device.destroy();
    await this.#device.lost;
    this.#failure ??= new DeviceLost("destroyed");
  }

  /** Closes the device; its buffers are gone. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#device.destroy();
  }

  #take<E extends Element>(element: E, length: number): GpuBuffer<E> {
    this.#check();
    if (!this.#encoder) this.#pool.recycle(); // nothing recorded can still need what was disposed
    return this.#pool.take(element, length);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
  }

  #check(): void {
    if (this.#failure) throw this.#failure;
  }

  #open(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  #commands(): GPUCommandEncoder {
    this.#endPass();
    return this.#open();
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
  }

  /** Puts a launch's sizes into the uniform buffer of this submission; equal sizes in a row share a slot. */
  #putSizes(types: Record<string, "u32" | "i32" | "f32">, sizes: Record<string, number>): number {
    const key = Object.entries(types).map(([name, type]) => `${type}:${sizes[name]}`).join();
    if (key === this.#lastSizes) return (this.#slot - 1) * SLOT_BYTES;
    if (this.#slot >= UNIFORM_SLOTS) this.submit();
    const view = new DataView(this.#slots.buffer, this.#slot * SLOT_BYTES, SLOT_BYTES);
    Object.entries(types).forEach(([name, type], i) => {
      if (type === "f32") view.setFloat32(4 * i, sizes[name], true);
      else if (type === "u32") view.setUint32(4 * i, sizes[name], true);
      else view.setInt32(4 * i, sizes[name], true);
    });
    this.#lastSizes = key;
    return this.#slot++ * SLOT_BYTES;
  }
}

/** Opens the strongest adapter there is. @throws {NoAdapter} */
export async function openGpu(): Promise<Gpu> {
  return new Gpu(await openDevice());
}
