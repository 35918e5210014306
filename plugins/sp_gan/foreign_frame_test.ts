import { ok } from "node:assert/strict";
import { createRun, randomStream } from "../../core/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { composed, inverted, type Motion } from "./common_frame.ts";
import { foreignFrame } from "./foreign_frame.ts";
import { moved } from "./normal_shapes.ts";

const random = randomStream(11, "foreign frame");
const own = { centre: [0.01, -0.02, 0.005], radius: 0.05 } as const;
const ball = { centre: [-0.02, 0.01, 0.01], radius: 0.06 } as const;

/** An instance of a part of three plates that no turn brings onto each other, 300 points each, metres. */
function part(size: number): Float32Array {
  const plates = [[0, 0, 0, 0.03, 0.012, 0.001], [0.02, 0, 0.01, 0.002, 0.012, 0.01], [
    -0.02,
    0.01,
    0.005,
    0.007,
    0.005,
    0.005,
  ]];
  const places = Array.from({ length: 900 }, (_, i) => {
    const plate = plates[i % 3];
    return [0, 1, 2].map((axis) => size * (plate[axis] + plate[3 + axis] * (2 * random.uniform() - 1)));
  });
  return Float32Array.from(places.flat());
}

const inBall = (points: Float32Array, { centre, radius }: { centre: readonly number[]; radius: number }) =>
  points.map((value, i) => (value - centre[i % 3]) / radius);

/** The largest distance between places that two motions bring the part's corners to, metres. */
function apart(a: Motion, b: Motion): number {
  const corners = Float32Array.of(0.03, 0, 0, 0, 0.03, 0, 0, 0, 0.03),
    one = moved(corners, a),
    other = moved(corners, b);
  return Math.max(...[0, 3, 6].map((i) => Math.hypot(...[0, 1, 2].map((axis) => one[i + axis] - other[i + axis]))));
}

/** Turn about z by `angle`, after one about x by `tilt`, and a shift. */
function motionOf(angle: number, tilt: number): Float64Array {
  const [c, s, d, t] = [Math.cos(angle), Math.sin(angle), Math.cos(tilt), Math.sin(tilt)];
  return Float64Array.of(c, -s * d, s * t, 0.01, s, c * d, -c * t, 0.005, 0, t, d, -0.004);
}

/** Normal scans in a frame of their own, from which `motion` leads to the frame of the generator that gives `shapes`. */
function given(motion: Motion) {
  const sizes = [0.95, 1, 1.05], back = inverted(motion), first = motionOf(1, 0);
  const clouds = sizes.map((size, i) => ({ name: `${i}`, samples: [inBall(moved(part(size), back), own)] }));
  const shapes = [0.97, 1.02].map((size) => inBall(part(size), ball));
  const frame = { ...own, motions: [first, undefined, motionOf(0, 0)] };
  return { shapes, first, normal: { frame, clouds, identities: [] } };
}

gpuTest("foreignFrame() finds the turn about the vertical between two sets of instances", async (gpu) => {
  const motion = motionOf(2.5, 0), { shapes, first, normal } = given(motion);
  const { motions: [found, none, last], centre, radius } = await foreignFrame(
    { shapes, ball },
    normal,
    createRun(gpu),
  );
  ok(apart(found!, composed(motion, first)) < 0.002, `${apart(found!, composed(motion, first))}`);
  ok(apart(last!, composed(motion, motionOf(0, 0))) < 0.002);
  ok(none === undefined && centre === ball.centre && radius === ball.radius);
});

gpuTest("foreignFrame() finds any turn and the scale where nothing is known of the generator's frame", async (gpu) => {
  const { shapes, first, normal } = given(motionOf(0.4, 2));
  const { motions: [found], centre, radius } = await foreignFrame({ shapes }, normal, createRun(gpu));
  ok(Math.abs(radius / ball.radius - 1) < 0.03, `${radius}`); // the shapes' sizes differ by a few percent
  const wanted = composed(motionOf(0.4, 2), first);
  const shifted = wanted.map((value, i) => i % 4 === 3 ? value - ball.centre[Math.floor(i / 4)] : value); // the ball's middle is 0 now
  ok(centre.every((value) => value === 0) && apart(found!, shifted) < 0.003, `${apart(found!, shifted)}`);
});
