/** Options of augmented data sets: how many scans are damaged, how much of the part goes, in which form. @module */
import { z } from "zod";
import type { OptionsSchema } from "../../../core/mod.ts";

/** Classes of size: the least and the largest share of the part's pixels that is missing. */
export const SIZE_CLASSES = {
  "1-3": [0.01, 0.03],
  "3-5": [0.03, 0.05],
  "5-10": [0.05, 0.1],
  "10-30": [0.1, 0.3],
} as const satisfies Readonly<Record<SizeClass, readonly [number, number]>>;
/** A class's name: its bounds in per cent. */
export type SizeClass = "1-3" | "3-5" | "5-10" | "10-30";

/** What a missing piece can look like, in the order in which they take turns. */
export const FORMS = ["silhouette", "inside", "end"] as const satisfies readonly RemovedForm[];
/** A bite from the outline, a hole that does not touch it, or all that lies beyond a rough chord. */
export type RemovedForm = "silhouette" | "inside" | "end";

/** The forms that pieces of a class have: large holes leave no part around them, tiny ends are none. */
export const formsOf = (size: SizeClass): readonly RemovedForm[] =>
  FORMS.filter((form) => form === "inside" ? size !== "10-30" : form !== "end" || size !== "1-3");

/** Options of an augmented data set, parsed. */
export type AugmentOptions = {
  /** Every choice comes from it. */
  readonly seed: number;
  /** Damaged scans made of each normal one; at least 2, and 32 in all, where it is not given. */
  readonly perScan?: number;
};

/** The schema of {@linkcode AugmentOptions}: bounds, defaults and help. */
export const augmentOptions: OptionsSchema<AugmentOptions> = z.strictObject({
  seed: z.int().min(0).default(0).describe("every choice comes from it: the same seed gives the same bytes"),
  perScan: z.int().min(1).max(1000).optional()
    .describe("damaged scans made of each normal one; at least 2, and 32 in all, where it is not given"),
});
