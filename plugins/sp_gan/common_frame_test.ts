import { deepEqual, ok } from "node:assert/strict";
import { commonFrame, composed, inverted, type Motion } from "./common_frame.ts";

/** A turn about the vertical, then a shift. */
const turned = (angle: number, x: number, y: number): Float64Array =>
  Float64Array.of(Math.cos(angle), -Math.sin(angle), 0, x, Math.sin(angle), Math.cos(angle), 0, y, 0, 0, 1, 0.5);

const near = (a: Motion, b: Motion) => Array.from(a).every((value, i) => Math.abs(value - b[i]) < 1e-12);

Deno.test("inverted() undoes a motion", () => {
  const motion = turned(0.7, 3, -2);
  ok(near(composed(inverted(motion), motion), turned(0, 0, 0).map((value, i) => i === 11 ? 0 : value)));
});

Deno.test("commonFrame() leads every scan to the one that most are brought to, along cheap pairs", () => {
  // where each scan lies in a world that nobody knows
  const places = [turned(0, 0, 0), turned(0.4, 1, 0), turned(-1.1, 0, 2), turned(2.5, -1, -1)];
  const between = (scan: number, member: number) => composed(inverted(places[member]), places[scan]);
  const wrong = turned(3, 9, 9);
  const motions = commonFrame([
    [{ member: 1, cost: 1, motion: between(0, 1) }, { member: 3, cost: 9, motion: wrong }],
    [{ member: 0, cost: 1, motion: between(1, 0) }],
    [{ member: 1, cost: 2, motion: between(2, 1) }],
    [{ member: 2, cost: 3, motion: between(3, 2) }, { member: 1, cost: 8, motion: wrong }],
  ]);
  motions.forEach((motion, scan) => ok(near(motion!, between(scan, 1)), `scan ${scan}`));
});

Deno.test("commonFrame() leaves out scans that no pair leads to, and does without any", () => {
  const [first, second, third] = commonFrame([[{ member: 1, cost: 1, motion: turned(0, 0, 0) }], [], []]);
  ok(first && second);
  deepEqual(third, undefined);
  deepEqual(commonFrame([[], []]), [undefined, undefined]);
});
