/** How much of a difference between two values of k is chance: J of many draws of the scans. @module */
import type { RandomStream } from "../../core/mod.ts";
import { coarseExamples, meanArea, type RankedExamples } from "./judge_scale.ts";
import type { CellCounts } from "./plane_cells.ts";

/** How often the scans are drawn anew. */
const DRAWS = 500;

/**
 * Draws of the examples with replacement, those of each kind and the normal ones by themselves: how often each of them counts. All values
 * of k are judged by the same draws.
 */
export function drawnExamples(examples: readonly CellCounts[], random: RandomStream): Uint32Array[] {
  const groups = [...Map.groupBy(examples.keys(), (index) => examples[index].kind).values()];
  return Array.from({ length: DRAWS }, () => {
    const times = new Uint32Array(examples.length);
    for (const group of groups) group.forEach(() => times[group[random.integer(group.length)]]++);
    return times;
  });
}

/** J of each draw. */
export function resampledAreas(examples: RankedExamples, draws: readonly Uint32Array[]): Float64Array {
  const coarse = coarseExamples(examples);
  return Float64Array.from(draws, (times) => meanArea(coarse, times));
}

/** The standard error of J, or of the difference to another one by the same draws. */
export function spreadOf(areas: Float64Array, others?: Float64Array): number {
  const differences = others ? areas.map((area, draw) => area - others[draw]) : areas;
  const mean = differences.reduce((sum, area) => sum + area, 0) / areas.length;
  return Math.sqrt(differences.reduce((sum, area) => sum + (area - mean) ** 2, 0) / areas.length);
}
