/**
 * Training sets of other sizes, and with defective scans among them: what a curve over few or unclean scans is measured on. @module
 *
 * Sets are nested in what is unclean: a larger share has the scans of a smaller one and more. Every defective scan that any set has is
 * taken out of the test set of all, so that the runs of a curve are judged by the same scans and none by a scan it was fitted on.
 */
import { OptionsRefused, randomStream, TooFewScans } from "../core/mod.ts";
import type { Dataset, ScanEntry } from "./dataset/mod.ts";
import { GOOD } from "./metrics/mod.ts";

/** Which training sets are wanted: each size with each share. */
export interface TrainingOptions {
  /** Numbers of training scans; all there are where the list is empty. */
  readonly trainScans?: readonly number[];
  /** Shares of the training scans, 0 to 1, that are replaced by defective ones; none where the list is empty. */
  readonly contaminate?: readonly number[];
  /** The scans that are replaced, and by which, come from it. */
  readonly seed: number;
}

/** One training set. */
export interface TrainingSet {
  readonly train: readonly ScanEntry[];
  /** As it was asked for; undefined for all scans there are. */
  readonly trainScansAsked?: number;
  /** Share asked for and the number of defective scans that it came to; undefined where none was asked for. */
  readonly contaminated?: { readonly share: number; readonly scans: number };
}

/** Training sets with the scans that judge all of them. */
export interface TrainingSets {
  readonly sets: readonly TrainingSet[];
  /** The test scans that are in no training set. */
  readonly test: readonly ScanEntry[];
  /** The test scans that are in some training set, in the order in which they were drawn. */
  readonly leftOut: readonly ScanEntry[];
}

/**
 * Draws the training sets of a category. Scans of a smaller set lie evenly over the sorted list, at ⌊i n / m⌋; the number of
 * defective ones is rounded up.
 * @throws {TooFewScans} for more scans than there are
 * @throws {OptionsRefused} where no defective scan would be left to test with
 */
export function trainingSets(
  { train, test }: Pick<Dataset, "train" | "test">,
  { trainScans = [], contaminate = [], seed }: TrainingOptions,
): TrainingSets {
  const largest = Math.max(0, ...trainScans);
  if (largest > train.length) throw new TooFewScans(train.length, largest, `draw a training set of ${largest}`);
  const sizes = trainScans.length > 0 ? trainScans : [undefined],
    shares = contaminate.length > 0 ? contaminate : [undefined];
  const defective = randomStream(seed, "training-sets/defective").shuffle(test.filter(({ defect }) => defect !== GOOD));
  const sets = sizes.flatMap((size) => {
    const even = size === undefined
      ? [...train]
      : Array.from({ length: size }, (_, i) => train[Math.floor((i * train.length) / size)]);
    const order = randomStream(seed, `training-sets/replaced/${even.length}`).shuffle([...even.keys()]);
    return shares.map((share): TrainingSet => {
      const count = Math.ceil((share ?? 0) * even.length - 1e-9); // 0.07 × 100 is 7.000000000000001
      const replaced = new Map(order.slice(0, count).map((place, i) => [place, defective[i]]));
      return {
        train: even.map((entry, place) => replaced.get(place) ?? entry),
        ...(size === undefined ? {} : { trainScansAsked: size }),
        ...(share === undefined ? {} : { contaminated: { share, scans: count } }),
      };
    });
  });
  const most = Math.max(0, ...sets.map(({ contaminated }) => contaminated?.scans ?? 0));
  if (most > 0 && most >= defective.length) {
    throw new OptionsRefused("evaluate", [{
      path: "contaminate",
      message: `${most} of ${defective.length} defective test scans would be trained on, and none be left to test with`,
    }]);
  }
  const leftOut = defective.slice(0, most), gone = new Set(leftOut);
  return { sets, test: test.filter((entry) => !gone.has(entry)), leftOut };
}
