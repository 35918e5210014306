import { deepEqual, equal, ok } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { type Camera, pitchOf } from "./camera.ts";
import { type MissingOptions, missingPresets, missingRegion } from "./missing_region.ts";
import { createRun } from "./run.ts";

const SIZE = 48, PITCH = 0.001, DEPTH = 0.5;

/** A millimetre a pixel at half a metre. */
const camera: Camera = {
  matrix: [DEPTH / PITCH, 0, 0, DEPTH / PITCH],
  offset: [SIZE / 2, SIZE / 2],
  central: true,
  rms: 0,
};

type Surface = (row: number, column: number) => number | undefined;

/** A disc with a step of 5 mm along its middle column. */
const whole: Surface = (row, column) =>
  Math.hypot(row - 24, column - 24) < 19 ? DEPTH - (column < 24 ? 0.005 : 0) : undefined;

/** The whole disc, `beyond` metres farther away in a round place of radius 3 pixels. */
const changed = (row: number, column: number, beyond: number): Surface => (r, c) => {
  const z = whole(r, c);
  return z !== undefined && Math.hypot(r - row, c - column) <= 3 ? z + beyond : z;
};

/** The points of a surface, row by row, seen through the middle of their pixels, moved by (across, down) pixels. */
function pointsOf(surface: Surface, across = 0, down = 0) {
  const pixels: number[] = [], points: number[] = [];
  for (let pixel = 0; pixel < SIZE ** 2; pixel++) {
    const row = Math.floor(pixel / SIZE), column = pixel % SIZE, z = surface(row, column);
    if (z === undefined) continue;
    pixels.push(pixel);
    const [x, y] = [column + 0.5 + across, row + 0.5 + down].map((at) => (at - SIZE / 2) * PITCH * z / DEPTH);
    points.push(x, y, z, 0);
  }
  return { pixels: Uint32Array.from(pixels), points: Float32Array.from(points) };
}

function preparedOf(gpu: Gpu, surface: Surface) {
  const { pixels, points: values } = pointsOf(surface), order = new Uint32Array(SIZE ** 2).fill(0xffffffff);
  pixels.forEach((pixel, i) => order[pixel] = i);
  const owned = new DisposableStack();
  return {
    name: "a disc",
    frame: { size: SIZE, width: SIZE, height: SIZE, side: SIZE, top: 0, left: 0 },
    count: pixels.length,
    points: owned.use(gpu.upload("f32", values)),
    pointOf: owned.use(gpu.upload("u32", order)),
    hostPoints: values.filter((_, i) => i % 4 !== 3),
    pixels,
    sourcePixels: pixels,
    camera,
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Normal shapes: the whole disc, `moved` pixels to the right. */
function shapesOf(gpu: Gpu, moved: readonly number[]) {
  const each = moved.map((across) => pointsOf(whole, across).points), count = each[0].length / 4;
  const points = gpu.upload("f32", Float32Array.from(each.flatMap((values) => [...values])));
  return {
    points,
    shapes: each.map((_, i) => ({ first: i * count, count, weight: 1 / each.length })),
    [Symbol.dispose]: () => points[Symbol.dispose](),
  };
}

async function mapOf(gpu: Gpu, surface: Surface, changes: Partial<MissingOptions>, moved = [0]) {
  using scan = preparedOf(gpu, surface), shapes = shapesOf(gpu, moved);
  return await missingRegion(scan, shapes, { ...missingPresets.default, ...changes }, createRun(gpu));
}

for (const [kind, beyond] of [["dent", 0.006], ["bump", -0.006]] as const) {
  gpuTest(`missingRegion() marks a ${kind} by its depth where surfaces are asked for, and only there`, async (gpu) => {
    const surface = changed(24, 34, beyond), without = await mapOf(gpu, surface, {});
    equal(without.score, 0);
    ok(without.values.every((value) => value === 0));
    const { values, score } = await mapOf(gpu, surface, { surface: true });
    const marked = [...values.keys()].filter((pixel) => values[pixel] > 1);
    const { pixels, points } = pointsOf(surface), pitch = pitchOf(camera, points.filter((_, i) => i % 4 !== 3));
    const at = pixels.filter((pixel) => Math.hypot(Math.floor(pixel / SIZE) - 24, pixel % SIZE - 34) <= 3);
    deepEqual(marked, [...at]);
    // 6 mm without half a pitch; float32 has half a metre to 30 nm, and the halo adds up to a thousandth
    ok(Math.abs(score - (6 - 500 * pitch)) < 1e-3, `${score}`);
    for (const pixel of at) ok(values[pixel] >= score - 1e-3 && values[pixel] < score * 1.001, `${values[pixel]}`);
  });
}

gpuTest(
  "missingRegion() stays silent about whole surfaces, a step a pixel beside the shape's, and shallow or small changes",
  async (gpu) => {
    for (const moved of [[0], [1, -1], [0.75, 0.75]]) {
      const { values, score } = await mapOf(gpu, whole, { surface: true }, moved);
      equal(score, 0, `${moved}`);
      ok(values.every((value) => value === 0), `${moved}`);
    }
    // 1.75 pixels deep and half a pixel of allowance; 29 pixels large
    equal((await mapOf(gpu, changed(24, 34, 0.0022), { surface: true })).score, 0);
    ok((await mapOf(gpu, changed(24, 34, 0.0024), { surface: true })).score > 1.75);
    equal((await mapOf(gpu, changed(24, 34, 0.006), { surface: true, leastArea: 30 })).score, 0);
    ok((await mapOf(gpu, changed(24, 34, 0.006), { surface: true, leastArea: 29 })).score > 5);
  },
);

gpuTest(
  "missingRegion() knows surfaces by what lies between the shapes, and takes gaps beside them as ever",
  async (gpu) => {
    // both shapes together have 0.495 and 0.5 m between their steps, so a dent there lies within
    const dent = changed(24, 20, 0.005);
    ok((await mapOf(gpu, dent, { surface: true })).score > 4);
    const apart = await mapOf(gpu, dent, { surface: true }, [-9, 9]); // their near and far sides overlap there
    ok(apart.values[24 * SIZE + 20] < 0.01);
    const gap: Surface = (row, column) =>
      Math.hypot(row - 14, column - 20) < 6 ? undefined : changed(30, 34, 0.006)(row, column);
    const [both, alone] = [await mapOf(gpu, gap, { surface: true }), await mapOf(gpu, gap, {})];
    ok(alone.score > 3 && both.score > alone.score - 1e-6);
    const measured = new Set(pointsOf(gap).pixels);
    for (let pixel = 0; pixel < SIZE ** 2; pixel++) {
      const near = Math.hypot(Math.floor(pixel / SIZE) - 30, pixel % SIZE - 34) <= 3;
      if (near) ok(both.values[pixel] > 5 && alone.values[pixel] < 1);
      else if (!measured.has(pixel) && alone.values[pixel] > 1) {
        ok(Math.abs(both.values[pixel] - alone.values[pixel]) < 0.01 * both.score);
      }
    }
  },
);
