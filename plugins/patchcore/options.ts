/** Options that PatchCore has whatever the descriptor. @module */
import { z } from "zod";

/** Options of {@linkcode patchCore} besides the descriptor's own. */
export type BankOptions = {
  /** Patches along a side of the map. */
  readonly cells: number;
  /** Mean over all pixels of a patch, those without a point as zeros, or over those that hold a point. */
  readonly pooling: "zeros" | "masked";
  /** Share of the normal patches that the memory bank keeps, above 0 and at most 1. */
  readonly ratio: number;
  /** Most normal patches that the greedy choice looks at, drawn evenly; null: all. */
  readonly mostRows: number | null;
  /** Where the greedy choice begins. */
  readonly start: "first" | "random";
  /** Distance of a patch to the nearest row of the bank. */
  readonly distance: "euclid" | "squared";
  /** Smoothing of the map; `pillow`: in 8 bits, as published. */
  readonly smoothing: "gaussian" | "pillow" | "none";
  /** Deviation of the smoothing, map pixels. */
  readonly sigma: number;
  /** Score of a scan: the map's maximum, or PatchCore's re-weighted one. */
  readonly score: "maximum" | "reweighted";
};

/** The schema of {@linkcode BankOptions}: bounds, defaults and help. */
export const bankOptions = z.strictObject({
  cells: z.int().min(4).max(256).default(28).describe("patches along a side of the map"),
  pooling: z.enum(["zeros", "masked"]).default("zeros").describe(
    "mean over a patch's pixels, or over those that hold a point",
  ),
  ratio: z.number().positive().max(1).default(0.1).describe("share of the normal patches that the memory bank keeps"),
  mostRows: z.int().min(16).nullable().default(null).describe(
    "most normal patches that the greedy choice looks at, drawn evenly; null: all",
  ),
  start: z.enum(["first", "random"]).default("first").describe("where the greedy choice begins"),
  distance: z.enum(["euclid", "squared"]).default("euclid").describe(
    "distance of a patch to the nearest row of the bank",
  ),
  smoothing: z.enum(["gaussian", "pillow", "none"]).default("gaussian").describe(
    "smoothing of the map; pillow: in 8 bits, as published",
  ),
  sigma: z.number().positive().max(32).default(4).describe("deviation of the smoothing, in map pixels"),
  score: z.enum(["maximum", "reweighted"]).default("maximum").describe(
    "score of a scan: the map's maximum, or PatchCore's re-weighted one",
  ),
});

/** Whole option sets. */
export const bankPresets: Readonly<Record<"default" | "reference" | "paper", BankOptions>> = {
  default: bankOptions.parse({}),
  reference: bankOptions.parse({ smoothing: "pillow", score: "reweighted" }),
  paper: bankOptions.parse({ ratio: 0.01, start: "random", distance: "squared", smoothing: "pillow" }),
};
