/** Options of the synthetic data sets: what is made, how much of it, how noisy. @module */
import { z } from "zod";

/** The products that can be made: three whose shape differs from one to the next, one rigid. */
export const PRODUCTS = ["bagel", "cookie", "potato", "casting"] as const satisfies readonly ProductName[];
/** A product's name. */
export type ProductName = "bagel" | "cookie" | "potato" | "casting";

/** The defects that can be made, in the order in which they take their mask values: 255, 254, … */
export const DEFECTS = ["bump", "contamination", "crack", "dent", "hole", "missing"] as const;
/** A defect's name. */
export type DefectName = typeof DEFECTS[number];

/** What {@linkcode synthesise} takes. */
export const synthOptions = z.strictObject({
  product: z.enum(PRODUCTS).default("bagel").describe(
    "what is scanned; bagel, cookie and potato vary, casting is rigid",
  ),
  seed: z.int().min(0).default(0).describe("every choice comes from it: the same seed gives the same bytes"),
  vary: z.number().min(0).max(4).default(1).describe(
    "how much shapes and surfaces differ from one instance to the next, as a factor of what they usually do; 0: all are alike",
  ),
  width: z.int().min(64).max(2048).default(256).describe("pixels of a scan, across"),
  height: z.int().min(64).max(2048).default(256).describe("pixels of a scan, down; the shorter side sees 120 mm"),
  train: z.int().min(1).max(9999).default(12).describe("normal scans to train on"),
  validation: z.int().min(0).max(9999).default(0).describe("normal scans held out"),
  good: z.int().min(0).max(9999).default(4).describe("normal scans in the test set"),
  perDefect: z.int().min(0).max(9999).default(2).describe("test scans of each type of defect"),
  defects: z.array(z.enum(DEFECTS)).default([...DEFECTS]).describe("types of defects in the test set"),
  noiseMm: z.number().min(0).max(1).default(0.05)
    .describe("standard deviation of the depth in mm where the sensor looks straight on; it grows with the slope"),
});

/** Options of a synthetic data set, parsed. */
export type SynthOptions = z.output<typeof synthOptions>;
