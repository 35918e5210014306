/** Options of the fuser `mean-std`. @module */
import { z } from "zod";

/** Options of {@linkcode meanStd}. */
export type MeanStdOptions = {
  /** The branches' sum, as in the paper, or the larger of them, as in Shape-guided's code. */
  readonly rule: "sum" | "max";
  /** Places that the statistics are made of: where either map is above 0, the same for both, or where each by itself is. */
  readonly places: "either" | "positive";
  /** What of the missing-region map counts at most as much as the largest normal feature score, millimetres; null: as published. */
  readonly silentUnit: number | null;
};

/** The schema of {@linkcode MeanStdOptions}: bounds, defaults and help. */
export const options = z.strictObject({
  rule: z.enum(["sum", "max"]).default("sum").describe("the sum of both branches, or the larger of them"),
  places: z.enum(["either", "positive"]).default("either").describe(
    "places that the statistics are made of: where either map is above 0, the same for both, or where each by itself is",
  ),
  silentUnit: z.number().min(1e-3).max(1e3).nullable().default(1).describe(
    "millimetres of the missing-region map that count at most as much as the largest feature score of normal scans; null: no limit, and a constant branch is left out, as published",
  ),
});

/** Whole option sets: `reference` as Shape-guided's code has it, `paper` as equation 13 has it. */
export const presets = {
  default: options.parse({}),
  max: options.parse({ rule: "max" }),
  reference: options.parse({ rule: "max", places: "positive", silentUnit: null }),
  paper: options.parse({ silentUnit: null }),
} as const satisfies Readonly<Record<string, MeanStdOptions>>;
