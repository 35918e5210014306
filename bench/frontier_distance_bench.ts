/** One map of 224 × 224 places against a frontier of a usual size and a round one, near to which most of it is equally far from all. @module */
import { frontierDistance, frontierDistanceCost } from "../kernels/mod.ts";
import { measure } from "./roofline.ts";

const size = 224, count = size * size, radius = 0.33 * size;

/** Distances of a place from the middle of the map and from a place on the part's rim, pixels. */
const apart = (i: number, [x, y]: readonly [number, number]) => Math.hypot(i % size - x, Math.floor(i / size) - y);
const middle = [size / 2, size / 2] as const, rim = [0.7 * size, 0.7 * size] as const;

/** Scores of a disc, a third of the map, smooth as blurred maps are; a piece at its rim is missing. */
const feature = Float32Array.from(
  { length: count },
  (_, i) => apart(i, middle) < radius ? 0.2 + 0.1 * Math.sin(i % size / 9) * Math.cos(i / size / 7) : 0,
);
const missing = Float32Array.from({ length: count }, (_, i) => Math.max(0, 1 - apart(i, rim) / 25));
const loud = feature.filter((value, i) => value > 0 || missing[i] > 0).length;

for (const vertices of [65, 500]) {
  await measure(`frontier-distance/${size}x${size}/${vertices}`, frontierDistanceCost(loud, vertices), (gpu) => {
    const owned = new DisposableStack(),
      upload = (values: Float32Array<ArrayBuffer>) => owned.use(gpu.upload("f32", values));
    const arc = (k: number) => (1 - k / (vertices - 1)) * Math.PI / 2;
    const points = Array.from({ length: vertices }, (_, k) => [Math.cos(arc(k)), Math.sin(arc(k))]);
    const request = {
      feature: upload(feature),
      missing: upload(missing),
      frontier: upload(Float32Array.from(points.flat())),
    };
    return {
      run() {
        using _found = frontierDistance(gpu, { ...request, scale: 1, count });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}
