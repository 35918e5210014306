import { deepEqual, equal, ok } from "node:assert/strict";
import type { Camera } from "./camera.ts";
import { missingPlaces } from "./missing_places.ts";
import { findRegions } from "./regions.ts";
import type { MapFrame } from "./prepared.ts";

/** A scan of 20 × 16 pixels in a map of 10 × 10: two pixels of the scan a map pixel, two empty rows above and below. */
const frame: MapFrame = { size: 10, width: 20, height: 16, side: 20, top: 2, left: 0 };

/** 500 map pixels a unit of x/z, so 500/0.5 = 1000 a metre at half a metre: a map pixel is a millimetre there. */
const camera: Camera = { matrix: [500, 0, 0, 500], offset: [5, 5], central: true, rms: 0 };

/** One point in the middle of each map pixel, at a depth that may depend on the column. */
function shape(depth: (column: number) => number, uses: (column: number, row: number) => boolean = () => true) {
  const points: number[] = [];
  for (let row = 0; row < 10; row++) {
    for (let column = 0; column < 10; column++) {
      const z = depth(column);
      if (uses(column, row)) points.push(z * (column + 0.5 - 5) / 500, z * (row + 0.5 - 5) / 500, z);
    }
  }
  return Float32Array.from(points);
}

/** Pixels of the scan behind map pixels from (column, row), `across × down` of them. */
const behind = (column: number, row: number, across: number, down: number) =>
  Array.from({ length: 4 * across * down }, (_, i) => {
    const c = 2 * column + i % (2 * across), r = 2 * row + Math.floor(i / (2 * across)) - frame.top;
    return r * frame.width + c;
  });

const near = (value: number, wanted: number) => ok(Math.abs(value - wanted) <= 1e-6 * Math.abs(wanted), `${value}`);

Deno.test("missingPlaces() counts what pixels cover at the depth of the shape, and the middle of its points", () => {
  const place = missingPlaces(shape(() => 0.5), camera, frame)!.of(behind(6, 3, 3, 2));
  near(place.area, 6e-6);
  near(place.centre[0], 0.0025);
  near(place.centre[1], -0.001);
  near(place.centre[2], 0.5);
  const step = missingPlaces(shape((column) => column < 7 ? 0.5 : 1), camera, frame)!.of(behind(6, 3, 2, 1));
  near(step.area, 1e-6 + 4e-6);
  near(step.centre[2], 0.75);
});

Deno.test("missingPlaces() of parallel rays covers the same at any depth", () => {
  const parallel: Camera = { ...camera, matrix: [0, 1000, -1000, 0], central: false };
  const points = Float32Array.from([0, 0, 0.4, 0, 0, 0.8]); // both in the middle of the map
  const place = missingPlaces(points, parallel, frame)!.of(behind(5, 5, 1, 1));
  near(place.area, 1e-6);
  near(place.centre[2], 0.6);
});

Deno.test("missingPlaces() takes the nearest pixel that has a point where one has none, and nothing without any", () => {
  const sparse = missingPlaces(
    shape((column) => column < 5 ? 0.5 : 1, (c, r) => r === 4 && (c === 2 || c === 8)),
    camera,
    frame,
  )!;
  near(sparse.of(behind(4, 5, 1, 1)).centre[2], 0.5);
  near(sparse.of(behind(9, 1, 1, 1)).centre[2], 1);
  near(sparse.of(behind(5, 4, 1, 1)).centre[2], 0.5); // as near to both: the first
  equal(missingPlaces(new Float32Array(0), camera, frame), undefined);
  equal(missingPlaces(Float32Array.from([0, 0, -0.5, 9, 0, 0.5]), camera, frame), undefined, "behind, and outside");
});

Deno.test("findRegions() gives what is missing the size and place of the shape, and surfaces those of the scan", () => {
  const { width, height } = frame, points = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) points.set([i % width / 1000, Math.floor(i / width) / 1000, 0.9], 3 * i);
  const scan = { name: "table", width, height, points, valid: new Uint8Array(width * height).fill(1) };
  const scores = new Float32Array(width * height);
  for (const i of behind(6, 3, 3, 2)) scores[i] = 3;
  for (const i of behind(1, 1, 2, 2)) scores[i] = 2;
  const missing = missingPlaces(shape(() => 0.5), camera, frame)!;
  const branchAt = (pixel: number) => scores[pixel] === 3 ? "reconstruction" as const : "feature" as const;
  const rounded = (origins: Parameters<typeof findRegions>[3]) =>
    findRegions(scan, scores, 1, origins).regions.map(({ areaMm2, centreMm, branch }) => [
      branch,
      Math.round(areaMm2 * 100) / 100,
      centreMm.map((v) => Math.round(v * 100) / 100),
    ]);
  const gone = ["reconstruction", 6, [2.5, -1, 500]], odd = ["feature", 16, [3.5, 1.5, 900]];
  deepEqual(rounded({ branchAt, missing }), [gone, odd]);
  deepEqual(rounded({ branchAt }), [["reconstruction", 24, [14.5, 5.5, 900]], odd], "without a shape");
});
