/** What can be wrong with the maps that are to be fused. @module */
import { Uni3dadError } from "../../errors.ts";

/** A branch's map that can't be fused: it holds what is no number, or is of another size than the other branch's. */
export class MapRefused extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "map-refused" as const;
  /** `branch` is whose map it is; `problem` says what is wrong with it. */
  constructor(readonly branch: "feature" | "missing", readonly problem: string) {
    super(`Cannot fuse the map of the ${branch === "feature" ? "feature" : "missing-region"} branch: ${problem}`);
  }
}
