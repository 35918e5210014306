/** Errors and words on their way from a worker. @module */
import type { Log } from "../../core/mod.ts";
import { Uni3dadError } from "../../errors.ts";
import { CarriedError } from "../errors.ts";

/** An error as plain data; without a code it is a fault of ours. */
export interface Carried {
  /** Stable name, of errors that are thrown on purpose. */
  readonly code?: Uni3dadError["code"];
  /** Its words. */
  readonly message: string;
  /** Where it was thrown. */
  readonly stack?: string;
}

/** A sentence for the log. */
export interface CarriedWords {
  /** Tells it from other messages. */
  readonly kind: "log";
  /** How loud. */
  readonly level: keyof Log;
  /** For people. */
  readonly message: string;
}

/** An error as it can be sent. */
export function carry(error: unknown): Carried {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  return error instanceof Uni3dadError ? { code: error.code, message, stack } : { message, stack };
}

/** The error to throw for one that was sent: one with its code, or a plain one for a fault. */
export function released({ code, message, stack }: Carried): Error {
  const error = code === undefined ? new Error(message) : new CarriedError(code, message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** A log whose sentences are sent. */
export function carriedLog(send: (words: CarriedWords) => void): Log {
  const say = (level: keyof Log) => (message: string) => send({ kind: "log", level, message });
  return { debug: say("debug"), info: say("info"), warn: say("warn") };
}
