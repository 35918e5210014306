/** Options of the fuser `ocsvm`. @module */
import { z } from "zod";

/** Options of {@linkcode ocsvm}. */
export type OcsvmOptions = {
  /** The boundary: the published descent to a line, the line that is its exact solution, or the exact curve of a Gaussian kernel. */
  readonly kernel: "sgd" | "linear" | "rbf";
  /** Upper bound of the share of normal pairs beyond the boundary (of `rbf`), or below the line. */
  readonly nu: number;
  /** γ of the Gaussian kernel; `scale` is 1 / (2 × variance of all coordinates). */
  readonly gamma: "scale" | number;
  /** Pairs that `rbf` is solved on, at most. */
  readonly most: number;
  /** What chooses k: `quantile` alone, synthetic defects, or labelled ones; a number is k itself. */
  readonly k: "fixed" | "synthetic" | "labelled" | number;
  /** The quantile of `fixed`. */
  readonly quantile: number;
  /** The 21 quantiles that are tried: 0.9 to 1 as in the code, or 0 to 1 as in the paper. */
  readonly grid: "upper" | "whole";
  /** Millimetres of the missing-region map around which more values of k are tried; null: the quantiles alone, as published. */
  readonly silentUnit: number | null;
};

/** The schema of {@linkcode OcsvmOptions}: bounds, defaults and help. */
export const options = z.strictObject({
  kernel: z.enum(["sgd", "linear", "rbf"]).default("rbf").describe(
    "the boundary: the published descent to a line, the exact line, or the exact curve of a Gaussian kernel",
  ),
  nu: z.number().min(1e-3).max(1).default(0.5).describe(
    "ν: upper bound of the share of normal pairs beyond the boundary, or below the line",
  ),
  gamma: z.union([z.literal("scale"), z.number().min(1e-6).max(1e6)]).default("scale").describe(
    "γ of the Gaussian kernel, or scale: 1 / (2 × variance of all coordinates)",
  ),
  most: z.int().min(100).max(4000).default(4000).describe("pairs that rbf is solved on, at most"),
  k: z.union([z.enum(["fixed", "synthetic", "labelled"]), z.number().min(1e-9).max(1e9)]).default("synthetic").describe(
    "what chooses the factor k of the feature branch: the quantile alone (fixed), synthetic defects, or labelled ones; a number is k itself",
  ),
  quantile: z.number().min(0).max(1).default(0.99).describe("the quantile of k fixed"),
  grid: z.enum(["upper", "whole"]).default("upper").describe("the 21 quantiles that are tried: 0.9 to 1, or 0 to 1"),
  silentUnit: z.number().min(1e-3).max(1e3).nullable().default(1).describe(
    "millimetres of the missing-region map around which more values of k are tried, as it is silent on most normal scans; null: quantiles alone, as published",
  ),
});

const standard: OcsvmOptions = options.parse({});

/** Whole option sets: `reference` as the published code has it, `paper` as the paper. */
export const presets = {
  default: standard,
  rbf: standard,
  linear: options.parse({ kernel: "linear" }),
  sgd: options.parse({ kernel: "sgd" }),
  reference: options.parse({ kernel: "sgd", k: "labelled", silentUnit: null }),
  paper: options.parse({ kernel: "linear", k: "labelled", grid: "whole", silentUnit: null }),
} as const satisfies Readonly<Record<string, OcsvmOptions>>;
