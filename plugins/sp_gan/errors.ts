/** What can be wrong with a generator. @module */
import { Uni3dadError } from "../../errors.ts";

/** Weights that are not those of this network. */
export class WeightsRefused extends Uni3dadError {
  readonly code = "weights-refused";
  constructor(readonly network: string, problem: string) {
    super(`Cannot use the weights of the ${network}: ${problem}`);
  }
}

/** A training that goes wrong again and again. */
export class TrainingDiverged extends Uni3dadError {
  readonly code = "training-diverged";
  constructor(readonly iteration: number, problem: string) {
    super(
      `Cannot train the generator further than iteration ${iteration}: ${problem}, at smaller rates as well; try another seed`,
    );
  }
}
