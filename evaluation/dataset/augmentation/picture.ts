/** What lies where in a picture of flags: connected pieces, and the nearest flagged pixel. @module */

/** Columns and rows of a picture; its pixels are row-major. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The up to eight neighbours of a pixel, row by row. */
export function neighbours(pixel: number, { width, height }: Size): number[] {
  const column = pixel % width, row = (pixel - column) / width, found: number[] = [];
  for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c++) {
      const other = r * width + c;
      if (other !== pixel) found.push(other);
    }
  }
  return found;
}

/** The flagged pixels, ascending. */
export function pixelsOf(flags: Uint8Array): number[] {
  const pixels: number[] = [];
  for (let pixel = 0; pixel < flags.length; pixel++) if (flags[pixel] === 1) pixels.push(pixel);
  return pixels;
}

/** The 8-connected pieces of the flagged pixels, each as its pixels; numbered by their first pixel. */
export function piecesOf(flags: Uint8Array, { width, height }: Size): number[][] {
  const left = flags.slice(), pieces: number[][] = [];
  for (let first = 0; first < left.length; first++) {
    if (left[first] === 0) continue;
    const piece = [first];
    left[first] = 0;
    for (let next = 0; next < piece.length; next++) {
      const pixel = piece[next], column = pixel % width, row = (pixel - column) / width;
      const top = Math.max(0, row - 1), bottom = Math.min(height - 1, row + 1);
      const right = Math.min(width - 1, column + 1);
      for (let r = top; r <= bottom; r++) {
        for (let c = Math.max(0, column - 1); c <= right; c++) {
          if (left[r * width + c] === 0) continue;
          left[r * width + c] = 0;
          piece.push(r * width + c);
        }
      }
    }
    pieces.push(piece);
  }
  return pieces;
}

/** The piece of most pixels, flagged; the first of equals. */
export function largestPiece(flags: Uint8Array, size: Size): Uint8Array {
  const largest = new Uint8Array(flags.length);
  for (const pixel of piecesOf(flags, size).reduce((a, b) => b.length > a.length ? b : a, [])) largest[pixel] = 1;
  return largest;
}

/**
 * The nearest flagged pixel of each pixel, −1 where none is flagged: two walks in which pixels hand on what their neighbours found
 * (Danielsson, "Euclidean distance mapping", 1980); in rare places it is off by a fraction of a pixel.
 */
export function nearestFlagged(flags: Uint8Array, { width, height }: Size): Int32Array {
  const nearest = new Int32Array(flags.length).fill(-1), squared = new Float64Array(flags.length).fill(Infinity);
  for (let pixel = 0; pixel < flags.length; pixel++) {
    if (flags[pixel] === 1) [nearest[pixel], squared[pixel]] = [pixel, 0];
  }
  const take = (row: number, column: number, fromRow: number, fromColumn: number) => {
    if (fromRow < 0 || fromRow >= height || fromColumn < 0 || fromColumn >= width) return;
    const offered = nearest[fromRow * width + fromColumn], pixel = row * width + column;
    if (offered < 0 || squared[pixel] === 0) return;
    const x = offered % width, y = (offered - x) / width, distance = (x - column) ** 2 + (y - row) ** 2;
    if (distance < squared[pixel]) [nearest[pixel], squared[pixel]] = [offered, distance];
  };
  for (const step of [1, -1]) {
    for (let row = step > 0 ? 0 : height - 1; row >= 0 && row < height; row += step) {
      for (const way of [1, -1]) {
        for (let column = way > 0 ? 0 : width - 1; column >= 0 && column < width; column += way) {
          take(row, column, row, column - way);
          for (let side = -1; side <= 1; side++) take(row, column, row - step, column + side);
        }
      }
    }
  }
  return nearest;
}

/** Distance of two pixels, in pixels. */
export const pixelDistance = (a: number, b: number, width: number): number =>
  Math.hypot(a % width - b % width, Math.floor(a / width) - Math.floor(b / width));

/** Sums over squares of `2 reach + 1` pixels around each pixel, cut at the picture's border. */
export function boxSums(values: ArrayLike<number>, { width, height }: Size, reach: number): Float64Array {
  const table = new Float64Array((width + 1) * (height + 1));
  for (let r = 0; r < height; r++) {
    for (let c = 0, row = 0; c < width; c++) {
      row += values[r * width + c];
      table[(r + 1) * (width + 1) + c + 1] = table[r * (width + 1) + c + 1] + row;
    }
  }
  const sums = new Float64Array(width * height);
  for (let row = 0, pixel = 0; row < height; row++) {
    const top = Math.max(0, row - reach) * (width + 1), bottom = Math.min(height, row + reach + 1) * (width + 1);
    for (let column = 0; column < width; column++, pixel++) {
      const left = Math.max(0, column - reach), right = Math.min(width, column + reach + 1);
      sums[pixel] = table[bottom + right] - table[bottom + left] - table[top + right] + table[top + left];
    }
  }
  return sums;
}
