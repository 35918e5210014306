import { deepEqual, equal } from "node:assert/strict";
import type { Camera, JudgedBranches, MapFrame, Scan, ScoreMap } from "../core/mod.ts";
import { missingPart } from "./missing_part.ts";

/** 8 × 4 pixels in the middle of a square of 8, under a map of 4 × 4: a map pixel has 2 × 2 of the scan's, the outer map rows none. */
const frame: MapFrame = { size: 4, width: 8, height: 4, side: 8, top: 2, left: 0 };
const scan: Scan = {
  name: "wide",
  width: 8,
  height: 4,
  points: new Float32Array(3 * 32),
  valid: new Uint8Array(32).fill(1),
};

/** At a depth of 1 a map pixel is a metre wide, and x = y = 0 is its corner. */
const camera: Camera = { matrix: [1, 0, 0, 1], offset: [0, 0], central: true, rms: 0 };

const mapOf = (values: readonly number[]): ScoreMap => ({ size: 4, values: Float32Array.from(values), score: 0 });
const silent = mapOf(new Array(16).fill(0));

/** Something is missing in map pixels 5, 6 and 9; 10 is a halo beside it. */
const missing = mapOf([0, 0, 0, 0, 0, 2, 3, 0, 0, 4, 0.004, 0, 0, 0, 0, 0]);

/** Region 2 are the columns from 3 to 5 of the scan. */
const labels = Uint32Array.from({ length: 32 }, (_, i) => [3, 4, 5].includes(i % 8) ? 2 : 0);

Deno.test("missingPart() is where a region and the reconstruction's map agree, and a halo is none of it", () => {
  const { regionAt } = missingPart(scan, labels, { feature: silent, missing }, { frame });
  deepEqual(Array.from({ length: 4 }, (_, row) => [...regionAt.subarray(8 * row, 8 * row + 8)]), [
    [0, 0, 0, 2, 2, 2, 0, 0],
    [0, 0, 0, 2, 2, 2, 0, 0],
    [0, 0, 0, 2, 0, 0, 0, 0],
    [0, 0, 0, 2, 0, 0, 0, 0],
  ]);
  const nothing = missingPart(scan, labels, { feature: missing, missing: silent }, { frame });
  equal(nothing.regionAt.some((region) => region > 0), false);
});

Deno.test("missingPart() keeps the points of the shape that are seen there, with the pixels that they are seen in", () => {
  const at = (u: number, v: number, depth: number) => [u * depth, v * depth, depth];
  const seen = [at(1.75, 1.25, 1), at(1.5, 2.9, 2), at(2.75, 1.6, 0.5)]; // columns 3, 3, 5; rows 0, 3, 1
  const others = [
    at(1.25, 1.25, 1), // column 2: in no region
    at(2.25, 2.25, 1), // the halo
    at(3.5, 1.5, 1), // nothing is missing there
    at(1.75, 0.5, 1), // above the scan
    at(-1, 1.25, 1), // beside the map
    [-1.75, -1.25, -1], // behind the camera
  ];
  const shape = Float32Array.from([others[0], seen[0], others[1], seen[1], ...others.slice(2), seen[2]].flat());
  const judged: JudgedBranches = { feature: silent, missing, shape };
  const { points, pixels } = missingPart(scan, labels, judged, { frame, camera });
  deepEqual(points, Float32Array.from(seen.flat()));
  deepEqual([...pixels], [3, 3 * 8 + 3, 8 + 5]);
  const unknown = missingPart(scan, labels, judged, { frame });
  deepEqual([unknown.points.length, unknown.pixels.length], [0, 0], "it is not known where pixels look");
});

Deno.test("missingPart() takes points of parallel rays at any depth", () => {
  const parallel: Camera = { ...camera, central: false }, shape = Float32Array.of(1.75, 1.25, -3);
  const { points, pixels } = missingPart(scan, labels, { feature: silent, missing, shape }, {
    frame,
    camera: parallel,
  });
  deepEqual([[...points], [...pixels]], [[1.75, 1.25, -3], [3]]);
});
