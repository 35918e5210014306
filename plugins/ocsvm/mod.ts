/**
 * `ocsvm`: the distance of a place to the boundary that a one-class SVM draws around normal places, in the plane of both branches. @module
 *
 * x = k · S1 and y = S2. Source: Liu et al., "Uni-3DAD" (2024), section 3.4, with Schölkopf et al., "Estimating the Support of a
 * High-Dimensional Distribution", 2001. Preset `reference` is the published code: scikit-learn's SGDOneClassSVM at ν 0.5, which leaves a
 * weighted sum of both branches; its score w · x is the distance to the line but for the factor ‖w‖ and ρ, the same at every place.
 * `linear` is the exact solution of the same problem, `rbf` the exact boundary of a Gaussian kernel.
 *
 * Every score rises with both branches and is 0 where both are silent. A curve's is the monotone distance to it: what lies left of and
 * below a normal place is normal. Where a branch of normal scans is silent, a line gives it no weight, and then both count alike; a
 * curve needs nothing of the kind. What chooses k is in `choose_scale.ts`.
 */
import {
  checkedMaps,
  type DefectExamples,
  type Fuser,
  type RandomStream,
  randomStream,
  type Run,
  throwIfAborted,
} from "../../core/mod.ts";
import { chooseScale, type ScaleChoice } from "./choose_scale.ts";
import { defectExample, type Example, normalExample } from "./examples.ts";
import { type Boundary, evenLine, fitBoundary, missingWeight, scoreBy } from "./fit_boundary.ts";
import { fittedFuser } from "./fitted.ts";
import type { Known } from "./known.ts";
import { type OcsvmOptions, options, presets } from "./options.ts";
import { gatherPairs, type NormalPairs, planePairs, stratifiedPlaces } from "./pairs.ts";
import { fusionPlane } from "./plane_lines.ts";
import { unitScale } from "./scale.ts";
import { loadKnown } from "./tensors.ts";

export type { OcsvmOptions } from "./options.ts";

/** Pairs that a curve is solved on for each k that is tried. */
const TRIED_PAIRS = 1000;

/** Of the optimality conditions of a curve for each k that is tried, and of that of the model. */
const TRIED_TOLERANCE = 1e-3, TOLERANCE = 1e-4;

/** Whose maps choose k. */
const examplesFor = ({ k }: OcsvmOptions): DefectExamples | undefined =>
  k === "synthetic" || k === "labelled" ? k : undefined;

/** The fuser. Its map's score is the map's maximum. @throws {BranchMapRefused} from `fit` and `fuse`, for maps that are not finite or of two sizes */
export const ocsvm: Fuser<OcsvmOptions> = {
  kind: "fuser",
  name: "ocsvm",
  version: "1.0.0",
  api: 1,
  options,
  presets,
  examples: examplesFor,
  async fit(normal, options, run, defects) {
    throwIfAborted(run);
    const random = randomStream(run.seed, "ocsvm"), asked = examplesFor(options);
    const gathering = gatherPairs(random), examples: Example[] = [];
    for await (const maps of checkedMaps(normal, run)) {
      gathering.add(maps.feature.values, maps.missing.values);
      if (defects && asked === "synthetic") examples.push(normalExample(maps)); // labelled scans are ranked among themselves
    }
    if (defects && asked) {
      for await (const maps of checkedMaps(defects, run)) {
        const example = defectExample(maps, asked);
        if (asked === "labelled" || example.defects > 0) examples.push(example);
      }
    }
    return fittedFuser(await knownOf(gathering.pairs(), examples, options, random, run));
  },
  load: (model) => Promise.resolve(fittedFuser(loadKnown(model))),
};

async function knownOf(
  pairs: NormalPairs,
  examples: readonly Example[],
  options: OcsvmOptions,
  random: RandomStream,
  run: Run,
): Promise<Known> {
  const curved = options.kernel === "rbf", { log } = run;
  if (pairs.s1.length < 2) {
    log.warn(`normal scans have ${pairs.s1.length} places where a branch speaks: no boundary, both count alike`);
    const choice: ScaleChoice = typeof options.k === "number"
      ? { k: options.k, by: "given" }
      : { ...unitScale(pairs, options.silentUnit ?? 1), by: "unit" };
    return known(pairs, choice, evenLine(planePairs(pairs, choice.k), options.nu), options, random);
  }
  const tried = curved ? stratifiedPlaces(pairs, Math.min(TRIED_PAIRS, options.most), random) : undefined;
  const fitAt = (k: number) => {
    const boundary = fitBoundary(planePairs(pairs, k, tried), options, TRIED_TOLERANCE);
    return { score: scoreBy(boundary), weight: missingWeight(boundary, k) };
  };
  const choice = await chooseScale(pairs, { options, examples, fitAt, random, run });
  const fitted = curved ? stratifiedPlaces(pairs, options.most, random) : undefined;
  const boundary = fitBoundary(planePairs(pairs, choice.k, fitted), options, TOLERANCE);
  log.info(`k ${choice.k.toPrecision(4)} by ${told(choice)}`);
  if ("line" in boundary && boundary.even) {
    log.warn("normal scans leave a branch no weight in a straight boundary: both count alike, by k alone");
  }
  return known(pairs, choice, boundary, options, random);
}

function told({ by, q, area, spread }: ScaleChoice): string {
  const words: string[] = [by === "unit" ? "a millimetre's worth" : by === "given" ? "its option" : by];
  if (q !== undefined) words.push(`quantile ${q.toPrecision(4)}`);
  if (area !== undefined) words.push(`AU-PRO@${by === "labelled" ? 0.3 : 0.05} ${area.toFixed(4)}`);
  if (spread !== undefined) words.push(`± ${spread.toFixed(4)}`);
  return words.join(", ");
}

function known(
  pairs: NormalPairs,
  { k, q, by, area, spread }: ScaleChoice,
  boundary: Boundary,
  { kernel, nu }: OcsvmOptions,
  random: RandomStream,
): Known {
  const drawn: Record<string, number | string> = "line" in boundary
    ? {
      w1: boundary.line.w[0],
      w2: boundary.line.w[1],
      rho: boundary.line.rho,
      weights: boundary.even ? "even" : "fitted",
    }
    : { gamma: boundary.curve.gamma, rho: boundary.curve.rho, supports: boundary.curve.alphas.length };
  const facts = {
    kernel,
    nu,
    k,
    by,
    ...(q !== undefined ? { q } : {}),
    ...(area !== undefined ? { area } : {}),
    ...(spread !== undefined ? { spread } : {}),
    ...drawn,
    pairs: pairs.s1.length,
  };
  return {
    facts,
    plane: fusionPlane(pairs, k, boundary, random),
    boundary: "line" in boundary ? boundary.line : Float32Array.from(boundary.frontier),
  };
}
