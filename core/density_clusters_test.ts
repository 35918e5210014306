import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { readNpy } from "../formats/mod.ts";
import { sharedData } from "../tests/shared_data.ts";
import { densityClusters } from "./density_clusters.ts";

/** The definition, by brute force. */
function reference(points: number[], eps: number, least: number): number[] {
  const n = points.length / 3;
  const near = (i: number) =>
    Array.from({ length: n }, (_, j) => j).filter((j) =>
      (points[3 * i] - points[3 * j]) ** 2 + (points[3 * i + 1] - points[3 * j + 1]) ** 2 +
          (points[3 * i + 2] - points[3 * j + 2]) ** 2 < eps * eps
    );
  const labels: number[] = new Array(n).fill(-1), core = Array.from({ length: n }, (_, i) => near(i).length >= least);
  let next = 0;
  for (let i = 0; i < n; i++) {
    if (labels[i] >= 0 || !core[i]) continue;
    const queue = [i];
    labels[i] = next;
    for (const at of queue) {
      if (!core[at]) continue;
      for (const j of near(at)) {
        if (labels[j] >= 0) continue;
        labels[j] = next;
        queue.push(j);
      }
    }
    next++;
  }
  return labels;
}

Deno.test("densityClusters() equals the definition on small grids full of ties", () =>
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.nat(2)), { maxLength: 80 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 6 }),
      (triples, eps, least) => {
        const points = triples.flat();
        const chosen = Uint32Array.from(triples, (_, i) => i);
        deepEqual([...densityClusters(points, chosen, eps, least)], reference(points, eps, least));
      },
    ),
    { numRuns: 500 },
  ));

for (const [index, eps, least] of [[0, 8.0001, 8], [1, 0.25, 5], [2, 0.06, 4]] as const) { // 8.0001: there a distance of 8 counts as inside
  const x = sharedData(`golden/fusion/dbscan_${index}_x.npy`),
    labels = sharedData(`golden/fusion/dbscan_${index}_labels.npy`);
  Deno.test({
    name: `densityClusters() gives the golden labels of set ${index}`,
    ignore: !x || !labels,
    fn: async () => {
      const { values, shape } = readNpy(await Deno.readFile(x!));
      const points = new Float64Array(3 * shape[0]);
      for (let i = 0; i < shape[0]; i++) points.set([Number(values[2 * i]), Number(values[2 * i + 1])], 3 * i);
      const found = densityClusters(points, Uint32Array.from({ length: shape[0] }, (_, i) => i), eps, least);
      deepEqual([...found], [...readNpy(await Deno.readFile(labels!)).values as Int32Array]);
    },
  });
}
