/**
 * A tape: what was computed, in order, and how gradients flow back through it. @module
 *
 * Reverse-mode differentiation as in PyTorch: an operation puts its result on the tape together with the function that turns the gradient
 * arriving at the result into gradients at its operands; `backward` calls these functions from the last to the first.
 */
import { addScaled, type Gpu, type Rows } from "../kernels/mod.ts";

/** Rows that an operation made, or that it takes. */
export interface Tensor {
  /** The values; the tape's or their maker's to dispose. */
  readonly rows: Rows;
  /** Whether a gradient is wanted here, for itself or for what it was made of. */
  readonly wanted: boolean;
}

/** What is on the tape behind a result. */
interface Step {
  readonly result: Tensor;
  readonly back: (upstream: Rows) => void;
}

/** Results of one pass through networks; disposing frees them all. Nothing is read back. */
export class Tape implements Disposable {
  readonly #steps: Step[] = [];
  readonly #gradients = new Map<Tensor, Rows>();
  readonly #owned = new DisposableStack();

  /** `training`: batch norms use the batch's statistics and update their running ones, as in PyTorch's train mode. */
  constructor(readonly gpu: Gpu, readonly training: boolean) {}

  /** Rows that no gradient is wanted for; they stay their owner's. */
  constant(rows: Rows): Tensor {
    return { rows, wanted: false };
  }

  /** Rows whose gradient is wanted ({@linkcode Tape.gradientOf}); they stay their owner's. */
  input(rows: Rows): Tensor {
    return { rows, wanted: true };
  }

  /**
   * Puts a result on the tape, which owns it from then on. `back` gets the gradient that arrived at it and passes on what flows to the
   * operands; it is not called where no gradient is wanted.
   */
  result(rows: Rows, wanted: boolean, back: (upstream: Rows) => void): Tensor {
    const result: Tensor = { rows: this.keep(rows), wanted };
    if (wanted) this.#steps.push({ result, back });
    return result;
  }

  /** Owns what an operation needs until the tape goes. */
  keep<T extends Disposable>(owned: T): T {
    return this.#owned.use(owned);
  }

  /** Adds to the gradient at a tensor, and owns what is added; nothing where none is wanted. */
  flow(to: Tensor, gradient: Rows): void {
    if (!to.wanted) return gradient[Symbol.dispose]();
    const before = this.#gradients.get(to);
    if (!before) {
      this.#gradients.set(to, gradient);
      return;
    }
    addScaled(this.gpu, { values: gradient.values, to: before.values, factor: 1 });
    gradient[Symbol.dispose]();
  }

  /** Lets what arrived at results, such as from losses, flow back to all that is wanted. */
  backward(): void {
    for (const { result, back } of this.#steps.toReversed()) {
      const arrived = this.#gradients.get(result);
      if (!arrived) continue;
      this.#gradients.delete(result);
      back(arrived);
      arrived[Symbol.dispose]();
    }
  }

  /** The gradient that arrived at an input; the tape's. Undefined where none did. */
  gradientOf(input: Tensor): Rows | undefined {
    return this.#gradients.get(input);
  }

  [Symbol.dispose](): void {
    for (const gradient of this.#gradients.values()) gradient[Symbol.dispose]();
    this.#gradients.clear();
    this.#owned.dispose();
  }
}
