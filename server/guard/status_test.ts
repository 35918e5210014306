import { deepEqual, equal } from "node:assert/strict";
import { isTest, sourceFiles, textOf } from "../../tests/project_files.ts";
import { CarriedError, RequestRefused, StoreRefused } from "../errors.ts";
import { statusOf } from "./status.ts";

type Code = CarriedError["code"];

/** Codes of all errors of the project. */
const codes = sourceFiles().filter((file) => !isTest(file)).flatMap((file) =>
  [...textOf(file).matchAll(/readonly code(?:: [^=;\n]+)? = "([\w-]+)"/g)].map(([, code]) => code as Code)
);

/** Of verbs that the server has not, of its start, of jobs, which tell them by their code alone, and faults of ours. */
const NO_STATUS = [
  "driver-step-failed",
  "input-unreadable",
  "keys-wanted",
  "no-scans-to-damage",
  "not-explainable",
  "origin-inside",
  "plugin-refused",
  "score-map-refused",
  "score-maps-changed",
  "score-refused",
  "shader-error",
  "shape-mismatch",
  "split-impossible",
  "store-refused",
  "trained-missing",
  "training-diverged",
  "training-refused",
  "training-too-large",
  "weights-refused",
  "write-refused",
];

Deno.test("every error of the project has a status, or is one that no request should meet", () => {
  const without = [...new Set(codes)].filter((code) => statusOf(new CarriedError(code, "")) === 500).sort();
  deepEqual(without, NO_STATUS);
});

Deno.test("a refusal has the status that it says, an unknown error is ours", () => {
  equal(statusOf(new RequestRefused(406, "not-acceptable", "")), 406);
  equal(statusOf(new CarriedError("never-heard", "")), 500);
  equal(statusOf(new StoreRefused("x", "")), 500);
});
