/** What can go wrong between us and the disk. @module */
import { Uni3dadError } from "../errors.ts";

/** A folder or file cannot be written: no permission, a file in the way, a disk that is full. */
export class OutputUnwritable extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "output-unwritable" as const;
  /** `path` is the file or folder, `problem` why it cannot be written. */
  constructor(readonly path: string, problem: string, options?: ErrorOptions) {
    super(`Cannot write ${path}: ${problem}; choose another folder, or make room`, options);
  }
}

/** An input that is named does not exist or cannot be read. */
export class InputUnreadable extends Uni3dadError {
  /** Stable name of this error; exit code 2 where it ends the program. */
  readonly code = "input-unreadable" as const;
  /** `path` is the file or folder, `problem` why it cannot be read. */
  constructor(readonly path: string, problem: string, options?: ErrorOptions) {
    super(`Cannot read ${path}: ${problem}`, options);
  }
}

/** A module that was named brings no plugin that can be used. */
export class PluginRefused extends Uni3dadError {
  /** Usage: exit 2. */
  readonly code = "plugin-refused" as const;
  /** `module` as it was named. */
  constructor(readonly module: string, problem: string, options?: ErrorOptions) {
    super(`Cannot use the plugin module ${module}: ${problem}`, options);
  }
}

/** A folder in which no training can begin, or another one can't be gone on with. */
export class TrainingRefused extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "training-refused" as const;
  /** `folder` is where it would have been, `problem` what stands against it and what to do. */
  constructor(readonly folder: string, problem: string) {
    super(`Cannot train in ${folder}: ${problem}`);
  }
}

/** A folder without trained networks, or without some of those that belong together. */
export class TrainedMissing extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "trained-missing" as const;
  /** `found` of its generators lie in `folder`. */
  constructor(readonly folder: string, found: string) {
    super(
      `Cannot take trained networks from ${folder}, ${found} lie there: \`train --model ${folder}\` writes them, with --resume the rest`,
    );
  }
}

/** A training that the GPU's memory is too small for. */
export class TrainingTooLarge extends Uni3dadError {
  /** Stable name of this error; exit code 5. */
  readonly code = "training-too-large" as const;
  /** `clouds` of `points` are a batch. */
  constructor(readonly clouds: number, readonly points: number, options?: ErrorOptions) {
    super(
      `Cannot train on ${clouds} clouds of ${points} points at a time: the GPU has too little memory; lower --memory, so that a batch passes in more parts, --clouds or --points`,
      options,
    );
  }
}
