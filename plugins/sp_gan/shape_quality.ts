/** How good generated shapes are: near to normal ones that training did not see, as varied as they, and not to be told from them. @module */
import { type Gpu, nearestPoints, uploadRows } from "../../kernels/mod.ts";

/** Distances between clouds of a set and clouds of another, row by row. */
export type DistanceTable = readonly (readonly number[])[];

/** Figures of a set of generated shapes against normal ones; distances in the clouds' unit. */
export interface ShapeQuality {
  /** Mean over normal shapes of the Chamfer distance to the nearest generated one: root of the two-sided mean of squares. */
  readonly nearest: number;
  /** Share of the normal shapes that are the nearest of some generated one; Achlioptas et al. 2018. */
  readonly coverage: number;
  /** Share of shapes whose nearest other shape is of their own kind: ½ where they can't be told apart, 1 where they can; Yang et al. 2019. */
  readonly oneNearest: number;
  /**
   * Mean distance between generated shapes, as a share of that between normal ones: near 0 where the generator gives one shape only; 1 where
   * the normal ones are all the same, so that there is nothing to be as varied as.
   */
  readonly spread: number;
}

/** Chamfer distances between all clouds of two sets, `points × 3` each, all of as many points. Waits for the GPU, once for each cloud of `a`. */
export async function chamferTable(
  gpu: Gpu,
  a: readonly Float32Array[],
  b: readonly Float32Array[],
): Promise<number[][]> {
  if (a.length === 0 || b.length === 0) return a.map(() => []);
  const flat = new Float32Array(b.length * b[0].length);
  b.forEach((cloud, i) => flat.set(cloud, i * cloud.length));
  using others = uploadRows(gpu, flat, 3);
  const table: number[][] = [];
  for (const cloud of a) {
    const copies = new Float32Array(flat.length);
    b.forEach((_, i) => copies.set(cloud, i * cloud.length));
    using own = uploadRows(gpu, copies, 3);
    using there = nearestPoints(gpu, { queries: own, points: others, clouds: b.length, k: 1 });
    using back = nearestPoints(gpu, { queries: others, points: own, clouds: b.length, k: 1 });
    const [forth, home] = await Promise.all([gpu.read(there.squared), gpu.read(back.squared)]);
    const size = forth.length / b.length,
      mean = (values: Float32Array, i: number) =>
        values.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0) / size;
    table.push(b.map((_, i) => Math.sqrt((mean(forth, i) + mean(home, i)) / 2)));
  }
  return table;
}

/** The figures, of the distances normal–normal, normal–generated and generated–generated. */
export function shapeQuality(normal: DistanceTable, between: DistanceTable, generated: DistanceTable): ShapeQuality {
  const count = normal.length, made = generated.length;
  const column = (j: number) => between.map((row) => row[j]);
  const covered = new Set(generated.map((_, j) => argmin(column(j))));
  const others = (table: DistanceTable, i: number) => table[i].filter((_, j) => j !== i);
  const told = normal.filter((_, i) => Math.min(...others(normal, i)) < Math.min(...between[i])).length +
    generated.filter((_, j) => Math.min(...others(generated, j)) < Math.min(...column(j))).length;
  const usual = meanOff(normal);
  return {
    nearest: between.reduce((sum, row) => sum + Math.min(...row), 0) / count,
    coverage: covered.size / count,
    oneNearest: told / (count + made),
    spread: usual > 0 ? meanOff(generated) / usual : 1,
  };
}

const argmin = (values: readonly number[]) => values.reduce((best, value, i) => value < values[best] ? i : best, 0);

/** Mean of what lies off the diagonal. */
function meanOff(table: DistanceTable): number {
  const off = table.flatMap((row, i) => row.filter((_, j) => j !== i));
  return off.reduce((sum, value) => sum + value, 0) / off.length;
}
