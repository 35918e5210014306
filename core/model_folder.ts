/** What a plugin keeps of itself: named tensors and small facts in a part of a model. @module */

/** A tensor of a model. */
export interface Tensor {
  /** Lengths of the axes, the slowest first. */
  readonly shape: readonly number[];
  /** All elements, row-major; the array's class is the element type. */
  readonly values: Float32Array | Float64Array | Uint32Array | Int32Array | Uint8Array;
}

/** A plugin's own part of a model: it sees neither files nor other plugins' parts. */
export interface ModelFolder {
  /** The tensor that was kept under this name. @throws {ModelRefused} when there is no such tensor, or its kind is another */
  tensor(name: string): Tensor;
  /** Whether a tensor was kept under this name. */
  has(name: string): boolean;
  /** Keeps a tensor; it is written when the model is. */
  putTensor(name: string, tensor: Tensor): void;
  /** The facts that were kept, as JSON gives them; none is an empty object. */
  facts(): unknown;
  /** Keeps small facts, as JSON. */
  putFacts(facts: Readonly<Record<string, unknown>>): void;
}
