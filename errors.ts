/** The base of every error, below all rooms. @module */

/** Base of every error this package throws on purpose. It stands below all rooms, so each can extend it. */
export abstract class Uni3dadError extends Error {
  /** Stable and documented: `--json` prints it, tests compare it. The message may change, the code may not. */
  abstract readonly code: `${Lowercase<string>}-${Lowercase<string>}`;
  /** The class's name, so that logs and uncaught errors say it. */
  override get name(): string {
    return this.constructor.name;
  }
}
