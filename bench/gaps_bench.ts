/** Depths in the gaps of a part, and their filling, on a map of one scan: one pixel in twenty lies in a round hole. @module */
import { fillGaps, fillGapsCost, gapDepths, gapDepthsCost } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const size = 224, reach = 10;

/** A round part of 80 pixels' radius with a hole of 3 pixels' radius every 16 pixels. */
const patches = Uint32Array.from({ length: size * size }, (_, pixel) => {
  const x = pixel % size - size / 2, y = Math.floor(pixel / size) - size / 2;
  const across = (x + size) % 16 - 8, down = (y + size) % 16 - 8;
  return Math.hypot(x, y) < 80 && Math.hypot(across, down) > 3.2 ? pixel >> 2 : 0xffffffff;
});

await measure(`gap-depths/${size}x${size}, ${reach} pixels`, gapDepthsCost(size, reach), (gpu) => {
  const patchOf = gpu.upload("u32", patches);
  return {
    run() {
      using _depths = gapDepths(gpu, { patchOf, size, reach });
    },
    [Symbol.dispose]: () => patchOf[Symbol.dispose](),
  };
});

await measure(`fill-gaps/${size}x${size}, ${reach} pixels`, fillGapsCost(size, reach), (gpu) => {
  const owned = new DisposableStack(), patchOf = owned.use(gpu.upload("u32", patches));
  const map = owned.use(gpu.upload("f32", uniformRows(size * size, 1)));
  const depths = owned.use(gapDepths(gpu, { patchOf, size, reach }));
  return {
    run() {
      using _filled = fillGaps(gpu, { map, patchOf, depths, size, reach, usual: 1, most: 3 });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
