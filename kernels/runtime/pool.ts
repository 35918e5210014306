/** GPU memory: typed buffers, handed out of a pool and back into it. @module */
import { DeviceLost, GpuOutOfMemory } from "./errors.ts";

/** What one element of a buffer is. */
export type Element = "f32" | "u32" | "i32";

/** The array that holds a buffer's values on the host. */
export type HostArray<E extends Element> = E extends "f32" ? Float32Array<ArrayBuffer>
  : E extends "u32" ? Uint32Array<ArrayBuffer>
  : Int32Array<ArrayBuffer>;

/** A piece of GPU memory of `length` elements of 4 bytes. Disposing gives it back to the pool. */
export interface GpuBuffer<E extends Element> extends Disposable {
  /** The kind of its elements. */
  readonly element: E;
  /** Number of elements, 4 bytes each. */
  readonly length: number;
  /** For the runtime: the memory itself, which may be longer. */
  readonly memory: GPUBuffer;
  /** For the runtime: tells one piece of memory from another. */
  readonly id: number;
  /** For the runtime: the element of the memory that it begins at; other than 0 for a part of another buffer. */
  readonly first: number;
}

/** Elements after which a part of a buffer can begin, on any adapter: 256 bytes. */
export const PART_STEP = 64;

/** How much GPU memory is in use. */
export interface MemoryUse {
  /** Buffers handed out and not disposed yet. */
  readonly liveBuffers: number;
  /** Bytes of those buffers, rounded up to the pool's sizes. */
  readonly liveBytes: number;
  /** The most that was ever allocated at once, idle memory of the pool and what waits for the next submission included. */
  readonly peakBytes: number;
}

const IDLE_BYTES = 2 ** 31; // idle memory above this is given back to the driver; a training step of its own buffers fits below

/** Sizes are rounded up to one of four steps an octave, so that a buffer fits many later uses and wastes at most a quarter. */
function sizeClass(bytes: number): number {
  const octave = 2 ** Math.max(8, Math.floor(Math.log2(bytes)));
  return octave + Math.ceil((bytes - octave) / (octave / 4)) * (octave / 4);
}

/** A pool of buffers of one device. */
export class Pool {
  readonly #device: GPUDevice;
  readonly #idle = new Map<number, { memory: GPUBuffer; id: number }[]>();
  #retired: { size: number; memory: GPUBuffer; id: number }[] = [];
  #nextId = 1;
  #live = 0;
  #liveBytes = 0;
  #idleBytes = 0;
  #retiredBytes = 0;
  #peak = 0;

  constructor(device: GPUDevice, readonly mostBytes: number) {
    this.#device = device;
  }

  get use(): MemoryUse {
    return { liveBuffers: this.#live, liveBytes: this.#liveBytes, peakBytes: this.#peak };
  }

  /** A buffer with whatever was in it before. @throws {GpuOutOfMemory} */
  take<E extends Element>(element: E, length: number): GpuBuffer<E> {
    const size = sizeClass(Math.max(4, length * 4));
    if (size > this.mostBytes) throw new GpuOutOfMemory(size, this.mostBytes, `one buffer of ${length} values`);
    const reused = this.#idle.get(size)?.pop();
    if (reused) this.#idleBytes -= size;
    const { memory, id } = reused ?? this.#create(size);
    this.#live++;
    this.#liveBytes += size;
    this.#peak = Math.max(this.#peak, this.#liveBytes + this.#idleBytes + this.#retiredBytes);
    let disposed = false;
    return {
      element,
      length,
      memory,
      id,
      first: 0,
      [Symbol.dispose]: () => {
        if (disposed) return;
        disposed = true;
        this.#live--;
        this.#liveBytes -= size;
        this.#retired.push({ size, memory, id });
        this.#retiredBytes += size;
      },
    };
  }

  /** Called after each submission: what was disposed before it may be used again. */
  recycle(): void {
    for (const { size, memory, id } of this.#retired) {
      if (this.#idleBytes + size > IDLE_BYTES) {
        memory.destroy();
        continue;
      }
      const list = this.#idle.get(size);
      if (list) list.push({ memory, id });
      else this.#idle.set(size, [{ memory, id }]);
      this.#idleBytes += size;
    }
    this.#retired = [];
    this.#retiredBytes = 0;
  }

  #create(size: number) {
    try {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      return { memory: this.#device.createBuffer({ size, usage }), id: this.#nextId++ };
    } catch (cause) {
      throw new DeviceLost(
        `a buffer of ${size} bytes could not be made: ${cause instanceof Error ? cause.message : cause}`,
      );
    }
  }
}
