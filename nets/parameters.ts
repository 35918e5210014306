/** Parameters of a network: all in one buffer, so that one launch updates them and one read saves them. @module */
import { type Gpu, type GpuBuffer, PART_STEP, type Rows, ShapeMismatch, strideOf } from "../kernels/mod.ts";

/** What a parameter is: a matrix, or one row for a bias or a norm's weight. */
export interface ParameterShape {
  /** Dotted, as in PyTorch's state dictionaries, such as `edge1.w1.weight`. */
  readonly name: string;
  /** Outputs, or 1. */
  readonly rows: number;
  /** Inputs, or the length of a bias. */
  readonly columns: number;
}

/** A parameter on the GPU. */
export interface Parameter extends ParameterShape {
  /** Its values. */
  readonly value: Rows;
  /** Where its gradient is added up; absent where it is not to be learned. */
  readonly gradient?: Rows;
}

/** Values on the host, row-major without padding, by name. */
export type ParameterValues = ReadonlyMap<string, Float32Array>;

/** All parameters of a network, and its running statistics, which have a gradient of 0 and so stay as they are. */
export interface Parameters extends Disposable {
  /** In the order of the shapes. */
  readonly all: readonly Parameter[];
  /** Everything, padding included. */
  readonly values: GpuBuffer<"f32">;
  /** Of the same layout. */
  readonly gradients: GpuBuffer<"f32">;
  /** @throws {ShapeMismatch} for a name that is not there */
  get(name: string): Parameter;
  /** Whether there is a parameter of that name, as of a layer that a network may do without. */
  has(name: string): boolean;
  /** The same parameters without gradients: a network that is passed through but not learned. */
  frozen(): Parameters;
  /** Replaces all values. @throws {ShapeMismatch} for a missing name or another length */
  set(values: ParameterValues): void;
  /** All values. Waits for the GPU. */
  read(): Promise<Map<string, Float32Array>>;
}

/** Room for the parameters, with zeros in it. */
export function createParameters(gpu: Gpu, shapes: readonly ParameterShape[]): Parameters {
  const firsts: number[] = [];
  let length = 0;
  for (const { rows, columns } of shapes) {
    firsts.push(length);
    length += Math.ceil(rows * strideOf(columns) / PART_STEP) * PART_STEP;
  }
  using owned = new DisposableStack();
  const values = owned.use(gpu.zeros("f32", length)), gradients = owned.use(gpu.zeros("f32", length));
  const kept = owned.move();
  const partOf = (buffer: GpuBuffer<"f32">, { rows: count, columns }: ParameterShape, first: number): Rows => ({
    values: gpu.part(buffer, first, count * strideOf(columns)),
    count,
    columns,
    stride: strideOf(columns),
    [Symbol.dispose]: () => {},
  });
  const all = shapes.map((shape, i): Parameter => ({
    ...shape,
    value: partOf(values, shape, firsts[i]),
    gradient: partOf(gradients, shape, firsts[i]),
  }));
  const set = (given: ParameterValues) => {
    const padded = new Float32Array(length);
    shapes.forEach(({ name, rows, columns }, i) => {
      const value = given.get(name);
      if (value?.length !== rows * columns) {
        throw new ShapeMismatch("parameters", `${rows} × ${columns} values of ${name}`, `${value?.length ?? "none"}`);
      }
      for (let row = 0; row < rows; row++) {
        padded.set(value.subarray(row * columns, (row + 1) * columns), firsts[i] + row * strideOf(columns));
      }
    });
    using uploaded = gpu.upload("f32", padded);
    gpu.copy(uploaded, values);
  };
  const read = async () => {
    const padded = await gpu.read(values);
    return new Map(shapes.map(({ name, rows, columns }, i) => {
      const value = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        const at = firsts[i] + row * strideOf(columns);
        value.set(padded.subarray(at, at + columns), row * columns);
      }
      return [name, value];
    }));
  };
  const made = (list: readonly Parameter[], dispose: () => void): Parameters => {
    const byName = new Map(list.map((parameter) => [parameter.name, parameter]));
    return {
      all: list,
      values,
      gradients,
      get(name) {
        const found = byName.get(name);
        if (!found) throw new ShapeMismatch("parameters", `one of ${[...byName.keys()].join(", ")}`, name);
        return found;
      },
      has: (name) => byName.has(name),
      frozen: () => made(list.map(({ gradient: _, ...rest }) => rest), () => {}),
      set,
      read,
      [Symbol.dispose]: dispose,
    };
  };
  return made(all, () => kept.dispose());
}
