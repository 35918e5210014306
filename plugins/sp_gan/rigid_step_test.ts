import { deepEqual, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { moved } from "./normal_shapes.ts";
import { rigidStep } from "./rigid_step.ts";

const random = randomStream(5, "rigid step"), count = 40;
const cloud = Float32Array.from({ length: 3 * count }, () => random.normal());
const all = new Uint8Array(count).fill(1);
const [sine, cosine] = [Math.sin(0.4), Math.cos(0.4)];
const motion = Float64Array.of(cosine, -sine, 0, 0.3, sine, cosine, 0, -0.2, 0, 0, 1, 0.1);

/** Largest distance of a coordinate to that wanted. */
const off = (found: Float32Array, wanted: Float32Array) =>
  found.reduce((most, value, i) => Math.max(most, Math.abs(value - wanted[i])), 0);

Deno.test("repeated rigidStep() finds a turn of 23 degrees and a shift", () => {
  const partners = moved(cloud, motion);
  let points: Float32Array = cloud;
  for (let i = 0; i < 6; i++) points = moved(points, rigidStep(points, partners, all));
  ok(off(points, partners) < 1e-5, `${off(points, partners)}`);
});

Deno.test("rigidStep() doesn't look at points that aren't used", () => {
  const partners = moved(cloud, motion), used = all.slice();
  for (let i = 0; i < count; i += 4) {
    used[i] = 0;
    partners[3 * i] = 100;
  }
  let points: Float32Array = cloud;
  for (let i = 0; i < 6; i++) points = moved(points, rigidStep(points, partners, used));
  ok(off(points, moved(cloud, motion)) < 1e-5);
});

Deno.test("rigidStep() moves points on a line, a single point and partners in place by numbers", () => {
  const line = Float32Array.from({ length: 30 }, (_, i) => i % 3 === 0 ? i : 0);
  const lifted = moved(line, Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2));
  ok(off(moved(line, rigidStep(line, lifted, new Uint8Array(10).fill(1))), lifted) < 1e-5);
  const one = Float32Array.of(1, 2, 3), there = Float32Array.of(2, 2, 2);
  deepEqual(moved(one, rigidStep(one, there, Uint8Array.of(1))), there);
  ok(off(moved(cloud, rigidStep(cloud, cloud, all)), cloud) < 1e-6);
});
