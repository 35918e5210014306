/**
 * The split of the paper's tables: some labelled test scans become a validation set, the rest is the reduced test set. @module
 *
 * Source: the published notebook of Uni-3DAD, and its Table 1. Of each type of `test`, `good` included, the first five by name are
 * moved. It also deletes the normal scans of `validation/good`; here they stay where they are, and are none of this set.
 */
import { GOOD } from "../metrics/mod.ts";
import { SplitImpossible } from "./errors.ts";
import type { Dataset, ScanEntry } from "./layout.ts";

/** Scans of each type that go into the labelled validation set. */
export const LABELLED_PER_TYPE = 5;

/** The two parts of a test set, each sorted as that was. */
export interface PaperSplit {
  /** Labelled scans, defective ones among them: what is tuned by them has seen labels. */
  readonly validation: readonly ScanEntry[];
  /** The reduced test set. */
  readonly test: readonly ScanEntry[];
}

/**
 * Splits the test set of a category.
 * @throws {SplitImpossible} where a type has too few scans to leave one in the test set: a type that quietly went from it would make
 * figures that are nobody's; also without a defective scan, since labels of one kind choose nothing
 */
export function paperSplit({ category, test }: Pick<Dataset, "category" | "test">): PaperSplit {
  const types = Map.groupBy(test, ({ defect }) => defect);
  if (types.size === 0) throw new SplitImpossible(category, "it has no test scan");
  if ([...types.keys()].every((type) => type === GOOD)) {
    throw new SplitImpossible(
      category,
      "it has no defective test scan, and nothing can be chosen by labels of one kind",
    );
  }
  const few = [...types].filter(([, scans]) => scans.length <= LABELLED_PER_TYPE);
  if (few.length > 0) {
    const counts = few.map(([type, scans]) => `${scans.length} of "${type}"`).join(", ");
    const least = LABELLED_PER_TYPE + 1;
    throw new SplitImpossible(
      category,
      `the first ${LABELLED_PER_TYPE} of each type are taken out of the test set, and it has ${counts}; ` +
        `give each type at least ${least} scans`,
    );
  }
  const taken = new Set([...types.values()].flatMap((scans) => scans.slice(0, LABELLED_PER_TYPE)));
  return { validation: test.filter((entry) => taken.has(entry)), test: test.filter((entry) => !taken.has(entry)) };
}
