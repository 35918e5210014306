/** How well a boundary ranks the places of defects above normal ones. @module */
import { areaUpTo, exactCurve, officialCurve, type ScoreCounts } from "../../core/mod.ts";
import { firstAtLeast } from "./first_at_least.ts";
import type { CellCounts, PlaneCells } from "./plane_cells.ts";

/** A score by both coordinates of the plane, higher is more anomalous. */
export type PlaneScore = (x: number, y: number) => number;

/** The false-positive rate up to which places of synthetic defects are ranked, and that of labelled ones as published. */
const SYNTHETIC_LIMIT = 0.05, LABELLED_LIMIT = 0.3;

/** Ranks join where they hold no more of the normal places, and of the defects of all examples; far beyond the limit all are one. */
const JOINED_NORMAL = SYNTHETIC_LIMIT / 100, JOINED_DEFECTS = 1 / 500, BEYOND = 4 * SYNTHETIC_LIMIT;

/** Examples whose cells are ranks: cell 0 has the lowest score, cells of equal score are one. */
export interface RankedExamples {
  /** How many ranks there are. */
  readonly ranks: number;
  /** In the order of the examples; not all ranks need occur. */
  readonly examples: readonly CellCounts[];
}

/** The examples by the score at this k. */
export function rankedExamples({ s1, s2, examples }: PlaneCells, k: number, score: PlaneScore): RankedExamples {
  const scores = s1.map((value, cell) => score(k * value, s2[cell])), distinct = scores.slice().sort();
  let ranks = 0;
  for (let i = 0; i < distinct.length; i++) {
    if (i === 0 || distinct[i] !== distinct[i - 1]) distinct[ranks++] = distinct[i];
  }
  const ascending = distinct.subarray(0, ranks),
    rankOf = Uint32Array.from(scores, (one) => firstAtLeast(ascending, one));
  return {
    ranks,
    examples: examples.map((example) => ({ ...example, cells: example.cells.map((cell) => rankOf[cell]) })),
  };
}

/** Official AU-PRO@0.3 of all examples as one group, as published. */
export function officialArea({ ranks, examples }: RankedExamples): number {
  const counts = noCounts(ranks);
  let components = 0;
  for (const example of examples) components += addTo(counts, example, 1);
  return areaUpTo(officialCurve({ ...counts, components }), LABELLED_LIMIT);
}

/**
 * J: exact AU-PRO@0.05 of each kind of defect, ranked together with all normal scans, and the mean over kinds. `times` says how often each
 * example counts, once where it is absent; of each kind one has to.
 */
export function meanArea({ ranks, examples }: RankedExamples, times?: Uint32Array): number {
  const base = noCounts(ranks), kinds = new Map<string, Counts & { components: number }>();
  for (const [index, example] of examples.entries()) {
    if (example.kind === undefined) addTo(base, example, times?.[index] ?? 1);
    else if (!kinds.has(example.kind)) kinds.set(example.kind, { ...noCounts(ranks), components: 0 });
  }
  for (const [index, example] of examples.entries()) {
    const counts = kinds.get(example.kind ?? "");
    if (counts) counts.components += addTo(counts, example, times?.[index] ?? 1);
  }
  let sum = 0;
  for (const counts of kinds.values()) {
    base.normal.forEach((count, i) => counts.normal[i] += count);
    sum += areaUpTo(exactCurve(counts), SYNTHETIC_LIMIT);
  }
  return sum / kinds.size;
}

/** The same examples by fewer ranks, for {@linkcode meanArea} many times over: it moves by less than a hundredth. */
export function coarseExamples({ ranks, examples }: RankedExamples): RankedExamples {
  const normal = new Float64Array(ranks), share = new Float64Array(ranks);
  for (const { cells, normal: own, share: shares } of examples) {
    cells.forEach((rank, i) => {
      normal[rank] += own[i];
      share[rank] += shares[i];
    });
  }
  const [normals, defects] = [normal, share].map((values) => values.reduce((sum, value) => sum + value, 0));
  const fromTop = new Uint32Array(ranks);
  let joined = 0, above = 0, normalIn = 0, shareIn = 0;
  for (let rank = ranks - 1; rank >= 0; rank--) {
    normalIn += normal[rank] / normals;
    shareIn += share[rank] / defects;
    const isFull = normalIn > JOINED_NORMAL || shareIn > JOINED_DEFECTS;
    if (isFull && rank < ranks - 1 && above < BEYOND) {
      joined++;
      above += normalIn;
      normalIn = shareIn = 0;
    }
    fromTop[rank] = joined;
  }
  return { ranks: joined + 1, examples: examples.map((example) => joinedCells(example, fromTop, joined)) };
}

/** The example with cells `last − fromTop` of what were its cells, each once. */
function joinedCells(example: CellCounts, fromTop: Uint32Array, last: number): CellCounts {
  const normal = new Float64Array(last + 1), share = new Float64Array(last + 1);
  example.cells.forEach((rank, i) => {
    normal[last - fromTop[rank]] += example.normal[i];
    share[last - fromTop[rank]] += example.share[i];
  });
  const cells = Uint32Array.from(normal.keys()).filter((cell) => normal[cell] > 0 || share[cell] > 0);
  const of = (values: Float64Array) => Float64Array.from(cells, (cell) => values[cell]);
  return { ...example, cells, normal: of(normal), share: of(share) };
}

type Counts = Omit<ScoreCounts, "components">;

const noCounts = (ranks: number): Counts => ({
  normal: new Float64Array(2 * ranks + 1),
  overlap: new Float64Array(ranks),
  anomalous: new Float64Array(ranks), // of no use for areas
});

/** Adds an example so many times, and gives the defects that came to it. */
function addTo({ normal, overlap }: Counts, example: CellCounts, times: number): number {
  if (times === 0) return 0;
  for (let i = 0; i < example.cells.length; i++) {
    const rank = example.cells[i];
    normal[2 * rank + 1] += times * example.normal[i];
    overlap[rank] += times * example.share[i];
  }
  return times * example.defects;
}
