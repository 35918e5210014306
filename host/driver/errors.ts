/** What can go wrong while a driver is brought. @module */
import { Uni3dadError } from "../../errors.ts";

/** One way of bringing a driver did not work, or what it brought is unusable; the next way is tried. */
export class DriverStepFailed extends Uni3dadError {
  readonly code = "driver-step-failed" as const;
  constructor(readonly step: string, readonly problem: string, options?: ErrorOptions) {
    super(`Cannot ${step}: ${problem}`, options);
  }
}

/** No way of putting a software adapter into the cache folder worked. */
export class SetupFailed extends Uni3dadError {
  readonly code = "setup-failed" as const;
  constructor(readonly folder: string, readonly advice: string) {
    super(`Cannot bring a software adapter into ${folder}: ${advice}`);
  }
}
