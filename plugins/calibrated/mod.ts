/**
 * `calibrated`: each branch as evidence −ln p, by how rarely places of held-out normal scans score as much, joined without tuning. @module
 *
 * The common scale of both is p: the stronger evidence of a place decides, with a thousandth of the weaker, which parts ties. So the
 * better branch keeps its ranking where the other is quiet, and noise of the quiet one reorders nothing; rule `fisher` adds both.
 *
 * A branch that most normal scans show something of, as the feature branch, has a table of what was counted, and a generalised Pareto tail
 * above the 99 % point. One that is silent on at least half of them, as the missing-region map is made to be, would be thought far too
 * sure by its places: those of one alarm are one event, and the few scans limit what is known. There the scan to come counts as one that
 * has an alarm, of `alarmShare` of its places and `alarmDepth` millimetres; see {@linkcode fitLaw}.
 */
import {
  checkBranchMaps,
  checkedMaps,
  type FittedFuser,
  type Fuser,
  throwIfAborted,
  TooFewScans,
} from "../../core/mod.ts";
import { fitLaw } from "./fit_law.ts";
import { joinedBy } from "./joined.ts";
import { factsOf, type Laws, tellLaws } from "./laws.ts";
import { loadLaws, saveLaws } from "./law_tensors.ts";
import { gatherPlaces } from "./normal_places.ts";
import { type CalibratedOptions, options, presets } from "./options.ts";

export type { CalibratedOptions } from "./options.ts";

/**
 * The fuser. Its map is in natural units of evidence: 0 where both branches are silent, 7 where one place of 1100 normal ones says as
 * much; the score is the map's maximum. @throws {BranchMapRefused} from `fit` and `fuse`, for maps that are not finite or of two sizes
 */
export const calibrated: Fuser<CalibratedOptions> = {
  kind: "fuser",
  name: "calibrated",
  version: "1.0.0",
  api: 1,
  options,
  presets,
  async fit(normal, options, run) {
    throwIfAborted(run);
    const gathering = gatherPlaces();
    for await (const maps of checkedMaps(normal, run)) gathering.add(maps);
    const places = gathering.places(), share = options.alarmShare;
    if (places.scans === 0) throw new TooFewScans(0, 1, "tell how rare a score is");
    const laws: Laws = {
      scans: places.scans,
      places: places.places,
      feature: fitLaw(places, places.feature, { share }),
      missing: fitLaw(places, places.missing, { share, unit: options.alarmDepth }),
    };
    tellLaws(laws, run.log);
    return fitted(laws, options);
  },
  load: (model, options) => Promise.resolve(fitted(loadLaws(model), options)),
};

/** The largest float32: evidence may be beyond all bounds where normal scores hardly differ. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

function fitted(laws: Laws, { rule }: CalibratedOptions): FittedFuser {
  const joined = joinedBy(rule, laws.feature, laws.missing);
  return {
    facts: { rule, ...factsOf(laws) },
    fuse(maps, run) {
      throwIfAborted(run);
      checkBranchMaps(maps);
      // on the host: both maps lie there, and two short searches a place take less time than to send them to the GPU
      const { feature: { size, values: s1 }, missing: { values: s2 } } = maps;
      const values = new Float32Array(s1.length);
      let score = 0;
      for (let i = 0; i < values.length; i++) {
        if (!(s1[i] > 0 || s2[i] > 0)) continue;
        values[i] = Math.min(LARGEST, joined(s1[i], s2[i]));
        score = Math.max(score, values[i]);
      }
      return Promise.resolve({ size, values, score });
    },
    save: (model) => Promise.resolve(saveLaws(laws, model)),
    [Symbol.dispose]: () => {}, // it owns no GPU memory
  };
}
