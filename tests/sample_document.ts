/** Results for tests of what keeps and shows them. @module */
import type { DetectDocument, ScanFound } from "../core/mod.ts";
import type { NewResult } from "../server/store/results.ts";

/** A document of one scan that was found, as a score gives it. */
export function sampleDocument(scan: Partial<ScanFound> = {}): DetectDocument {
  return {
    schema: "uni3dad.detect/1",
    adapter: { description: "a driver", software: true },
    model: {
      name: "cable",
      method: "fpfh",
      preset: "default",
      version: "0.1.0",
      trainScans: 4,
      suspects: [],
      fingerprint: "0123456789abcdef".repeat(4),
      facts: { bankRows: 100 },
      calibration: { kind: "leave-one-out", scans: 4, reachableAlpha: 0.2 },
    },
    scans: [{
      input: "001.tiff",
      score: 0.1 + 0.2,
      pValue: 0.2,
      threshold: 1.5,
      thresholdOrigin: "calibrated",
      decision: "normal",
      decidedBy: "feature",
      notes: ["a note"],
      pose: { costMm: 0.25, covered: true, fits: true },
      regions: [
        { areaMm2: 1.25, centreMm: [1, 2, 3], peak: 3, branch: "feature" },
        { areaMm2: 2.5, centreMm: [4, 5, 6], peak: 2, branch: "reconstruction" },
      ],
      files: {},
      seconds: 0.5,
      ...scan,
    }],
  };
}

/** A result that is to be kept, without a job and without artefacts unless told otherwise. */
export function sampleResult(scan: Partial<ScanFound> = {}, result: Partial<NewResult> = {}): NewResult {
  return { model: "cable", document: sampleDocument(scan), job: null, artefacts: {}, ...result };
}
