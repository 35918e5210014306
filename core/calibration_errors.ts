/** What can go wrong with a calibration, as types. @module */
import { Uni3dadError } from "../errors.ts";

/** A number that a calibration cannot work with: a rate outside its bounds, or a score that is NaN. */
export class CalibrationRefused extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "calibration-refused" as const;
  /** `what` names the number, `given` is its value. */
  constructor(readonly what: string, readonly given: number, needed: string) {
    super(`Cannot calibrate with ${what} ${given}: ${needed}`);
  }
}
