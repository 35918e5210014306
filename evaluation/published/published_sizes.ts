/** How many scans MVTec 3D-AD has, and whether a data set has all of them. @module */
import type { Dataset } from "../dataset/mod.ts";
import { GOOD } from "../metrics/mod.ts";
import figures from "./published_figures.json" with { type: "json" };

/** Numbers of scans of a category. */
export interface PublishedSizes {
  /** The official sets; `validation` are normal scans. */
  readonly official: Readonly<Record<"train" | "validation" | "good" | "defective", number>>;
  /** Table 1 of Uni-3DAD: the test set without the labelled `validation`, and the number of defect types. */
  readonly reduced: Readonly<Record<"train" | "validation" | "good" | "defective" | "types", number>>;
  /** Table 2, of the categories that incomplete scans were added to; `test` counts all test scans. */
  readonly augmented?: Readonly<Record<"train" | "validation" | "test" | "incomplete", number>>;
}

const SIZES = new Map<string, PublishedSizes>(Object.entries(figures.sizes));

/** The ten categories of MVTec 3D-AD. */
export const PUBLISHED_CATEGORIES: readonly string[] = [...SIZES.keys()];

/** Sizes of one of the ten categories of MVTec 3D-AD; undefined for any other. */
export function publishedSizes(category: string): PublishedSizes | undefined {
  return SIZES.get(category);
}

/**
 * Whether a category has as many scans as MVTec 3D-AD's of that name, in each set and of as many defect types, so that figures can be
 * laid beside published ones; undefined for a name that is not one of the ten. Files are not looked into.
 */
export function isWholeCategory(
  { category, train, validation, test }: Pick<Dataset, "category" | "train" | "validation" | "test">,
): boolean | undefined {
  const sizes = publishedSizes(category);
  if (sizes === undefined) return undefined;
  const { official, reduced } = sizes, types = new Set(test.map(({ defect }) => defect));
  const good = test.filter(({ defect }) => defect === GOOD).length;
  return train.length === official.train && validation.length === official.validation && good === official.good &&
    test.length - good === official.defective && types.size === reduced.types + 1;
}
