import { deepEqual, equal, ok } from "node:assert/strict";
import { projectFiles, textOf } from "../tests/project_files.ts";
import { exit, exitOf } from "./exit.ts";

/** Codes of errors that concern one scan, which documents tell, and of faults of ours. */
const ofScans = ["file-too-large", "malformed-file", "mask-size-mismatch", "scan-refused", "unsupported-file"];
/** Told on the way to another driver, and never thrown further. */
const ofSteps = ["driver-step-failed"];
/** A training that ended without a result: nobody asked for anything wrong. */
const ofTrainings = ["training-diverged"];
/** The service answers them. */
const ofRequests = ["model-exists", "no-such-model", "queue-full", "request-timed-out", "shutting-down"];
const faults = [
  "limit-refused",
  "score-map-refused",
  "score-maps-changed",
  "score-refused",
  "shader-error",
  "shape-mismatch",
  "write-refused",
];

Deno.test("every error's code has an exit code, or is known to concern one scan, a training or a request, or to be a fault of ours", () => {
  const codes = projectFiles().filter((file) => file.endsWith(".ts") && !file.endsWith("_test.ts"))
    .flatMap((file) => [...textOf(file).matchAll(/readonly code = "([a-z-]+)" as const/g)].map(([, code]) => code));
  ok(codes.length > 20, `${codes.length} codes`);
  deepEqual(
    codes.filter((code) => exitOf({ code: code as "a-b" }) === exit.fault).sort(),
    [...ofScans, ...ofSteps, ...ofTrainings, ...ofRequests, ...faults].sort(),
  );
});

Deno.test("exitOf() gives the contract's codes", () => {
  const wanted = {
    "no-adapter": 4,
    "device-lost": 5,
    "gpu-out-of-memory": 5,
    "run-aborted": 130,
    "model-refused": 2,
  } as const;
  for (const [code, number] of Object.entries(wanted)) {
    equal(exitOf({ code: code as keyof typeof wanted }), number, code);
  }
  deepEqual(exit, { ok: 0, fault: 1, usage: 2, refused: 3, noAdapter: 4, gpu: 5, anomalous: 10, interrupted: 130 });
});
