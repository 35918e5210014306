/** What can go wrong between bytes and arrays, one class a cause. @module */
import { Uni3dadError } from "../errors.ts";

/** A file is not what its format says. Bad input: the batch goes on without it (exit 3). */
export class MalformedFile extends Uni3dadError {
  /** Stable name of this error; told of the scan, the batch goes on. */
  readonly code = "malformed-file" as const;
  /** `offset` is the byte where the file stops making sense, counted from its first. */
  constructor(readonly format: string, readonly offset: number, readonly problem: string, options?: ErrorOptions) {
    super(`Cannot read ${format} at byte ${offset}: ${problem}`, options);
  }
}

/** A file is valid as far as we can tell, but uses a part of its format that is not read here. */
export class UnsupportedFile extends Uni3dadError {
  /** Stable name of this error; told of the scan, the batch goes on. */
  readonly code = "unsupported-file" as const;
  /** `feature` names what the file uses and, where it helps, what is read instead. */
  constructor(readonly format: string, readonly feature: string, options?: ErrorOptions) {
    super(`Cannot read ${format}: ${feature}`, options);
  }
}

/** A file asks for more than a reader is willing to allocate. */
export class FileTooLarge extends Uni3dadError {
  /** Stable name of this error; told of the scan, the batch goes on. */
  readonly code = "file-too-large" as const;
  /** `found` and `limit` count the same `unit`, such as values or pixels. */
  constructor(
    readonly format: string,
    readonly found: number,
    readonly limit: number,
    readonly unit: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot read ${format}: it announces ${found} ${unit}, the limit is ${limit}`, options);
  }
}

/** Arrays do not fit the file that they are to be written into: a fault of the caller. */
export class WriteRefused extends Uni3dadError {
  readonly code = "write-refused" as const;
  constructor(readonly format: string, readonly problem: string) {
    super(`Cannot write ${format}: ${problem}`);
  }
}
