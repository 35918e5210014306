/** Which HTTP status an error gives, by its stable code. @module */
import type { Uni3dadError } from "../../errors.ts";
import { RequestRefused } from "../errors.ts";

/** Statuses of errors that are not the request's form: of the scan, the model, the machine. */
const byCode = {
  "calibration-refused": 422,
  "device-lost": 503,
  "file-missing": 409,
  "file-too-large": 413,
  "gpu-out-of-memory": 503,
  "limit-refused": 422,
  "malformed-file": 422,
  "manifest-refused": 422,
  "map-refused": 422,
  "mask-size-mismatch": 422,
  "memory-budget-exceeded": 422,
  "model-exists": 409,
  "model-refused": 409,
  "no-adapter": 503,
  "no-such-category": 422,
  "no-such-model": 404,
  "no-train-scans": 422,
  "options-refused": 422,
  "overlapping-sets": 422,
  "output-unwritable": 507,
  "queue-full": 429,
  "request-timed-out": 504,
  "run-aborted": 499,
  "scan-refused": 422,
  "scorer-lost": 503,
  "setup-failed": 503,
  "shutting-down": 503,
  "store-unwritable": 507,
  "too-few-scans": 422,
  "unknown-name": 422,
  "unsupported-file": 415,
} as const;

/** A status that the service answers errors with. */
export type ErrorStatus = (typeof byCode)[keyof typeof byCode] | RequestRefused["status"] | 500;

/** The status of an error; 500 for those that are a fault of ours. */
export const statusOf = (error: Uni3dadError): ErrorStatus =>
  error instanceof RequestRefused
    ? error.status
    : (byCode as Readonly<Record<string, ErrorStatus | undefined>>)[error.code] ?? 500;
