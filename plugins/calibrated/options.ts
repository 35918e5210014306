/** Options of the fuser `calibrated`. @module */
import { z } from "zod";

/** Options of {@linkcode calibrated}. */
export type CalibratedOptions = {
  /** The stronger branch's evidence with a thousandth of the other's, or the sum of both, as Fisher's method has it. */
  readonly rule: "max" | "fisher";
  /** Share of a scan's places that an alarm with some depth covers, of a branch that is silent on most normal scans. */
  readonly alarmShare: number;
  /** Millimetres of the missing-region map over which that share falls by a factor e. */
  readonly alarmDepth: number;
};

/** The schema of {@linkcode CalibratedOptions}: bounds, defaults and help. */
export const options = z.strictObject({
  rule: z.enum(["max", "fisher"]).default("max").describe(
    "the stronger branch's evidence with a thousandth of the other's, or the sum of both",
  ),
  alarmShare: z.number().min(1e-6).max(1).default(0.03).describe(
    "share of a scan's places that an alarm with some depth is taken to cover, of a branch that is silent on most normal scans",
  ),
  alarmDepth: z.number().min(1e-3).max(1e3).default(0.5).describe(
    "millimetres of the missing-region map over which that share is taken to fall by a factor e",
  ),
});

/** Whole option sets. */
export const presets = {
  default: options.parse({}),
  fisher: options.parse({ rule: "fisher" }),
} as const satisfies Readonly<Record<string, CalibratedOptions>>;
