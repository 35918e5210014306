/** Scores as files for other programs: a cloud for viewers, a map for evaluation scripts. @module */
import type { Scan } from "../core/mod.ts";
import { writePly, writeTiff } from "../formats/mod.ts";
import type { MissingPart } from "./missing_part.ts";

/** What each branch says of a scan, to be written beside its scores. */
export interface CloudBranches {
  /** The feature branch's map, `width × height`. */
  readonly feature: Float32Array;
  /** The reconstruction branch's. */
  readonly missing: Float32Array;
  /** What the scan lacks. */
  readonly part: MissingPart;
}

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
  /** Where the method has two branches. */
  readonly branches?: CloudBranches;
}

/**
 * A binary little-endian PLY of the measured points: x, y, z in metres, then float properties that CloudCompare takes as scalar fields,
 * `scalar_anomaly` (the decision's score), `scalar_feature` (the feature branch's) and `scalar_region` (its number, 0 outside). With two
 * branches `scalar_reconstruction` (the other branch's) follows, and `uchar missing`: the points of the whole shape that the scan lacks
 * stand behind the measured ones, with the values of the place in which they would be seen, and have a 1 there.
 */
export function scoredCloud({ scan, scores, labels, comments, branches }: CloudToWrite): Uint8Array {
  const { points, valid } = scan, measured: number[] = [];
  for (let i = 0; i < valid.length; i++) if (valid[i]) measured.push(i);
  const { part } = branches ?? {}, places = part ? [...measured, ...part.pixels] : measured;
  const at = (values: ArrayLike<number>) => Float32Array.from(places, (place) => values[place]);
  const axis = (offset: number) =>
    Float32Array.from(
      places,
      (place, n) =>
        part && n >= measured.length ? part.points[3 * (n - measured.length) + offset] : points[3 * place + offset],
    );
  const columns = {
    x: axis(0),
    y: axis(1),
    z: axis(2),
    scalar_anomaly: at(scores),
    scalar_feature: at(branches?.feature ?? scores),
    scalar_region: at(labels),
    ...(branches ? { scalar_reconstruction: at(branches.missing) } : {}),
  };
  const floats = Object.entries(columns).map(([name, values]) => ({ name, type: "float" as const, values }));
  const gone = { name: "missing", type: "uchar" as const, values: places.map((_, n) => n < measured.length ? 0 : 1) };
  return writePly({
    comments: comments.map((comment) => comment.replace(/[^\x20-\x7e]+/g, "?")), // the header is ASCII, one line a comment
    properties: branches ? [...floats, gone] : floats,
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
