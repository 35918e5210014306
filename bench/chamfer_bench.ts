/** A term from a scan to a generated cloud in an inversion, what it pulls on, and the mask. @module */
import {
  chamferTerm,
  chamferTermCost,
  gatherPull,
  gatherPullCost,
  type Gpu,
  markNearest,
  markNearestCost,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const count = 16_384, others = 4096, each = count / others;

/** Clouds in which each generated point belongs to four of the scan. */
function scene(gpu: Gpu) {
  const owned = new DisposableStack(), all = uniformRows(count + others, 3);
  return {
    a: owned.use(uploadRows(gpu, all.subarray(0, 3 * count), 3)),
    b: owned.use(uploadRows(gpu, all.subarray(3 * count), 3)),
    indices: owned.use(gpu.upload("u32", Uint32Array.from({ length: count }, (_, i) => i % others))),
    inverse: {
      starts: owned.use(gpu.upload("u32", Uint32Array.from({ length: others + 1 }, (_, j) => j * each))),
      edges: owned.use(
        gpu.upload("u32", Uint32Array.from({ length: count }, (_, e) => (e % each) * others + Math.floor(e / each))),
      ),
    },
    into: owned.use(gpu.zeros("f32", 1)),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

await measure(`chamfer/${count}`, chamferTermCost(count), (gpu) => {
  const owned = scene(gpu), { a, b, indices, into } = owned;
  return {
    run() {
      using _gradient = chamferTerm(gpu, { a, b, indices, form: "squared", dimensions: 3, weight: 1, into, at: 0 });
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
});
await measure(`gather-pull/${count}x${others}`, gatherPullCost(count, others), (gpu) => {
  const owned = scene(gpu), { a, inverse } = owned;
  return {
    run() {
      using _pull = gatherPull(gpu, { gradients: a, inverse, count: others });
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
});
await measure(`mark-nearest/${count}x${others}`, markNearestCost(count, others), (gpu) => {
  const owned = scene(gpu), { indices } = owned;
  return {
    run() {
      using _flags = markNearest(gpu, { indices, count: others });
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
});
