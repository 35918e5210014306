/** Options that PatchCore has whatever the descriptor. @module */
import { z } from "zod";
import { type Channel, channels } from "./channels.ts";

/** Options of {@linkcode patchCore} besides the descriptor's own. */
export type BankOptions = {
  /** `zeros`, `masked`: a coarse grid as published; `points`: small patches, each of the points that lie in it. */
  readonly pooling: "zeros" | "masked" | "points";
  /** Patches along a side of the map, of the coarse grid. */
  readonly cells: number;
  /** Side of a small patch, map pixels. */
  readonly patch: number;
  /** Principal axes that the rows of small patches are projected on; null: the features as they are. */
  readonly components: number | null;
  /** Share of the coarse patches that the memory bank keeps, above 0 and at most 1. */
  readonly ratio: number;
  /** Most coarse patches that the greedy choice looks at, drawn evenly; null: all. */
  readonly mostRows: number | null;
  /** Where the greedy choice begins. */
  readonly start: "first" | "random";
  /** Rows of the memory bank of small patches, drawn evenly. */
  readonly bankRows: number;
  /** What a small patch is judged by; `auto`: the fit chooses, by defects pasted on normal scans. */
  readonly channels: "auto" | readonly Channel[];
  /** Defects that the fit pastes on normal scans, to choose the channels by. */
  readonly trials: number;
  /** Distance of a coarse patch to the nearest row of the bank. */
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
  pooling: z.enum(["zeros", "masked", "points"]).default("points").describe(
    "points: small patches, each the mean of its points; zeros, masked: a coarse grid as published, pixels without a point as zeros or left out",
  ),
  cells: z.int().min(4).max(256).default(28).describe("patches along a side of the map, of the coarse grid"),
  patch: z.int().min(1).max(16).default(2).describe("side of a small patch, in map pixels"),
  components: z.int().min(4).max(1024).nullable().default(32).describe(
    "principal axes that rows of small patches are projected on; null: the features as they are",
  ),
  ratio: z.number().positive().max(1).default(0.1).describe("share of the coarse patches that the memory bank keeps"),
  mostRows: z.int().min(16).nullable().default(null).describe(
    "most coarse patches that the greedy choice looks at, drawn evenly; null: all",
  ),
  start: z.enum(["first", "random"]).default("first").describe("where the greedy choice begins"),
  bankRows: z.int().min(16).max(1_000_000).default(5_000).describe(
    "rows of the memory bank of small patches, drawn evenly",
  ),
  channels: z.union([z.literal("auto"), z.array(z.enum(channels)).min(1)]).default("auto").describe(
    `what a small patch is judged by, of ${
      channels.join(", ")
    }; auto: the fit chooses by defects pasted on normal scans`,
  ),
  trials: z.int().min(0).max(1000).default(28).describe(
    "defects that the fit pastes on normal scans to choose the channels by; 0: no choice, all channels",
  ),
  distance: z.enum(["euclid", "squared"]).default("euclid").describe(
    "distance of a coarse patch to the nearest row of the bank",
  ),
  smoothing: z.enum(["gaussian", "pillow", "none"]).default("gaussian").describe(
    "smoothing of the map; pillow: in 8 bits, as published",
  ),
  sigma: z.number().positive().max(32).default(2.5).describe("deviation of the smoothing, in map pixels"),
  score: z.enum(["maximum", "reweighted"]).default("maximum").describe(
    "score of a scan: the map's maximum, or PatchCore's re-weighted one",
  ),
});

const published = bankOptions.parse({ pooling: "zeros", smoothing: "pillow", sigma: 4, channels: ["distance"] });

/** Whole option sets; `oriented`, `sizes`, `row`, `place` and `local` are the steps from the published method to the default. */
export const bankPresets = {
  default: bankOptions.parse({}),
  reference: { ...published, score: "reweighted" },
  paper: { ...published, ratio: 0.01, start: "random", distance: "squared" },
  oriented: bankOptions.parse({ pooling: "zeros", sigma: 4, channels: ["distance"] }),
  sizes: bankOptions.parse({ channels: ["distance"] }),
  row: bankOptions.parse({ channels: ["row"] }),
  place: bankOptions.parse({ channels: ["place"] }),
  local: bankOptions.parse({ channels: ["local"] }),
} as const satisfies Readonly<Record<string, BankOptions>>;
