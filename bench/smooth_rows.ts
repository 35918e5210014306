/** Rows and graphs as a generator's edge blocks have them, for timing. @module */
import { randomStream } from "../core/mod.ts";

/** Point i of n on the Fibonacci sphere, in the prior's order. */
function spherePoint(i: number, n: number): [number, number, number] {
  const c = 1 - (2 * i + 1) / n, radius = Math.sqrt(1 - c * c), angle = Math.PI * (1 + Math.sqrt(5)) * (i + 0.5);
  return [radius * Math.cos(angle), radius * Math.sin(angle), c];
}

/** Clouds of rows that are two random layers of a Fibonacci sphere's points, each cloud's of its own weights: near points have near rows. */
export function smoothRows(clouds: number, each: number, columns: number): Float32Array<ArrayBuffer> {
  const hidden = 32, rows = new Float32Array(clouds * each * columns);
  for (let cloud = 0; cloud < clouds; cloud++) {
    const random = randomStream(0, `bench/smooth-rows/${cloud}`);
    const weights = (length: number) => Float64Array.from({ length }, () => random.normal());
    const first = weights(4 * hidden), second = weights(hidden * columns);
    for (let i = 0; i < each; i++) {
      const [x, y, z] = spherePoint(i, each);
      const inner = Array.from({ length: hidden }, (_, h) => {
        const sum = first[4 * h] * x + first[4 * h + 1] * y + first[4 * h + 2] * z + first[4 * h + 3] / 2;
        return Math.max(sum, 0.01 * sum);
      });
      for (let c = 0; c < columns; c++) {
        const sum = inner.reduce((total, v, h) => total + v * second[h * columns + c], 0);
        rows[(cloud * each + i) * columns + c] = Math.max(sum, 0.2 * sum);
      }
    }
  }
  return rows;
}

/** k neighbours of each row, as far in its cloud's order as a Fibonacci sphere's are. */
export function sphereGraph(clouds: number, each: number, k: number): Uint32Array<ArrayBuffer> {
  const offsets = [13, 21, 34, 55, 89];
  return Uint32Array.from({ length: clouds * each * k }, (_, edge) => {
    const row = Math.floor(edge / k),
      m = edge % k,
      i = row % each,
      offset = offsets[(m >> 1) % 5] * (m % 2 === 0 ? 1 : -1);
    return row - i + (i + offset + each) % each;
  });
}
