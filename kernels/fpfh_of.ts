/** From points to features in one call: neighbours, normals, histograms, features. @module */
import { fpfh, type FpfhForm, spfh } from "./fpfh.ts";
import { nearestNeighbours, type Neighbours } from "./nearest_neighbours.ts";
import { normals as normalsOf, type Orientation } from "./normals.ts";
import type { Cloud, Rows } from "./rows.ts";
import type { Gpu, GpuBuffer } from "./runtime/mod.ts";

/** What to make features of, and how. */
export interface FpfhOfOptions {
  /** In metres, the camera at the origin. */
  readonly cloud: Cloud;
  /** Neighbours of a normal, the point included. */
  readonly normalK: number;
  /** Neighbours of a histogram, the point included. */
  readonly featureK: number;
  /** Whether normals are turned to the sensor. */
  readonly orient: Orientation;
  /** Whose definition of the pair features and weights. */
  readonly form: FpfhForm;
  /** Normals to use instead of own ones, `count × 4`. */
  readonly normals?: GpuBuffer<"f32">;
  /** The most bytes of neighbours held at once; more are searched for in pieces, three times over. The device's limit unless said. */
  readonly mostBytes?: number;
}

/**
 * The `fpfh` of every point of a cloud, 33 columns; a cloud may be empty. Nothing is read back.
 * @throws {ShapeMismatch} for numbers of neighbours that cannot be
 * @throws {GpuOutOfMemory}
 */
export function fpfhOf(gpu: Gpu, options: FpfhOfOptions): Rows {
  const { cloud, normalK, featureK, orient, form, mostBytes = gpu.limits.bindingBytes } = options;
  const shape = { count: cloud.count, columns: 33, stride: 36 };
  if (cloud.count === 0) {
    const values = gpu.buffer("f32", 0);
    return { ...shape, values, [Symbol.dispose]: () => values[Symbol.dispose]() };
  }
  const k = options.normals ? featureK : Math.max(normalK, featureK);
  if (cloud.count * k * 8 <= mostBytes) {
    using neighbours = nearestNeighbours(gpu, { cloud, k });
    using own = options.normals ? undefined : normalsOf(gpu, { cloud, neighbours, k: normalK, orient });
    return fpfh(gpu, { cloud, normals: options.normals ?? own!, neighbours, k: featureK, form });
  }
  const inPieces = (
    k: number,
    stride: number,
    make: (neighbours: Neighbours) => { values: GpuBuffer<"f32"> } & Disposable,
  ) => {
    using owned = new DisposableStack();
    const whole = owned.use(gpu.buffer("f32", cloud.count * stride));
    const size = Math.max(1, Math.floor(mostBytes / (8 * k)));
    for (let first = 0; first < cloud.count; first += size) {
      using neighbours = nearestNeighbours(gpu, { cloud, k, first, count: Math.min(size, cloud.count - first) });
      using piece = make(neighbours);
      gpu.copy(piece.values, whole, { to: first * stride });
      gpu.submit(); // so that the next piece can use this one's memory
    }
    owned.move();
    return whole;
  };
  using owned = new DisposableStack();
  const normals = options.normals ?? owned.use(inPieces(normalK, 4, (neighbours) => {
    const values = normalsOf(gpu, { cloud, neighbours, k: normalK, orient });
    return { values, [Symbol.dispose]: () => values[Symbol.dispose]() };
  }));
  const common = { cloud, normals, k: featureK, form };
  const histograms = owned.use(inPieces(featureK, shape.stride, (neighbours) => spfh(gpu, { ...common, neighbours })));
  const rows = { ...shape, values: histograms, [Symbol.dispose]: () => {} };
  const values = inPieces(
    featureK,
    shape.stride,
    (neighbours) => fpfh(gpu, { ...common, neighbours, histograms: rows }),
  );
  return { ...shape, values, [Symbol.dispose]: () => values[Symbol.dispose]() };
}
