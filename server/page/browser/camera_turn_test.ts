import { ok } from "node:assert/strict";
import fc from "fast-check";
import { type Camera, STRAIGHT, turnedCamera } from "./camera_turn.ts";

const near = (a: number, b: number) => Math.abs(a - b) < 1e-9;
const distance = ({ eye: { x, y, z } }: Camera) => Math.hypot(x, y, z);

Deno.test("a turn keeps the distance, and turning back comes back", () => {
  const turned = turnedCamera(STRAIGHT, { around: 40, over: 10, nearer: 1 });
  const back = turnedCamera(turned, { around: -40, over: -10, nearer: 1 });
  ok(near(distance(turned), distance(STRAIGHT)));
  ok((["x", "y", "z"] as const).every((axis) => near(back.eye[axis], STRAIGHT.eye[axis])));
  ok(!near(turned.eye.x, STRAIGHT.eye.x));
});

Deno.test("no turns lead over a pole, into the middle or out of sight", () => {
  const turn = fc.record({
    around: fc.double({ min: -360, max: 360, noNaN: true }),
    over: fc.double({ min: -180, max: 180, noNaN: true }),
    nearer: fc.double({ min: 0.1, max: 10, noNaN: true }),
  });
  fc.assert(fc.property(fc.array(turn, { maxLength: 20 }), (turns) => {
    const camera = turns.reduce(turnedCamera, STRAIGHT), far = distance(camera);
    ok(far >= 0.3 - 1e-9 && far <= 6 + 1e-9, `${far}`);
    ok(Math.abs(camera.eye.y) / far <= Math.sin((85.001 * Math.PI) / 180));
  }));
});
