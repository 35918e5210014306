/** What can go wrong in the service. @module */
import { Uni3dadError } from "../errors.ts";

/** More wait for an answer than can be served soon. */
export class QueueFull extends Uni3dadError {
  /** Stable name of this error; HTTP 429. */
  readonly code = "queue-full" as const;
  /** `most` wait already; the next would begin after `retrySeconds`. */
  constructor(most: number, readonly retrySeconds: number) {
    super(`${most} scans wait already; send this one again in ${retrySeconds} s`);
  }
}

/** The answer took longer than it may. */
export class RequestTimedOut extends Uni3dadError {
  /** Stable name of this error; HTTP 504. */
  readonly code = "request-timed-out" as const;
  /** It had `milliseconds` for waiting and working. */
  constructor(milliseconds: number) {
    super(
      `No answer within ${
        milliseconds / 1000
      } s, waiting included: send fewer scans at a time, or start with a longer --timeout`,
    );
  }
}

/** The service ends and takes nothing new. */
export class ShuttingDown extends Uni3dadError {
  /** Stable name of this error; HTTP 503. */
  readonly code = "shutting-down" as const;
  /** What waits in a batch goes on after the next start. */
  constructor() {
    super("The server is shutting down: send the request again when it is back");
  }
}

/** A request that can't be understood, or asks for what is not allowed. */
export class RequestRefused extends Uni3dadError {
  /** Stable name of this error; its HTTP status is `status`. */
  readonly code: `${Lowercase<string>}-${Lowercase<string>}`;
  /** `code` says which, `problem` what is wrong and what to do; `issues` where, `allow` which methods there are. */
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 406 | 408 | 409 | 413 | 415 | 422 | 429,
    code: `${Lowercase<string>}-${Lowercase<string>}`,
    problem: string,
    readonly extra: {
      readonly issues?: readonly { readonly path: string; readonly message: string }[];
      readonly retrySeconds?: number;
      readonly allow?: readonly string[];
    } = {},
  ) {
    super(problem);
    this.code = code;
  }
}

/** The store's file cannot be written: a disk that is full, a folder without permission. What it holds stays as it was. */
export class StoreUnwritable extends Uni3dadError {
  /** Stable name of this error. */
  readonly code = "store-unwritable" as const;
  /** `path` is the store's file, `problem` why it cannot be written. */
  constructor(readonly path: string, problem: string, options?: ErrorOptions) {
    super(
      `Cannot write the store ${path}: ${problem}; make room, see to the permissions of its folder, or choose another one`,
      options,
    );
  }
}

/** A store that cannot be used as it is: damaged, of a newer version, of another program, held by another process. */
export class StoreRefused extends Uni3dadError {
  /** Stable name of this error. */
  readonly code = "store-refused" as const;
  /** `path` is the store's file, `problem` what stands against it and what to do. */
  constructor(readonly path: string, problem: string, options?: ErrorOptions) {
    super(`Cannot use the store ${path}: ${problem}`, options);
  }
}

/** No model of a name lies in the folder of models. */
export class NoSuchModel extends Uni3dadError {
  /** Stable name of this error; HTTP 404. */
  readonly code = "no-such-model" as const;
  /** `model` as it was asked for. */
  constructor(readonly model: string) {
    super(`There is no model "${model}": GET /v1/models lists those there are`);
  }
}

/** A model of this name is there, and it was not said that it may be replaced. */
export class ModelExists extends Uni3dadError {
  /** Stable name of this error; HTTP 409. */
  readonly code = "model-exists" as const;
  /** `model` is the name that was asked for. */
  constructor(readonly model: string) {
    super(`There is a model "${model}" already: choose another name, or say that it may be replaced`);
  }
}

/** The worker that owns the GPU died, and so did the next one on the same scan. */
export class ScorerLost extends Uni3dadError {
  /** Stable name of this error; HTTP 503. */
  readonly code = "scorer-lost" as const;
  /** `problem` is what is known of the cause. */
  constructor(readonly problem: string, options?: ErrorOptions) {
    super(
      `The part of the server that owns the GPU was lost (${problem}): it is started anew; send the request again`,
      options,
    );
  }
}

/** An error that was thrown in a worker, with the code and the words that it had there. */
export class CarriedError extends Uni3dadError {
  /** Stable name of the error that was thrown. */
  readonly code: `${Lowercase<string>}-${Lowercase<string>}`;
  /** `code` and `message` of the error that was thrown. */
  constructor(code: `${Lowercase<string>}-${Lowercase<string>}`, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A server that other machines could reach, and that everybody could use. */
export class KeysWanted extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "keys-wanted" as const;
  /** `address` is what it was to bind to. */
  constructor(readonly address: string) {
    super(
      `Not listening at ${address}, which other machines reach, without a single key: make one with \`serve --add-key NAME --scopes admin\`, or bind to 127.0.0.1`,
    );
  }
}
