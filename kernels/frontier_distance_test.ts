import { deepEqual, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { frontierDistance } from "./frontier_distance.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

type Scores = Float32Array<ArrayBuffer>;

/** ‖(x, y)₊‖. */
const above = (x: number, y: number) => Math.hypot(Math.max(0, x), Math.max(0, y));

/** F by its definition, in float64: over all points, and over all inner corners. */
function signed(frontier: Scores, x: number, y: number): number {
  const points = Array.from({ length: frontier.length / 2 }, (_, k) => [frontier[2 * k], frontier[2 * k + 1]]);
  const outside = points.reduce((least, [px, py]) => Math.min(least, above(x - px, y - py)), Infinity);
  if (outside > 0) return outside;
  const corners = [...points, [0, -Infinity]].map(([, py], k) => [k > 0 ? points[k - 1][0] : -Infinity, py]);
  return -corners.reduce((least, [cx, cy]) => Math.min(least, above(cx - x, cy - y)), Infinity);
}

/** Points of rising x and falling y, all positive. */
function randomFrontier(vertices: number, name: string): Scores {
  const random = randomStream(vertices, name),
    rising = () => {
      let sum = 0.2;
      return Array.from({ length: vertices }, () => sum += random.uniform() ** 4);
    };
  const xs = rising(), ys = rising().reverse(), unit = xs[vertices - 1];
  return Float32Array.from({ length: 2 * vertices }, (_, i) => (i % 2 === 0 ? xs : ys)[i >> 1] / unit);
}

/** Scores of places: some silent in one branch or both, some far outside. */
function randomScores(count: number, name: string): Scores {
  const random = randomStream(count, name);
  return Float32Array.from({ length: count }, () => random.uniform() < 0.3 ? 0 : random.normal() ** 2);
}

async function distances(gpu: Gpu, s1: Scores, s2: Scores, scale: number, points: Scores) {
  using feature = gpu.upload("f32", s1), missing = gpu.upload("f32", s2), frontier = gpu.upload("f32", points);
  using found = frontierDistance(gpu, { feature, missing, scale, frontier, count: s1.length });
  return await gpu.read(found);
}

for (const vertices of [1, 2, 15, 16, 17, 33, 500]) { // around the blocks that are left out together
  for (const count of [1, 3, 4, 1026]) { // around the places that go together
    gpuTest(`frontierDistance() equals the definition, ${count} places, ${vertices} points`, async (gpu) => {
      const points = randomFrontier(vertices, "frontier"),
        s1 = randomScores(count, "s1"),
        s2 = randomScores(count, "s2");
      const scale = 0.375, got = await distances(gpu, s1, s2, scale, points), lowest = signed(points, 0, 0);
      let outside = 0;
      got.forEach((value, i) => {
        const x = scale * s1[i], want = signed(points, x, s2[i]);
        if (want > 0) outside++;
        // scaling, a difference, its square, their sum, the root (2.5 units) and the difference to the lowest
        const bound = 12 * 2 ** -24 * (Math.abs(lowest) + x + s2[i] + 1);
        ok(Math.abs(value - (want - lowest)) <= bound, `place ${i}: ${value}, not ${want - lowest}`);
      });
      if (count > 1000) ok(outside > 50 && outside < count - 50, `${outside} are outside`);
    });
  }
}

gpuTest("frontierDistance() by hand: silent, within, on a point, on an inner corner, and beyond", async (gpu) => {
  const points = Float32Array.of(2, 6, 8, 1),
    s1 = Float32Array.of(0, 0.5, 1, 4, 1, 7, 2.5),
    lowest = Math.fround(5 ** 0.5);
  const s2 = Float32Array.of(0, 0, 6, 1, 1, 13, 3);
  const got = await distances(gpu, s1, s2, 2, points);
  const signs = [-lowest, -Math.fround(2 ** 0.5), 0, 0, 0, Math.fround(Math.hypot(6, 12)), 2];
  deepEqual([...got].length, signs.length);
  got.forEach((value, i) =>
    ok(Math.abs(value - (signs[i] + lowest)) <= 1e-6, `${i}: ${value}, not ${signs[i] + lowest}`)
  );
  deepEqual(got[0], 0);
});

gpuTest("frontierDistance() never falls, to the last bit, where a score rises by the least step", async (gpu) => {
  const points = randomFrontier(300, "frontier"),
    count = 6000,
    s1 = randomScores(count, "s1"),
    s2 = randomScores(count, "s2");
  const next = (values: Scores, steps: number) => {
    const bits = new Uint32Array(values.slice().buffer).map((v) => v + steps);
    return new Float32Array(bits.buffer);
  };
  const before = await distances(gpu, s1, s2, 0.7, points);
  for (const steps of [1, 5, 1000]) {
    for (const [up1, up2] of [[steps, 0], [0, steps], [steps, steps]]) {
      const after = await distances(gpu, next(s1, up1), next(s2, up2), 0.7, points);
      const at = after.findIndex((value, i) => !(value >= before[i]));
      ok(at < 0, `place ${at} fell from ${before[at]} to ${after[at]}`);
    }
  }
});

gpuTest("frontierDistance() bears scores and frontiers of any usual unit", async (gpu) => {
  const points = randomFrontier(40, "frontier"), s1 = randomScores(500, "s1"), s2 = randomScores(500, "s2");
  const usual = await distances(gpu, s1, s2, 0.5, points);
  for (const unit of [2 ** -30, 2 ** 30]) { // powers of two: nothing is rounded otherwise
    const by = (values: Scores) => values.map((value) => unit * value);
    deepEqual([...await distances(gpu, by(s1), by(s2), 0.5, by(points))], [...by(usual)]);
    deepEqual([...await distances(gpu, s1, by(s2), 0.5 * unit, by(points))], [...by(usual)]);
  }
});

gpuTest("frontierDistance() refuses buffers that do not fit, and a scale that is none", (gpu) => {
  using scores = gpu.zeros("f32", 8),
    short = gpu.zeros("f32", 7),
    frontier = gpu.zeros("f32", 4),
    none = gpu.zeros("f32", 0);
  const whole = { feature: scores, missing: scores, scale: 1, frontier, count: 8 };
  const wrong = [{ feature: short }, { missing: short }, { frontier: short }, { frontier: none }, { count: 0 }];
  for (const change of [...wrong, { count: 9 }, { scale: -1 }, { scale: NaN }, { scale: Infinity }]) {
    throws(() => frontierDistance(gpu, { ...whole, ...change }), ShapeMismatch);
  }
});
