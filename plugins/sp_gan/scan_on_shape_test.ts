import { ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { composed, inverted } from "./common_frame.ts";
import { moved } from "./normal_shapes.ts";
import { layOnShape } from "./scan_on_shape.ts";

const random = randomStream(3, "scan on shape");

/** 600 places on a bent plate that is longer than wide. */
const shape = Float32Array.from(
  Array.from({ length: 600 }, () => {
    const x = 2 * random.uniform() - 1, y = 0.5 * random.uniform();
    return [x, y, 0.4 * x * x + 0.3 * y];
  }).flat(),
);
const [c, s] = [Math.cos(0.1), Math.sin(0.1)], away = Float64Array.of(c, -s, 0, 0.05, s, c, 0, -0.03, 0, 0, 1, 0.04);

/** How far the motion is from the one that takes `away` back, at the plate's corners. */
function off(motion: ArrayLike<number>): number {
  const corners = Float32Array.of(1, 0.5, 0.4, -1, 0, 0.4, 0, 0.5, 0), back = moved(corners, composed(motion, away));
  return back.reduce((most, value, i) => Math.max(most, Math.abs(value - corners[i])), 0);
}

gpuTest("layOnShape() brings a scan to its shape that lacks a third of it and has a bump", async (gpu) => {
  const there = shape.filter((_, i) => shape[i - i % 3] < 0.4), scans = moved(there, away);
  for (let i = 0; i < 3 * Math.floor(scans.length / 36); i += 3) scans[i + 2] += 0.5; // a twelfth of its points
  const found = await layOnShape(gpu, { scans, shapes: shape }, 30);
  ok(off(found) < 0.01, `${off(found)}`);
});

gpuTest("layOnShape() finds the one motion of several scans, each towards its own shape", async (gpu) => {
  const smaller = shape.map((value) => 0.8 * value), shapes = Float32Array.from([...shape, ...smaller]);
  const found = await layOnShape(gpu, { scans: moved(shapes, away), shapes, clouds: 2 }, 30);
  ok(off(found) < 0.003, `${off(found)}`);
  const stays = await layOnShape(gpu, { scans: shapes, shapes, clouds: 2 }, 3);
  ok(off(composed(stays, inverted(away))) < 1e-6, "what lies on its shape stays");
});
