import { deepEqual, equal, ok } from "node:assert/strict";
import { type PartView, partView, pointsAround } from "./part_view.ts";
import { randomStream } from "./random.ts";

const SIDE = 60;

/** Points of the map pixels that `at` gives a place, metres. */
function scanOf(at: (column: number, row: number) => readonly [number, number, number] | undefined) {
  const pixels: number[] = [], points: number[] = [];
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const point = at(pixel % SIDE, Math.floor(pixel / SIDE));
    if (!point) continue;
    pixels.push(pixel);
    points.push(...point);
  }
  const frame = { size: SIDE, width: SIDE, height: SIDE, side: SIDE, top: 0, left: 0 };
  return { hostPoints: Float32Array.from(points), pixels: Uint32Array.from(pixels), frame };
}

const inDisc = (column: number, row: number, radius: number) =>
  Math.hypot(column - (SIDE - 1) / 2, row - (SIDE - 1) / 2) < radius;

/** A dome of `pitch` metres a pixel at `distance`, seen from the origin or along z, its depth uneven by `noise`. */
function dome({ pitch = 0.0005, distance = 0.5, central = true, noise = 0 } = {}) {
  const random = randomStream(1, "test/part-view");
  return scanOf((column, row) => {
    if (!inDisc(column, row, 25)) return undefined;
    const [x, y] = [(column - 20) * pitch, (row - 30) * pitch]; // off the middle, so that the rays are not all near z
    const z = distance + 40 * (x * x + y * y) + noise * random.normal();
    return central ? [x * z / distance, y * z / distance, z] : [x, y, z];
  });
}

/** Median relative error of a standard deviation from n values by their median magnitude is 1.17 / √n; the masks overlap, which at most trebles it. */
const NOISE_BOUND = 3 * 3 * 1.17 / Math.sqrt(1700);

Deno.test("partView() sees from the origin what a camera there took", () => {
  const scan = dome({ distance: 0.1 }), { rays } = partView(scan, 1)!;
  for (let i = 0; i < rays.length; i++) {
    const first = i - i % 3, length = Math.hypot(...scan.hostPoints.subarray(first, first + 3));
    ok(Math.abs(rays[i] - scan.hostPoints[i] / length) < 1e-15);
  }
});

Deno.test("partView() sees along z what lies on a straight grid, behind the origin too", () => {
  for (const distance of [0.1, 0, -0.3]) {
    const { rays } = partView(dome({ distance, central: false }), 1)!;
    ok(rays.every((value, i) => value === (i % 3 === 2 ? 1 : 0)), `at ${distance} m`);
  }
});

Deno.test("partView() measures the pitch and the diagonal", () => {
  const { pitch, size } = partView(dome({ central: false, distance: 0 }), 1)!;
  ok(Math.abs(pitch - 0.0005) < 1e-8); // float32 coordinates of 0.02 m
  // columns and rows from 5 to 54; depths from 0, which is a point of the grid, to that of the farthest pixel
  const deepest = Math.max(...dome({ central: false, distance: 0 }).hostPoints.filter((_, i) => i % 3 === 2));
  ok(Math.abs(size - Math.hypot(49 * 0.0005, 49 * 0.0005, deepest)) < 1e-8);
});

Deno.test("partView() estimates the sensor's noise on a curved surface", () => {
  for (const noise of [1e-5, 1e-4]) {
    const got = partView(dome({ noise }), 1)!.noise;
    ok(Math.abs(got / noise - 1) < NOISE_BOUND, `${got} m, not ${noise}`);
  }
  ok(partView(dome({ central: false, distance: 0 }), 1)!.noise < 1e-8);
});

Deno.test("partView() does not take steps of the surface for noise", () => {
  const random = randomStream(2, "test/part-view");
  const stairs = scanOf((column, row) => [
    column / 1000,
    row / 1000,
    0.5 + 0.01 * Math.floor((column + row) / 15) + 1e-5 * random.normal(),
  ]);
  // one neighbourhood in five lies over a step, which lifts the median to the 62.5 % quantile of the rest: 0.887 / 0.6745
  const { noise } = partView(stairs, 1)!;
  ok(noise < 1e-5 * 0.887 / 0.6745 * (1 + NOISE_BOUND), `${noise} m`);
});

Deno.test("partView() takes the largest piece, and is undefined where that is too small", () => {
  const scan = scanOf((column, row) => {
    const large = column < 20 && row < 20, small = column > 20 && column < 45 && row < 10;
    return large || small ? [column / 1000, row / 1000, 0.5] : undefined;
  });
  const view = partView(scan, 400)!;
  equal(view.piece.length, 400);
  ok(view.piece.every((i) => scan.pixels[i] % SIDE < 20));
  deepEqual(view.piece, view.piece.toSorted());
  equal(partView(scan, 401), undefined);
});

Deno.test("partView() joins pixels that touch by a corner, and does not join across the rows' ends", () => {
  const chain = scanOf((column, row) => column === row ? [column / 1000, row / 1000, 0.5] : undefined);
  equal(partView(chain, 1)!.piece.length, SIDE);
  const ends = scanOf((column) => column === 0 || column > 57 ? [column / 1000, 0, 0.5] : undefined);
  equal(partView(ends, 1)!.piece.length, 2 * SIDE);
});

Deno.test("pointsAround() gives the points of the eight neighbours that are there", () => {
  const scan = scanOf((column, row) => row > 0 ? [column / 1000, row / 1000, 0.5] : undefined);
  const view: PartView = partView(scan, 1)!;
  const around = (pixel: number) => [...pointsAround(view, pixel)].map((i) => scan.pixels[i]);
  deepEqual(around(SIDE), [SIDE + 1, 2 * SIDE, 2 * SIDE + 1]);
  deepEqual(around(2 * SIDE + 5).length, 8);
});
