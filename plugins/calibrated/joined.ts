/** The evidence of both branches as one value. @module */
import { evidenceBy, type Law } from "./law.ts";
import type { CalibratedOptions } from "./options.ts";

/** Share of the weaker evidence under rule `max`: it parts ties and reorders next to nothing. */
const WEAKER = 1e-3;

/** The fused value of a place of both maps, in float64; never lower where either is higher. */
export function joinedBy(
  rule: CalibratedOptions["rule"],
  feature: Law,
  missing: Law,
): (s1: number, s2: number) => number {
  const first = evidenceBy(feature), second = evidenceBy(missing);
  if (rule === "fisher") return (s1, s2) => first(s1) + second(s2);
  return (s1, s2) => {
    const a = first(s1), b = second(s2);
    return Math.max(a, b) + WEAKER * Math.min(a, b);
  };
}
