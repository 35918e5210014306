import { deepEqual, equal, ok } from "node:assert/strict";
import type { Camera, MapFrame } from "../core/mod.ts";
import { UNMEASURED } from "./relief.ts";
import { shapeRelief } from "./shape_relief.ts";

const SIZE = 48, RADIUS = 16;
const frame: MapFrame = { size: SIZE, width: SIZE, height: SIZE, side: SIZE, top: 0, left: 0 };

/** A millimetre a pixel, the middle of the map at x = y = 0. */
const camera: Camera = { matrix: [1000, 0, 0, 1000], offset: [24, 24], central: false, rms: 0 };

const inDisc = (column: number, row: number) => Math.hypot(column - 23.5, row - 23.5) < RADIUS;

/** A dome under the pixels of a disc that are kept. */
function dome(kept: (column: number, row: number) => boolean): Float32Array {
  const points: number[] = [];
  for (let i = 0; i < SIZE * SIZE; i++) {
    const column = i % SIZE, row = Math.floor(i / SIZE), x = (column - 23.5) / 1000, y = (row - 23.5) / 1000;
    if (inDisc(column, row) && kept(column, row)) points.push(x, y, 0.5 + 20 * (x * x + y * y));
  }
  return Float32Array.from(points);
}

Deno.test("shapeRelief() shades a shape of few points as one of many, and does not let it grow", () => {
  const whole = shapeRelief(dome(() => true), camera, frame);
  const sparse = shapeRelief(dome((column, row) => column % 3 === 0 && row % 3 === 0), camera, frame);
  let inside = 0, shown = 0;
  for (let i = 0; i < SIZE * SIZE; i++) {
    const column = i % SIZE, row = Math.floor(i / SIZE);
    const near = Math.hypot(column - 23.5, row - 23.5);
    if (near > RADIUS + 1.5) deepEqual([whole[i], sparse[i]], [UNMEASURED, UNMEASURED], `${column}, ${row}`);
    if (near > RADIUS - 4) continue;
    inside++;
    if (sparse[i] !== UNMEASURED) shown++;
    ok(Math.abs(sparse[i] - whole[i]) <= 12, `${column}, ${row}: ${sparse[i]} and ${whole[i]}`);
  }
  equal(shown, inside, "no hole is left");
  const lit = whole[12 * SIZE + 14], dark = whole[34 * SIZE + 32];
  ok(lit > dark + 30, `it is lit from the upper left: ${lit} and ${dark}`);
});

Deno.test("shapeRelief() leaves gaps that are wider than what stands between points", () => {
  const grey = shapeRelief(dome((column) => Math.abs(column - 23.5) > 5), camera, frame);
  equal(grey[24 * SIZE + 24], UNMEASURED);
  ok(grey[24 * SIZE + 12] !== UNMEASURED);
});

Deno.test("shapeRelief() shows the point next to the camera, and nothing of what is behind it or beside the map", () => {
  const front = dome(() => true), behind = front.map((value, i) => i % 3 === 2 ? value + 0.1 : value);
  const both = shapeRelief(Float32Array.from([...behind, ...front]), camera, frame);
  deepEqual(both, shapeRelief(front, camera, frame));
  deepEqual(shapeRelief(Float32Array.from([...front, ...behind]), camera, frame), both);
  const central: Camera = { matrix: [500, 0, 0, 500], offset: [24, 24], central: true, rms: 0 };
  const mirrored = front.map((value) => -value);
  ok(shapeRelief(mirrored, central, frame).every((grey) => grey === UNMEASURED));
  ok(shapeRelief(front, central, frame).some((grey) => grey !== UNMEASURED));
  ok(shapeRelief(Float32Array.of(1, 0, 0.5), camera, frame).every((grey) => grey === UNMEASURED));
});
