/** What can go wrong between us and the disk. @module */
import { Uni3dadError } from "../errors.ts";

/** A folder or file cannot be written: no permission, a file in the way, a disk that is full. */
export class OutputUnwritable extends Uni3dadError {
  readonly code = "output-unwritable" as const;
  constructor(readonly path: string, problem: string, options?: ErrorOptions) {
    super(`Cannot write ${path}: ${problem}; choose another folder with --out, or make room`, options);
  }
}

/** An input that is named does not exist or cannot be read. */
export class InputUnreadable extends Uni3dadError {
  readonly code = "input-unreadable" as const;
  constructor(readonly path: string, problem: string, options?: ErrorOptions) {
    super(`Cannot read ${path}: ${problem}`, options);
  }
}
