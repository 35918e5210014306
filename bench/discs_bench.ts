/** Distances to what was measured, and values spread over discs, on a map whose part lacks a piece of 40 pixels' radius. @module */
import { discMaximum, discMaximumCost, distanceTransform, distanceTransformCost } from "../kernels/mod.ts";
import { measure } from "./roofline.ts";

const size = 224, reach = 64;
const within = (pixel: number, x: number, y: number, radius: number) =>
  (pixel % size - x) ** 2 + (Math.floor(pixel / size) - y) ** 2 <= radius ** 2;

/** Pixels of the part, and those of them that have a point. */
const part = Uint32Array.from({ length: size ** 2 }, (_, pixel) => within(pixel, 112, 112, 90) ? 1 : 0);
const points = part.map((inside, pixel) => inside === 1 && !within(pixel, 150, 112, 40) ? pixel : 0xffffffff);

await measure(`distance-transform/${size}x${size}`, distanceTransformCost(size), (gpu) => {
  const pointOf = gpu.upload("u32", points);
  return {
    run() {
      using _squares = distanceTransform(gpu, { pointOf, size });
    },
    [Symbol.dispose]: () => pointOf[Symbol.dispose](),
  };
});

await measure(`disc-maximum/${size}x${size}, ${reach} pixels`, discMaximumCost(size, reach), (gpu) => {
  const owned = new DisposableStack(), pointOf = owned.use(gpu.upload("u32", points));
  const squares = owned.use(distanceTransform(gpu, { pointOf, size })), mask = owned.use(gpu.upload("u32", part));
  // inside the part, a place says how far it is from the nearest point
  const values = owned.use(gpu.upload(
    "f32",
    Float32Array.from(part, (inside, pixel) => {
      const away = 40 - Math.hypot(pixel % size - 150, Math.floor(pixel / size) - 112);
      return inside === 1 ? Math.max(0, away) : 0;
    }),
  ));
  return {
    run() {
      using _covered = discMaximum(gpu, { values, squares, mask, size, reach });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
