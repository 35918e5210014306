/** What can be wrong with pairs that a boundary is to be drawn through. @module */
import { Uni3dadError } from "../../errors.ts";

/** No line parts the pairs from the origin: the origin lies among them, or too many of them lie on it. */
export class OriginInside extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "origin-inside" as const;
  /** `pairs` were given, of which a share `nu` may lie on the wrong side of the line. */
  constructor(readonly pairs: number, readonly nu: number) {
    super(`Cannot draw a line between ${pairs} pairs and the origin: it lies inside them (nu ${nu})`);
  }
}
