/** Three sparse sizes of one scan, spread to all points of its map. @module */
import { spreadRows, spreadRowsCost } from "../kernels/spread_rows.ts";
import { measure } from "./roofline.ts";
import { uniformRows } from "./feature_rows.ts";

const cells = 112, stride = 108, side = 44; // a part of 44 × 44 cells in the middle, each of 2 × 2 points, one of them sparse

await measure(
  `spread-rows/${4 * side * side}x${stride}`,
  spreadRowsCost(4 * side * side, side * side, stride),
  (gpu) => {
    const rowOf = new Uint32Array(cells * cells).fill(0xffffffff), pointCells = new Uint32Array(4 * side * side);
    const cellOf = (row: number, column: number) => (row + 34) * cells + column + 34;
    for (let i = 0; i < side * side; i++) rowOf[cellOf(Math.floor(i / side), i % side)] = i;
    for (let i = 0; i < pointCells.length; i++) { // in the order of pixels
      pointCells[i] = cellOf(Math.floor(i / (2 * side)) >> 1, i % (2 * side) >> 1);
    }
    const owned = new DisposableStack();
    const plain = (count: number, stride: number, values = owned.use(gpu.zeros("f32", count * stride))) => ({
      values,
      count,
      columns: stride,
      stride,
      [Symbol.dispose]: () => {},
    });
    const rows = plain(side * side, stride, owned.use(gpu.upload("f32", uniformRows(side * side, stride))));
    const request = {
      rows,
      rowOf: owned.use(gpu.upload("u32", rowOf)),
      cells,
      pointCells: owned.use(gpu.upload("u32", pointCells)),
      sigma: 0.75,
      into: { rows: plain(pointCells.length, 2 * stride), column: stride },
    };
    return { run: () => spreadRows(gpu, request), [Symbol.dispose]: () => owned.dispose() };
  },
);
