/** Every second row and column of a map: which points lie there, and which of them stands for each cell of 2 × 2 pixels. @module */

/** The sparse points of a map. */
export interface SparseGrid {
  /** Cells a side: half the map's pixels, rounded up. */
  readonly cells: number;
  /** The points in odd rows and odd columns, ascending. */
  readonly chosen: Uint32Array<ArrayBuffer>;
  /** `cells²`, row-major: which of the chosen lies in a cell, 0xffffffff where none does. */
  readonly rowOf: Uint32Array<ArrayBuffer>;
  /** The cell of each point. */
  readonly pointCells: Uint32Array<ArrayBuffer>;
}

/** The sparse points among those at these row-major pixels of a map of `size` pixels a side; a cell holds one odd row and column at most. */
export function sparseGrid(pixels: Uint32Array, size: number): SparseGrid {
  const cells = Math.ceil(size / 2), rowOf = new Uint32Array(cells * cells).fill(0xffffffff);
  const pointCells = new Uint32Array(pixels.length), chosen: number[] = [];
  pixels.forEach((pixel, point) => {
    const row = Math.floor(pixel / size), column = pixel % size, cell = (row >> 1) * cells + (column >> 1);
    pointCells[point] = cell;
    if (row % 2 === 1 && column % 2 === 1) rowOf[cell] = chosen.push(point) - 1;
  });
  return { cells, chosen: Uint32Array.from(chosen), rowOf, pointCells };
}
