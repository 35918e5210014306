/** What can be wrong with a generator. @module */
import { Uni3dadError } from "../../errors.ts";

/** Weights that are not those of this network. */
export class WeightsRefused extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "weights-refused" as const;
  /** `network` is `generator` or `discriminator`. */
  constructor(readonly network: string, problem: string, options?: ErrorOptions) {
    super(`Cannot use the weights of the ${network}: ${problem}`, options);
  }
}

/** A training that goes wrong again and again. */
export class TrainingDiverged extends Uni3dadError {
  /** Stable name of this error; exit code 1. */
  readonly code = "training-diverged" as const;
  /** `iteration` is where it went wrong for the last time. */
  constructor(readonly iteration: number, problem: string) {
    super(
      `Cannot train the generator further than iteration ${iteration}: ${problem}, at smaller rates as well; try another seed`,
    );
  }
}
