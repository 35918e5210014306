/** Options of `nearest-normal`. @module */
import { z } from "zod";

/** Options of {@linkcode nearestNormal}, defaults filled in. */
export type NearestNormalOptions = {
  /** Normal scans of which the best are looked for, nearest surfaces first. */
  readonly candidates: number;
  /** Whole shapes that a reconstruction is made of. */
  readonly shapes: number;
  /** How much normal instances vary in scale, as a share: a shape may be stretched so far without much cost. */
  readonly stretch: number;
  /** Share of a scan's outline that may be the edge of a gap. */
  readonly trim: number;
  /** Whether mirror images fill up the candidates where normal scans are fewer, and say that the product has no handedness. */
  readonly mirror: boolean;
};

/** The schema of {@linkcode NearestNormalOptions}: bounds, defaults and help. */
export const options = z.strictObject({
  candidates: z.int().min(1).max(20).default(20).describe(
    "normal scans among which the best shapes are looked for, those of the nearest surface first",
  ),
  shapes: z.int().min(1).max(20).default(6).describe("normal shapes that a reconstruction is made of"),
  stretch: z.number().min(0).max(0.5).default(0.05).describe(
    "how much normal instances vary in scale, as a share: 0 fits rigidly",
  ),
  trim: z.number().min(0).max(0.8).default(0.2).describe("share of a scan's outline that may be the edge of a gap"),
  mirror: z.boolean().default(true).describe(
    "fills up the candidates with mirror images where normal scans are fewer, and these fit normal scans about as often as the shapes themselves",
  ),
});

/** Whole option sets: `rigid` for parts that are all of one size. */
export const presets: Readonly<Record<"default" | "rigid", NearestNormalOptions>> = {
  default: options.parse({}),
  rigid: options.parse({ stretch: 0 }),
};
