import { deepEqual } from "node:assert/strict";
import { sparseGrid } from "./sparse_grid.ts";

const NONE = 0xffffffff;

Deno.test("sparseGrid() takes odd rows and columns, and puts four pixels into a cell", () => {
  const { cells, chosen, rowOf, pointCells } = sparseGrid(Uint32Array.from({ length: 16 }, (_, i) => i), 4);
  deepEqual([cells, [...chosen]], [2, [5, 7, 13, 15]]);
  deepEqual([...rowOf], [0, 1, 2, 3]);
  deepEqual([...pointCells], [0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3]);
});

Deno.test("sparseGrid() counts points, not pixels, and leaves cells without a sparse point empty", () => {
  // of a map of 5 × 5 the pixels (0, 4), (1, 3), (3, 0), (3, 1), (4, 4)
  const { cells, chosen, rowOf, pointCells } = sparseGrid(Uint32Array.of(4, 8, 15, 16, 24), 5);
  deepEqual([cells, [...chosen]], [3, [1, 3]]);
  deepEqual([...rowOf], [NONE, 0, NONE, 1, NONE, NONE, NONE, NONE, NONE]);
  deepEqual([...pointCells], [2, 1, 3, 3, 8]);
});
