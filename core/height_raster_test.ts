import { deepEqual, equal, ok } from "node:assert/strict";
import { heightRaster, type Likeness, mostAlike, mostCovering, RASTER, TURNS } from "./height_raster.ts";
import { randomStream } from "./random.ts";

const SIDE = 0.001, at = (row: number, column: number) => row * RASTER + column;

/** `count × 4` of x, y, z in cells and metres of height. */
const cloud = (...points: readonly (readonly [x: number, y: number, z: number])[]) =>
  Float32Array.from(points.flatMap(([x, y, z]) => [x * SIDE, y * SIDE, z, 0]));

/** A part without symmetry: an arm to one side that rises. */
function arm(turn: number, seed = 1): Float32Array {
  const random = randomStream(seed, "height-raster-test"), points: [number, number, number][] = [];
  const c = Math.cos(turn), s = Math.sin(turn);
  for (let i = 0; i < 4000; i++) {
    const u = 16 * random.uniform() - 2, v = 6 * random.uniform() - 2;
    points.push([c * u - s * v, s * u + c * v, 0.004 + 0.0005 * u]);
  }
  return cloud(...points);
}

Deno.test("heightRaster() has the mean height of each cell, 0 where there is no point, and leaves out what is outside", () => {
  const raster = heightRaster(
    cloud([0.5, 0.5, 2], [0.9, 0.1, 4], [-0.5, 3.5, 8], [-RASTER, 0, 100], [0, RASTER / 2 + 0.5, 7]),
    SIDE,
  );
  const middle = RASTER / 2, wanted = new Float32Array(RASTER * RASTER);
  wanted[at(middle, middle)] = 3;
  wanted[at(middle + 3, middle - 1)] = 8;
  deepEqual(raster, wanted);
});

Deno.test("heightRaster() turns the points about the vertical, from x to y", () => {
  const raster = heightRaster(cloud([5.5, 2.5, 1]), SIDE, Math.PI / 2), middle = RASTER / 2;
  equal(raster[at(middle + 5, middle - 3)], 1);
  equal(raster.reduce((sum, value) => sum + value, 0), 1);
});

Deno.test("mostAlike() gives the turn that brings a part to each raster, and the squared difference that is left", () => {
  const step = 2 * Math.PI / TURNS, part = arm(0);
  const rasters = [arm(7 * step, 2), arm(0, 3), cloud([0.5, 0.5, 0.01])].map((points) => heightRaster(points, SIDE));
  const likely = mostAlike(part, SIDE, rasters);
  deepEqual(likely.map(({ index }) => index).sort(), [0, 1, 2]);
  equal(likely[2].index, 2, "the least alike is last");
  const turns = new Map(likely.map(({ index, turn }) => [index, turn]));
  ok(Math.abs(turns.get(0)! - 7 * step) < 1e-12 && turns.get(1) === 0, JSON.stringify(likely));
  for (const { index, turn, difference } of likely) {
    const own = heightRaster(part, SIDE, turn);
    const plain = own.reduce((sum, value, i) => sum + (value - rasters[index][i]) ** 2, 0);
    ok(Math.abs(difference - plain) <= 1e-12 * plain);
  }
});

Deno.test("mostAlike() leaves out what it is told to, and ties go to the smaller index", () => {
  const part = arm(0), raster = heightRaster(part, SIDE), rasters = [raster, raster, raster];
  deepEqual(mostAlike(part, SIDE, rasters).map(({ index }) => index), [0, 1, 2]);
  deepEqual(mostAlike(part, SIDE, rasters, { without: new Set([0, 2]) }), [{ index: 1, turn: 0, difference: 0 }]);
  deepEqual(mostAlike(part, SIDE, rasters, { without: new Set([0, 1, 2]) }), []);
  deepEqual(mostAlike(part, SIDE, []), []);
});

/** The definition of {@linkcode mostAlike}: every raster is compared at every turn. */
function compareAll(points: Float32Array, rasters: readonly Float32Array[], without: ReadonlySet<number>): Likeness[] {
  const turned = Array.from({ length: TURNS }, (_, step) => heightRaster(points, SIDE, 2 * Math.PI * step / TURNS));
  return rasters.flatMap((raster, index) => {
    if (without.has(index)) return [];
    const differences = turned.map((own) => own.reduce((sum, value, i) => sum + (value - raster[i]) ** 2, 0));
    const difference = Math.min(...differences);
    return [{ index, turn: 2 * Math.PI * differences.indexOf(difference) / TURNS, difference }];
  }).sort((a, b) => a.difference - b.difference || a.index - b.index);
}

/** A lump of random waves, round or long. */
function lump(seed: number, turn: number): Float32Array {
  const random = randomStream(seed, "height-raster-test/lump"), [long, wave, phase] = [0, 1, 2].map(random.uniform);
  const points: [number, number, number][] = [], c = Math.cos(turn), s = Math.sin(turn);
  for (let i = 0; i < 3000; i++) {
    const u = 30 * random.uniform() - 15, v = 30 * random.uniform() - 15;
    if (Math.hypot(u, v * (1 + 0.4 * long)) > 14) continue;
    points.push([c * u - s * v, s * u + c * v, 0.01 + 0.003 * Math.sin(0.2 * (1 + wave) * u + 6 * phase)]);
  }
  return cloud(...points);
}

Deno.test("mostAlike() finds the same as comparing every raster at every turn, with ties, whatever is asked for", () => {
  const rasters = Array.from({ length: 40 }, (_, i) => heightRaster(lump(1 + i % 30, 0.7 * (i % 30)), SIDE)); // ten are copies
  // a dot, which at a quarter turn is near one that it never meets (so a loose bound, and a tie of all turns), and far from a lower one
  const dot = cloud([5.5, 0.5, 0.01]), dots = [cloud([-3.5, 6.5, 0.01]), cloud([-15.5, -15.5, 0.0095]), cloud()];
  const withDots = [...dots.map((points) => heightRaster(points, SIDE)), ...rasters];
  for (const [part, among] of [[lump(3, 0), rasters], [lump(90, 2), rasters], [dot, withDots]] as const) {
    for (const without of [new Set<number>(), new Set([2, 32])]) {
      const wanted = compareAll(part, among, without);
      for (const most of [1, 3, 20, 39, Infinity]) {
        deepEqual(mostAlike(part, SIDE, among, { most, without }), wanted.slice(0, most), `${most}`);
      }
    }
  }
});

Deno.test("mostCovering() finds of what, and where, a part is a piece, which mostAlike() does not", () => {
  const step = 2 * Math.PI / TURNS,
    whole = arm(0),
    rasters = [arm(9 * step, 4), arm(0, 5)].map((points) => heightRaster(points, SIDE));
  const half: number[] = []; // without the inner half of the arm, its middle moved to the origin
  for (let i = 0; i < whole.length; i += 4) {
    if (whole[i] > 6 * SIDE) half.push(whole[i] - 6 * SIDE, whole[i + 1], whole[i + 2], 0);
  }
  const [first, second] = mostCovering(Float32Array.from(half), SIDE, rasters).toSorted((a, b) => a.index - b.index);
  const direction = Math.atan2(first.shift[1], first.shift[0]);
  ok(Math.abs(first.turn - 9 * step) < 1.01 * step && Math.abs(direction - 9 * step) < 0.3, JSON.stringify(first));
  deepEqual([second.turn, second.shift], [0, [6 * SIDE, 0]]);
});
