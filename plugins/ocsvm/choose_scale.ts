/**
 * Which k is taken: by synthetic defects, by labelled ones as published, or without any. @module
 *
 * A published choice needs labelled defects like those that are looked for. Defects that were pasted on held-out normal scans do as well
 * where the best values of k lie on a plateau, so its middle is taken: the values whose J is within one standard error of the best, that of
 * their difference, as all are judged by the same scans.
 *
 * Where the missing-region branch is silent on normal scans, pasted defects speak for as much of it as there may be: nothing there tells
 * what a false alarm costs. So `silentUnit` millimetres count as much as the largest feature scores of normal scans at most.
 */
import { type RandomStream, type Run, throwIfAborted } from "../../core/mod.ts";
import type { Example } from "./examples.ts";
import { meanArea, officialArea, type PlaneScore, rankedExamples } from "./judge_scale.ts";
import type { OcsvmOptions } from "./options.ts";
import type { NormalPairs } from "./pairs.ts";
import { levelCells, placeCells } from "./plane_cells.ts";
import { drawnExamples, resampledAreas, spreadOf } from "./resampled_areas.ts";
import { equalTailScale, quantiles, quantileScales, type Scale, unitScale, unitScales } from "./scale.ts";

/** The k in use and why. */
export interface ScaleChoice extends Scale {
  /** What chose it: one of the options, the tails of both branches, or a millimetre's worth where no quantile is to be had; `given`: nothing did. */
  readonly by: "synthetic" | "labelled" | "fixed" | "equal tails" | "unit" | "given";
  /** Area that it was chosen by: J of synthetic defects, official AU-PRO@0.3 of labelled ones. */
  readonly area?: number;
  /** Standard error of J. */
  readonly spread?: number;
}

/** What a boundary makes of the branches. */
export interface TriedBoundary {
  readonly score: PlaneScore;
  /** How many feature scores a millimetre of the other branch counts. */
  readonly weight: number;
}

/** What a choice needs. */
export interface ScaleSetting {
  readonly options: OcsvmOptions;
  /** Those of scans with defects, and of synthetic ones the normal scans' too; empty where there are none. */
  readonly examples: readonly Example[];
  /** The boundary that is fitted at this k. */
  readonly fitAt: (k: number) => TriedBoundary;
  /** For the draws of the spread. */
  readonly random: RandomStream;
  readonly run: Run;
}

/** What rounding may add to a weight. */
const ROUNDING = 1e-9;

/** Where no millimetre's worth is asked for, but needed. */
const UNIT = 1;

/** The k to use. What was asked for and can't be had is told by a warning. @throws {RunAborted} */
export async function chooseScale(pairs: NormalPairs, setting: ScaleSetting): Promise<ScaleChoice> {
  const { options: { kernel, k: asked, quantile, grid, silentUnit }, examples, run: { log } } = setting;
  if (typeof asked === "number") return { k: asked, by: "given" };
  const [s1, s2] = [pairs.s1.slice().sort(), pairs.s2.slice().sort()], unit = silentUnit ?? UNIT;
  const without = (scale: Scale): ScaleChoice => {
    log.warn(
      `a quantile of a branch is 0 on normal scans, so k has no ratio: ${unit} mm count as the largest features`,
    );
    return { ...scale, by: "unit" };
  };
  if (asked === "fixed") {
    const [fixed] = quantileScales(s1, s2, [quantile]);
    return fixed ? { ...fixed, by: "fixed" } : without(unitScale(pairs, unit));
  }
  if (examples.every(({ defects }) => defects === 0)) {
    log.warn(`no ${asked} defect to choose k by: the tails of both branches on normal scans are made equal`);
    return { ...equalTailScale(s1, s2, pairs, unit), by: "equal tails" };
  }
  const published = quantileScales(s1, s2, quantiles(grid));
  // what a line makes of the branches goes by the square of k, as w has it too, and starts anywhere
  const [first, step] = kernel === "rbf" ? [0, 0.5] : [-16, 1];
  const scales = silentUnit === null ? published : [...unitScales(pairs, unit, first, step), ...published];
  if (scales.length === 0) return without(unitScale(pairs, unit));
  if (asked === "labelled") return await byLabelled(scales, setting);
  const mostWeight = silentUnit === null ? Infinity : 1 / unitScale(pairs, unit).k;
  return await bySynthetic(scales, mostWeight, setting);
}

/** As published: the highest area, at a tie the last, which is the larger quantile. */
async function byLabelled(
  scales: readonly Scale[],
  { options, examples, fitAt, run }: ScaleSetting,
): Promise<ScaleChoice> {
  const cells = (options.kernel === "rbf" ? levelCells : placeCells)(examples); // a curve's distance takes time
  const areas = await areasOf(scales, ({ k }) => officialArea(rankedExamples(cells, k, fitAt(k).score)), run);
  const best = areas.lastIndexOf(Math.max(...areas));
  return { ...scales[best], by: "labelled", area: areas[best] };
}

async function bySynthetic(
  scales: readonly Scale[],
  mostWeight: number,
  { examples, fitAt, random, run }: ScaleSetting,
): Promise<ScaleChoice> {
  const cells = levelCells(examples), draws = drawnExamples(cells.examples, random);
  const ascending = [...scales].sort((a, b) => a.k - b.k), drawn: (Float64Array | undefined)[] = [];
  const areas = await areasOf(ascending, ({ k }) => {
    const { score, weight } = fitAt(k), isAllowed = weight <= mostWeight * (1 + ROUNDING);
    const ranked = isAllowed ? rankedExamples(cells, k, score) : undefined;
    drawn.push(ranked && resampledAreas(ranked, draws));
    return ranked ? meanArea(ranked) : -Infinity;
  }, run);
  const best = areas.indexOf(Math.max(...areas)), ofBest = drawn[best];
  if (!ofBest) return { ...ascending.at(-1)!, by: "synthetic" }; // a line that counts gaps for more at any k, least at the largest
  const spreads = drawn.map((one) => one ? spreadOf(one, ofBest) : 0);
  const middle = middleOfPlateau(ascending.map(({ k }) => k), areas, spreads);
  return { ...ascending[middle], by: "synthetic", area: areas[middle], spread: spreadOf(drawn[middle]!) };
}

/**
 * The index nearest to the geometric middle of the plateau: the run of values around the best whose area is less than it by their own
 * `spreads` at most. `ks` ascends; ties go to the smaller k.
 */
export function middleOfPlateau(ks: readonly number[], areas: readonly number[], spreads: readonly number[]): number {
  const best = areas.indexOf(Math.max(...areas)), isOn = (i: number) => areas[i] >= areas[best] - spreads[i];
  let first = best, last = best;
  while (first > 0 && isOn(first - 1)) first--;
  while (last < areas.length - 1 && isOn(last + 1)) last++;
  const middle = (Math.log(ks[first]) + Math.log(ks[last])) / 2;
  let nearest = first;
  for (let i = first + 1; i <= last; i++) {
    if (Math.abs(Math.log(ks[i]) - middle) < Math.abs(Math.log(ks[nearest]) - middle)) nearest = i;
  }
  return nearest;
}

/** The area at each of them. Between two the event loop turns, so that an interruption is heard. @throws {RunAborted} */
async function areasOf(scales: readonly Scale[], areaAt: (scale: Scale) => number, run: Run): Promise<number[]> {
  const areas: number[] = [];
  for (const scale of scales) {
    await new Promise((turned) => setTimeout(turned));
    throwIfAborted(run);
    areas.push(areaAt(scale));
    run.progress("choosing k", areas.length, scales.length);
  }
  return areas;
}
