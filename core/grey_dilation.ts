/**
 * Grey dilation of a map as published: the maximum over the 5 × 5 ellipse, three times. @module
 *
 * The ellipse's rows are 00100, 11111, 11111, 11111, 00100, as OpenCV makes it. What lies outside the map doesn't count.
 */

/** Row and column of each place of the ellipse, from its middle. */
const ELLIPSE = [0, 2, 2, 2, 0].flatMap((reach, row) =>
  Array.from({ length: 2 * reach + 1 }, (_, i) => [row - 2, i - reach] as const)
);

const TIMES = 3;

/** A `size²` map, row-major, dilated; what is given stays as it is. */
export function greyDilation(map: Float32Array, size: number): Float32Array<ArrayBuffer> {
  let values = new Float32Array(map);
  for (let time = 0; time < TIMES; time++) values = dilated(values, size);
  return values;
}

function dilated(values: Float32Array, size: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(values, (_, pixel) => {
    const row = Math.floor(pixel / size), column = pixel % size;
    let most = -Infinity;
    for (const [down, right] of ELLIPSE) {
      const r = row + down, c = column + right;
      if (r >= 0 && r < size && c >= 0 && c < size) most = Math.max(most, values[r * size + c]);
    }
    return most;
  });
}
