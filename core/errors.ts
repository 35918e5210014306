/** What can go wrong with a scan, a model or an option, as types. @module */
import { Uni3dadError } from "../errors.ts";

/** A scan was read, but cannot be used. Bad input: the batch goes on without it (exit 3). */
export class ScanRefused extends Uni3dadError {
  /** Stable name of this error; told of the scan, the batch goes on. */
  readonly code = "scan-refused" as const;
  /** `why` is a stable word for the cause, such as `no-points`; `problem` says it to people. */
  constructor(readonly scan: string, readonly why: string, readonly problem: string, options?: ErrorOptions) {
    super(`Cannot use scan "${scan}": ${problem}`, options);
  }
}

/** A file that is asked for is not there. */
export class FileMissing extends Uni3dadError {
  /** Stable name of this error; exit code 2 where it ends the program. */
  readonly code = "file-missing" as const;
  /** `storage` is the label of the folder, `file` the name asked for in it. */
  constructor(readonly storage: string, readonly file: string, options?: ErrorOptions) {
    super(`Cannot read "${file}" in ${storage}: there is no such file`, options);
  }
}

/** Options that their schema refuses; all problems at once. */
export class OptionsRefused extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "options-refused" as const;
  /** `owner` is the plugin or stage; `path` names an option inside its options, such as `descriptor.form`. */
  constructor(readonly owner: string, readonly issues: readonly { readonly path: string; readonly message: string }[]) {
    super(`Cannot use these options of ${owner}: ${issues.map((i) => `${i.path}: ${i.message}`).join("; ")}`);
  }
}

/** A name on the command line or in a file stands for nothing we know. */
export class UnknownName extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "unknown-name" as const;
  /** `kind` says what the name should stand for, such as `extractor`; `known` are the names that do. */
  constructor(readonly kind: string, readonly given: string, readonly known: readonly string[]) {
    super(`Cannot find the ${kind} "${given}": known are ${known.join(", ")}`);
  }
}

/** A model folder that does not fit: damaged, of another version, or of other options. */
export class ModelRefused extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "model-refused" as const;
  /** `expected` is what this program wants, `found` what the model says. */
  constructor(readonly model: string, readonly what: string, readonly expected: string, readonly found: string) {
    super(
      `Cannot use the model ${model}: its ${what} is ${found}, this program needs ${expected}; fit it again with this version and these options`,
    );
  }
}

/** An extractor that cannot tell why a place is marked. */
export class NotExplainable extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "not-explainable" as const;
  /** `method` and `preset` name what was asked. */
  constructor(readonly method: string, readonly preset: string) {
    super(
      `Cannot explain a map of ${method} with preset ${preset}: it doesn't tell which normal patches a place is compared with; take preset default`,
    );
  }
}

/** The run was stopped from outside. */
export class RunAborted extends Uni3dadError {
  /** Stable name of this error; exit code 130. */
  readonly code = "run-aborted" as const;
  /** `options.cause` is the signal's reason. */
  constructor(options?: ErrorOptions) {
    super("Cannot go on: the run was interrupted", options);
  }
}

/** A fit that would need more memory than it may have; worked out before anything is allocated. */
export class MemoryBudgetExceeded extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "memory-budget-exceeded" as const;
  /** `needed` and `budget` are bytes; `parts` says what they are for, `advice` which option lowers them. */
  constructor(readonly needed: number, readonly budget: number, readonly parts: string, readonly advice: string) {
    const words = (bytes: number) =>
      bytes < 2 ** 20
        ? `${Math.ceil(bytes / 2 ** 10)} KiB`
        : bytes < 2 ** 30
        ? `${(bytes / 2 ** 20).toFixed(1)} MiB`
        : `${(bytes / 2 ** 30).toFixed(2)} GiB`;
    super(`Cannot fit within ${words(budget)}: ${words(needed)} are needed (${parts}); ${advice}`);
  }
}

/** Too few normal scans for what is asked. */
export class TooFewScans extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "too-few-scans" as const;
  /** `given` scans are usable, `needed` is the least; `what` is a verb phrase, such as `fit`. */
  constructor(readonly given: number, readonly needed: number, what: string) {
    super(`Cannot ${what} with ${given} normal scan${given === 1 ? "" : "s"}: at least ${needed} are needed`);
  }
}
