/** Exit codes, and which error gives which. @module */
import type { Uni3dadError } from "../errors.ts";

/** The program's exit codes; part of the contract. */
export const exit = {
  ok: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  noAdapter: 4,
  gpu: 5,
  anomalous: 10,
  interrupted: 130,
} as const;

/** Errors that end the whole program, by their code; one that only concerns a scan is told in the document instead. */
const byCode: Readonly<Record<string, number>> = {
  "calibration-refused": exit.usage,
  "device-lost": exit.gpu,
  "file-missing": exit.usage,
  "gpu-out-of-memory": exit.gpu,
  "input-unreadable": exit.usage,
  "keys-wanted": exit.usage,
  "manifest-refused": exit.usage,
  "map-refused": exit.usage,
  "memory-budget-exceeded": exit.usage,
  "model-refused": exit.usage,
  "no-adapter": exit.noAdapter,
  "no-scans-to-damage": exit.usage,
  "no-such-category": exit.usage,
  "no-train-scans": exit.usage,
  "not-explainable": exit.usage,
  "options-refused": exit.usage,
  "origin-inside": exit.usage,
  "output-unwritable": exit.usage,
  "overlapping-sets": exit.usage,
  "plugin-refused": exit.usage,
  "run-aborted": exit.interrupted,
  "scorer-lost": exit.gpu,
  "setup-failed": exit.noAdapter,
  "split-impossible": exit.usage,
  "store-refused": exit.usage,
  "store-unwritable": exit.usage,
  "too-few-scans": exit.usage,
  "trained-missing": exit.usage,
  "training-refused": exit.usage,
  "training-too-large": exit.gpu,
  "unknown-name": exit.usage,
  "weights-refused": exit.usage,
};

/** The exit code of an error that ended the program; a code that is not in the table is a fault of ours. */
export const exitOf = (error: Pick<Uni3dadError, "code">): number => byCode[error.code] ?? exit.fault;
