/** Pooling of one scan's features: every pixel filled, and 15 % as on cable gland. @module */
import { poolPatches, poolPatchesCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const size = 224, cells = 28, columns = 33;
for (const [name, side] of [["full", size], ["part", 87]] as const) {
  await measure(`pool-patches/${name}/${size}to${cells}x${columns}`, poolPatchesCost(size, cells, columns), (gpu) => {
    const owned = new DisposableStack(), first = Math.floor((size - side) / 2);
    const rows = owned.use(uploadRows(gpu, uniformRows(side * side, columns), columns));
    const map = new Uint32Array(size * size).fill(0xffffffff); // a square of side² points in the middle
    for (let i = 0; i < side * side; i++) map[(first + Math.floor(i / side)) * size + first + i % side] = i;
    const pointOf = owned.use(gpu.upload("u32", map));
    return {
      run() {
        using _pooled = poolPatches(gpu, { rows, pointOf, size, cells, form: "zeros" });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}
