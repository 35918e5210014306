/**
 * `mean-std`: the missing-region map brought to the scale of the feature map by both branches' statistics over normal scans. @module
 *
 * Source: Liu et al., "Uni-3DAD" (2024), equation 13: w = σ1/σ2, b = μ1 − w·μ2, S = S1 + w·S2 + b; and the code of Chu et al.,
 * "Shape-Guided" (ICML 2023): the same w and b, S = max(S1, max(0, w·S2 + b)). Presets `paper` and `reference`; the sum is shifted by
 * −b, the same at every place of every scan, so that a map is 0 where both branches are and never negative: ranking and decisions stay.
 *
 * A missing-region map that is made to be silent on whole scans leaves σ2 nothing, or a few false alarms, to be made of: σ1/σ2 would
 * throw the branch away, or let it drown the other. So there is a limit, `silentUnit`: w = min(σ1/σ2, M/silentUnit), where M is the mean
 * of the largest feature scores of normal scans. That many millimetres of a silent branch then count as much as M, and no branch counts more;
 * one that speaks on whole scans too counts less, by its deviation. Its deviation is taken over all places of the part (`either`), its
 * zeros included: a false alarm on one scan of thirty is rare, which the values above 0 alone don't tell.
 */
import { z } from "zod";
import {
  checkBranchMaps,
  checkedMaps,
  type FittedFuser,
  type Fuser,
  ModelRefused,
  throwIfAborted,
} from "../../core/mod.ts";
import { type MeanStdOptions, options, presets } from "./options.ts";
import { gatherStatistics } from "./statistics.ts";
import { fusedValue, type Weights, weightsOf } from "./weights.ts";

export type { MeanStdOptions } from "./options.ts";

/** The fuser. Its map's score is the map's maximum. @throws {BranchMapRefused} from `fit` and `fuse`, for maps that are not finite or of two sizes */
export const meanStd: Fuser<MeanStdOptions> = {
  kind: "fuser",
  name: "mean-std",
  version: "1.0.0",
  api: 1,
  options,
  presets,
  async fit(normal, options, run) {
    throwIfAborted(run);
    const gathering = gatherStatistics(options.places);
    for await (const { feature, missing } of checkedMaps(normal, run)) gathering.add(feature.values, missing.values);
    return fitted(weightsOf(gathering.statistics(), options, run.log), options);
  },
  load: (model, options) => {
    const parsed = factsSchema.safeParse(model.facts());
    if (parsed.success) return Promise.resolve(fitted(parsed.data, options));
    const [issue] = parsed.error.issues;
    throw new ModelRefused(
      "of mean-std",
      ["facts", ...issue.path.map(String)].join("."),
      "what a fit keeps",
      issue.message,
    );
  },
};

const factsSchema = z.strictObject({ w: z.number().min(0), b: z.number() });

/** The largest float32: w may be beyond all bounds where nearly nothing deviates. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

function fitted({ w, b }: Weights, { rule }: MeanStdOptions): FittedFuser {
  const fused = fusedValue(rule, { w, b });
  return {
    facts: { rule, w, b },
    fuse(maps, run) {
      throwIfAborted(run);
      checkBranchMaps(maps);
      // on the host: both maps lie there, and a sum a place takes less time than to send them to the GPU
      const { feature: { size, values: s1 }, missing: { values: s2 } } = maps;
      const values = s1.map((value, i) => Math.min(LARGEST, fused(value, s2[i])));
      return Promise.resolve({ size, values, score: values.reduce((most, value) => Math.max(most, value), 0) });
    },
    save: (model) => Promise.resolve(model.putFacts({ w, b })),
    [Symbol.dispose]: () => {}, // it owns no GPU memory
  };
}
