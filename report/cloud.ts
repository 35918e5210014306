/** Scores as files for other programs: a cloud for viewers, a map for evaluation scripts. @module */
import type { Scan } from "../core/mod.ts";
import { writePly, writeTiff } from "../formats/mod.ts";

/** A scan with its scores, to be written. */
export interface CloudToWrite {
  /** Whose points are written. */
  readonly scan: Scan;
  /** One score a place of the scan, `width × height`. */
  readonly scores: Float32Array;
  /** Which region each place is in, from 1; 0 outside. */
  readonly labels: Uint32Array;
  /** Header lines, such as unit, model and threshold. */
  readonly comments: readonly string[];
}

/**
 * A binary little-endian PLY of the measured points: x, y, z in metres, then float properties that CloudCompare takes as scalar fields,
 * `scalar_anomaly` (the decision's score), `scalar_feature` (the feature branch's) and `scalar_region` (its number, 0 outside).
 */
export function scoredCloud({ scan, scores, labels, comments }: CloudToWrite): Uint8Array {
  const { points, valid } = scan;
  let count = 0;
  for (const measured of valid) count += measured;
  const [x, y, z, anomaly, region] = Array.from({ length: 5 }, () => new Float32Array(count));
  for (let i = 0, n = 0; i < valid.length; i++) {
    if (!valid[i]) continue;
    [x[n], y[n], z[n]] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    [anomaly[n], region[n]] = [scores[i], labels[i]];
    n++;
  }
  const columns = { x, y, z, scalar_anomaly: anomaly, scalar_feature: anomaly, scalar_region: region };
  return writePly({
    comments: comments.map((comment) => comment.replace(/[^\x20-\x7e]+/g, "?")), // the header is ASCII, one line a comment
    properties: Object.entries(columns).map(([name, values]) => ({ name, type: "float" as const, values })),
  });
}

/** A score map as the official evaluation reads it: a TIFF of one float32 channel, at the scan's own size. */
export function scoreMapTiff({ width, height, scores }: {
  readonly width: number;
  readonly height: number;
  readonly scores: Float32Array;
}): Uint8Array {
  return writeTiff({ width, height, samples: 1, values: scores });
}
