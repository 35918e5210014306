/** Rows that bank kernels are timed with. @module */
import { randomStream } from "../core/mod.ts";

/** `count × columns` numbers in [0, 1) without structure: the hardest case for whatever prunes. */
export function uniformRows(count: number, columns: number): Float32Array<ArrayBuffer> {
  const random = randomStream(0, "bench/uniform-rows");
  return Float32Array.from({ length: count * columns }, () => random.uniform());
}

/**
 * Rows like pooled FPFH of cable gland: four fifths are zeros, the others lie between 500 centres, whose three groups of eleven sum to 200 each.
 */
export function featureRows(count: number): Float32Array<ArrayBuffer> {
  const columns = 33, random = randomStream(0, "bench/feature-rows"), rows = new Float32Array(count * columns);
  const centres = Array.from({ length: 500 }, () =>
    [0, 1, 2].flatMap(() => {
      const group = Array.from({ length: 11 }, () => random.uniform() ** 4), sum = group.reduce((a, b) => a + b, 0);
      return group.map((v) => v * 200 / sum);
    }));
  for (let row = 0; row < count; row++) {
    if (random.uniform() < 0.8) continue;
    const one = centres[random.integer(500)], other = centres[random.integer(500)], share = 0.4 * random.uniform();
    for (let c = 0; c < columns; c++) {
      rows[row * columns + c] = one[c] + share * (other[c] - one[c]) + 3 * random.normal();
    }
  }
  return rows;
}

/**
 * 64 numbers a row that spread like the principal components of FPFH rows of six sizes: variance falls as (c + 1)^−1.4, and rows lie between 500 centres.
 * A scan's rows and the bank's lie between the same centres.
 */
export function projectedRows(count: number, name: "bank" | "scan"): Float32Array<ArrayBuffer> {
  const columns = 64,
    random = randomStream(0, `bench/projected-rows/${name}`),
    rows = new Float32Array(count * columns);
  const shared = randomStream(0, "bench/projected-centres"), spread = (c: number) => 140 * (c + 1) ** -0.7;
  const centres = Array.from(
    { length: 500 },
    () => Array.from({ length: columns }, (_, c) => spread(c) * shared.normal()),
  );
  for (let row = 0; row < count; row++) {
    const one = centres[random.integer(500)], other = centres[random.integer(500)], share = 0.4 * random.uniform();
    for (let c = 0; c < columns; c++) {
      rows[row * columns + c] = one[c] + share * (other[c] - one[c]) + 0.2 * spread(c) * random.normal();
    }
  }
  return rows;
}
