/** The optimiser of a network's parameters. @module */
import { adam as adamStep, type Gpu, type GpuBuffer } from "../kernels/mod.ts";

/** What Adam is set to; PyTorch's names. */
export interface AdamOptions {
  /** Learning rate. */
  readonly rate: number;
  /** Decay of the mean gradient. */
  readonly beta1: number;
  /** Decay of the mean square. */
  readonly beta2: number;
}

/** What is learned: values and their gradients, of the same layout. */
export interface Learned {
  readonly values: GpuBuffer<"f32">;
  readonly gradients: GpuBuffer<"f32">;
}

/** Moments on the host, to go on from. */
export interface AdamState {
  readonly steps: number;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015. Owns the moments. */
export class Adam implements Disposable {
  readonly #gpu: Gpu;
  readonly #learned: Learned;
  readonly #first: GpuBuffer<"f32">;
  readonly #second: GpuBuffer<"f32">;
  #steps = 0;

  constructor(gpu: Gpu, learned: Learned) {
    this.#gpu = gpu;
    this.#learned = learned;
    this.#first = gpu.zeros("f32", learned.values.length);
    this.#second = gpu.zeros("f32", learned.values.length);
  }

  /** One step along the gradients, which are 0 behind it. */
  step({ rate, beta1, beta2 }: AdamOptions): void {
    const { values: parameters, gradients } = this.#learned;
    const step = ++this.#steps;
    adamStep(this.#gpu, { parameters, gradients, first: this.#first, second: this.#second, rate, beta1, beta2, step });
  }

  /** What a run goes on from. Waits for the GPU. */
  async read(): Promise<AdamState> {
    return { steps: this.#steps, first: await this.#gpu.read(this.#first), second: await this.#gpu.read(this.#second) };
  }

  /** Goes on from there. @throws {ShapeMismatch} for moments of another network */
  set({ steps, first, second }: AdamState): void {
    using a = this.#gpu.upload("f32", Float32Array.from(first)), b = this.#gpu.upload("f32", Float32Array.from(second));
    this.#gpu.copy(a, this.#first);
    this.#gpu.copy(b, this.#second);
    this.#steps = steps;
  }

  [Symbol.dispose](): void {
    this.#first[Symbol.dispose]();
    this.#second[Symbol.dispose]();
  }
}
