/** Where the ball of a generator lies that was trained on other scans of the product: its shapes laid on these normal ones. @module */
import { type Run, throwIfAborted } from "../../core/mod.ts";
import { about, composed, type Motion } from "./common_frame.ts";
import { farthestPoints } from "./farthest_points.ts";
import { moved, type NormalShapes, type ProductFrame } from "./normal_shapes.ts";
import { layOnShape } from "./scan_on_shape.ts";
import { chamferTable } from "./shape_quality.ts";

/** Normal shapes and generated ones that are compared, and points of each. */
const CLOUDS = 4, SHAPES = 8, POINTS = 256;

/** Turns about the vertical that are tried; both frames stand on a table. */
const TURNS = 36;

/** Directions that the vertical of a generator of unknown frame may have, and turns about each. */
const DIRECTIONS = 24, TURNS_EACH = 12;

/** Motions that are refined, rounds of that, and steps of ICP in each, which chooses the shapes anew. */
const REFINED = 3, ROUNDS = 4, STEPS = 5;

/** What is known of a generator. */
export interface ForeignGenerator {
  /** Some of its shapes, each `N × 3` in its unit ball. */
  readonly shapes: readonly Float32Array[];
  /** Where its ball lay when it was trained; absent where that is not known, nor which way was up. */
  readonly ball?: Pick<ProductFrame, "centre" | "radius">;
}

/** The frame of a generator by which these normal scans come to its shapes. Waits for the GPU. @throws {RunAborted} */
export async function foreignFrame(
  { shapes: given, ball }: ForeignGenerator,
  { frame, clouds }: NormalShapes,
  run: Run,
): Promise<ProductFrame> {
  const { gpu } = run, shapes = evenly(given, SHAPES).map(thinned);
  const normal = evenly(clouds, CLOUDS).map(({ samples: [sample] }) =>
    metres(sample.subarray(0, 3 * POINTS), frame.centre, frame.radius)
  );
  const centre = ball?.centre ?? ([0, 0, 0] as const);
  const radius = ball?.radius ?? spreadOf(normal) / spreadOf(shapes);
  const wanted = shapes.map((shape) => metres(shape, centre, radius));
  const from = middleOf(normal), to = middleOf(wanted);
  const distances = async (motion: Motion) => {
    throwIfAborted(run);
    return await chamferTable(gpu, normal.map((cloud) => moved(cloud, motion)), wanted);
  };
  const tried: { motion: Float64Array; cost: number }[] = [];
  for (const rotation of ball ? turnsAbout([0, 0, 1], TURNS) : spreadRotations()) {
    const motion = about(rotation, from, to);
    tried.push({ motion, cost: costOf(await distances(motion)) });
  }
  tried.sort((a, b) => a.cost - b.cost);
  for (const one of tried.slice(0, REFINED)) {
    for (let round = 0; round < ROUNDS; round++) {
      const table = await distances(one.motion);
      const partners = table.map((row) => wanted[row.indexOf(Math.min(...row))]);
      const pairs = {
        scans: joined(normal.map((cloud) => moved(cloud, one.motion))),
        shapes: joined(partners),
        clouds: normal.length,
      };
      one.motion = composed(await layOnShape(gpu, pairs, STEPS), one.motion);
    }
    one.cost = costOf(await distances(one.motion));
  }
  const [{ motion }] = tried.slice(0, REFINED).sort((a, b) => a.cost - b.cost);
  return { motions: frame.motions.map((own) => own && composed(motion, own)), centre, radius };
}

/** Mean over the normal shapes of the distance to the nearest generated one. */
const costOf = (table: readonly (readonly number[])[]) =>
  table.reduce((sum, row) => sum + Math.min(...row), 0) / table.length;

const metres = (points: Float32Array, centre: ProductFrame["centre"], radius: number) =>
  points.map((value, i) => value * radius + centre[i % 3]);

function evenly<T>(all: readonly T[], most: number): T[] {
  const count = Math.min(most, all.length);
  return Array.from({ length: count }, (_, i) => all[Math.floor(i * all.length / count)]);
}

function thinned(shape: Float32Array): Float32Array {
  const taken = farthestPoints(shape, 3, POINTS, 0);
  return Float32Array.from({ length: 3 * POINTS }, (_, i) => shape[3 * taken[Math.floor(i / 3)] + i % 3]);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function middleOf(clouds: readonly Float32Array[]): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0], count = clouds.reduce((all, cloud) => all + cloud.length / 3, 0);
  for (const cloud of clouds) cloud.forEach((value, i) => sum[i % 3] += value / count);
  return sum;
}

/** Root mean square distance of the points to the middle of their own cloud. */
function spreadOf(clouds: readonly Float32Array[]): number {
  let squares = 0, count = 0;
  for (const cloud of clouds) {
    const middle = middleOf([cloud]);
    cloud.forEach((value, i) => squares += (value - middle[i % 3]) ** 2);
    count += cloud.length / 3;
  }
  return Math.sqrt(squares / count);
}

/** Rotations, row-major, that bring the vertical to the unit vector, with so many turns about it first. */
function turnsAbout([x, y, z]: readonly [number, number, number], turns: number): number[][] {
  const level = Math.hypot(x, y), [u, v] = level > 1e-9 ? [-y / level, x / level] : [1, 0]; // the axis of the tilt
  return Array.from({ length: turns }, (_, i) => {
    const angle = 2 * Math.PI * i / turns, c = Math.cos(angle), s = Math.sin(angle), rest = 1 - z;
    const tilt = [
      z + rest * u * u,
      rest * u * v,
      level * v,
      rest * u * v,
      z + rest * v * v,
      -level * u,
      -level * v,
      level * u,
      z,
    ];
    return [0, 1, 2].flatMap((row) => {
      const [a, b, w] = tilt.slice(3 * row, 3 * row + 3);
      return [a * c + b * s, b * c - a * s, w];
    });
  });
}

/** Rotations all over, a turn of a few tens of degrees apart. */
function spreadRotations(): number[][] {
  return Array.from({ length: DIRECTIONS }, (_, i) => {
    const z = 1 - (2 * i + 1) / DIRECTIONS, level = Math.sqrt(1 - z * z), angle = Math.PI * (1 + Math.sqrt(5)) * i;
    return turnsAbout([level * Math.cos(angle), level * Math.sin(angle), z], TURNS_EACH);
  }).flat();
}
