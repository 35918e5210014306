/** Time that kernels take on the device, by timestamp queries where there are any. @module */

/** Sum over the dispatches of one kernel. */
export interface KernelTime {
  /** The kernel's name, as its definition has it. */
  readonly kernel: string;
  /** How many launches were timed. */
  readonly dispatches: number;
  /** Seconds on the device, all launches together. */
  readonly seconds: number;
}

const SLOTS = 1024;

/** Collects one pair of timestamps a dispatch; off until it is started. */
export class Timing {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet | undefined;
  readonly #times = new Map<string, { dispatches: number; seconds: number }>();
  #names: string[] = [];
  #pending: Promise<void>[] = [];
  /** Whether launches are timed from now on; each then takes a pass of its own, which costs time. */
  on = false;

  /** `available`: whether the device has timestamps; without them nothing is ever timed. */
  constructor(device: GPUDevice, readonly available: boolean) {
    this.#device = device;
    this.#queries = available ? device.createQuerySet({ type: "timestamp", count: 2 * SLOTS }) : undefined;
  }

  /** Where the next pass writes its times, or nothing when timing is off or the slots are used up. */
  next(kernel: string): GPUComputePassTimestampWrites | undefined {
    if (!this.on || !this.#queries || this.#names.length >= SLOTS) return undefined;
    const slot = this.#names.push(kernel) - 1;
    return { querySet: this.#queries, beginningOfPassWriteIndex: 2 * slot, endOfPassWriteIndex: 2 * slot + 1 };
  }

  /** Called before a submission is finished. Gives what to do after it was submitted. */
  resolve(encoder: GPUCommandEncoder): () => void {
    const names = this.#names;
    if (!this.#queries || names.length === 0) return () => {};
    this.#names = [];
    const size = names.length * 16;
    const resolved = this.#device.createBuffer({ size, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    const staging = this.#device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    encoder.resolveQuerySet(this.#queries, 0, 2 * names.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, size);
    return () => {
      this.#pending.push(
        staging.mapAsync(GPUMapMode.READ).then(() => {
          const stamps = new BigUint64Array(staging.getMappedRange());
          names.forEach((name, i) => {
            const sum = this.#times.get(name) ?? { dispatches: 0, seconds: 0 };
            sum.dispatches++;
            sum.seconds += Number(stamps[2 * i + 1] - stamps[2 * i]) / 1e9;
            this.#times.set(name, sum);
          });
          staging.destroy();
          resolved.destroy();
        }),
      );
    };
  }

  /** The times since the last call, most time first. Waits for the GPU. */
  async take(): Promise<KernelTime[]> {
    await Promise.all(this.#pending);
    this.#pending = [];
    const times = [...this.#times].map(([kernel, sum]) => ({ kernel, ...sum })).sort((a, b) => b.seconds - a.seconds);
    this.#times.clear();
    return times;
  }
}
