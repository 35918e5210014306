/** Self-tests of the kernels that look for what a scan lacks. @module */
import { randomStream } from "../../core/mod.ts";
import {
  depthEnvelope,
  discMaximum,
  gapAtPoints,
  gapEvidence,
  type MapCamera,
  shapeInterior,
  splatShapes,
  surfaceExcess,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, ROOT, ROUNDING, within, worstOf } from "./verdict.ts";

const SIZE = 30, COUNT = 60;

/** Two pixels a metre, turned by a quarter: float32 has places and radii in halves of a pixel exactly. */
const camera: MapCamera = { matrix: [0, -2, 2, 0], offset: [20, 4], central: false };

/** Points that are seen on the corners, edges and middles of pixels, some of them outside of the map. */
function pointsOnHalves(): Float32Array<ArrayBuffer> {
  const random = randomStream(0, "halves");
  return Float32Array.from({ length: 4 * COUNT }, (_, i) => random.integer(SIZE + 6) / 4 + (i % 4 === 0 ? -2.5 : 2));
}

/** Where each of the points is seen; undefined outside of the map. */
function seen(points: Float32Array): (readonly [number, number] | undefined)[] {
  return Array.from({ length: COUNT }, (_, i) => {
    const [a, b, c, d] = camera.matrix, x = points[4 * i], y = points[4 * i + 1];
    const at = [a * x + b * y + camera.offset[0], c * x + d * y + camera.offset[1]] as const;
    return Math.min(...at) >= 0 && Math.max(...at) < SIZE ? at : undefined;
  });
}

const splats: KernelSelfTest = {
  kernel: "splatShapes",
  async run(gpu) {
    const values = pointsOnHalves(), random = randomStream(0, "splats");
    const distances = Float32Array.from({ length: COUNT }, () => random.integer(16) / 8);
    const apart = Float32Array.from({ length: COUNT }, () => (random.integer(10) - 1) / 2);
    const shapes = [{ first: 0, count: 20 }, { first: 20, count: COUNT - 20 }], places = seen(values);
    const want = shapes.flatMap(({ first, count }) =>
      Array.from({ length: SIZE ** 2 }, (_, pixel) => {
        let most = -1, near = Infinity;
        for (let i = first; i < first + count; i++) {
          const at = places[i];
          if (!at || apart[i] < 0) continue;
          const away = Math.hypot(pixel % SIZE + 0.5 - at[0], Math.floor(pixel / SIZE) + 0.5 - at[1]);
          if (away > Math.min(6, Math.max(0.71, 1.5 * apart[i]))) continue;
          most = Math.max(most, distances[i]);
          near = Math.min(near, Math.max(0, away - 0.71) / 2); // pixels of half a metre
        }
        return near === Infinity ? -1 : most + near;
      })
    );
    using points = gpu.upload("f32", values), usual = gpu.upload("f32", distances);
    using spacing = gpu.upload("f32", apart);
    using found = splatShapes(gpu, { points, shapes, usual, spacing, camera, size: SIZE });
    return within(await gpu.read(found), want, 6 * (ROOT + 3 * ROUNDING)); // up to 6 m: a root, a difference, a half, a sum
  },
};

const evidences: KernelSelfTest = {
  kernel: "gapEvidence",
  async run(gpu) {
    const weights = [0.25, 0.25, 0.375, 0.125], pixels = SIZE ** 2, random = randomStream(0, "evidence"), pitch = 0.5;
    const usual = Float32Array.from({ length: weights.length * pixels }, () => random.integer(5) - 2);
    const away = Float32Array.from({ length: pixels }, () => random.integer(12) ** 2);
    const shares = Array.from(
      away,
      (_, p) => weights.map((w, j) => ({ w, t: usual[j * pixels + p] })).filter(({ t }) => t >= 0),
    );
    const want = shares.map((found, p) =>
      found.reduce((sum, { w, t }) => sum + 1000 * w * Math.max(0, Math.sqrt(away[p]) * pitch - t), 0)
    );
    const agreed = shares.map((found, p) => away[p] > 0 && found.reduce((sum, { w }) => sum + w, 0) >= 0.5 ? 1 : 0);
    using covers = gpu.upload("f32", usual), squares = gpu.upload("f32", away);
    using found = gapEvidence(gpu, { covers, weights, squares, size: SIZE, pitch });
    const [evidence, mask] = await Promise.all([gpu.read(found.evidence), gpu.read(found.mask)]);
    // up to 5.5 m, of which a root, a difference and four weighed terms are rounded
    return worstOf([
      equal(mask, agreed),
      within(evidence, want.map((v, p) => away[p] > 0 ? v : 0), 5500 * (ROOT + 12 * ROUNDING)),
    ]);
  },
};

const interiors: KernelSelfTest = {
  kernel: "shapeInterior",
  async run(gpu) {
    const random = randomStream(0, "interiors"), pixels = SIZE ** 2, weights = [0.25, 0.25, 0.5], margin = 2;
    const usual = Float32Array.from({ length: 3 * pixels }, () => random.integer(25) === 0 ? -1 : 0);
    const some = Uint32Array.from({ length: pixels }, () => random.integer(4));
    const lies = (x: number, y: number) =>
      Math.min(x, y) >= 0 && Math.max(x, y) < SIZE &&
      weights.reduce((sum, w, j) => usual[j * pixels + y * SIZE + x] >= 0 ? sum + w : sum, 0) >= 0.5;
    const steps = Array.from({ length: 25 }, (_, i) => [i % 5 - 2, Math.floor(i / 5) - 2])
      .filter(([across, down]) => across ** 2 + down ** 2 <= margin ** 2);
    const want = Array.from(some, (masked, pixel) => {
      const deep = steps.every(([across, down]) => lies(pixel % SIZE + across, Math.floor(pixel / SIZE) + down));
      return masked > 0 && deep ? 1 + pixel : 0;
    });
    using covers = gpu.upload("f32", usual), mask = gpu.upload("u32", some);
    using interior = shapeInterior(gpu, { covers, weights, mask, size: SIZE, margin });
    using values = gpu.upload("f32", Float32Array.from({ length: pixels }, (_, pixel) => 1 + pixel));
    using squares = gpu.zeros("f32", pixels); // each pixel has its own value where the mask lets it
    using found = discMaximum(gpu, { values, squares, mask: interior, size: SIZE, reach: 0 });
    return equal(await gpu.read(found), want);
  },
};

const gaps: KernelSelfTest = {
  kernel: "gapAtPoints",
  async run(gpu) {
    const values = pointsOnHalves(), random = randomStream(0, "gaps"), pitch = 0.5;
    const away = Float32Array.from({ length: SIZE ** 2 }, () => random.integer(12) ** 2);
    const want = seen(values).map((at) =>
      at ? Math.sqrt(away[Math.floor(at[1]) * SIZE + Math.floor(at[0])]) * pitch : -1
    );
    using points = gpu.upload("f32", values), squares = gpu.upload("f32", away);
    using found = gapAtPoints(gpu, { points, camera, squares, size: SIZE, pitch });
    return within(await gpu.read(found), want, 6 * ROOT);
  },
};

const envelopes: KernelSelfTest = {
  kernel: "depthEnvelope",
  async run(gpu) {
    const values = pointsOnHalves(), random = randomStream(0, "envelopes"), reach = 1.5, places = seen(values);
    const apart = Float32Array.from({ length: COUNT }, () => random.integer(4) - 1);
    const want = Array.from({ length: SIZE ** 2 }, (_, pixel) => {
      const near = places.flatMap((at, i) => {
        if (!at || apart[i] < 0) return [];
        const across = pixel % SIZE + 0.5 - at[0], down = Math.floor(pixel / SIZE) + 0.5 - at[1];
        return across ** 2 + down ** 2 <= reach ** 2 ? [values[4 * i + 2]] : [];
      });
      return near.length > 0 ? [Math.min(...near), Math.max(...near)] : [1, -1];
    });
    using points = gpu.upload("f32", values), spacing = gpu.upload("f32", apart);
    using found = depthEnvelope(gpu, { points, spacing, camera, size: SIZE, reach });
    return equal(await gpu.read(found), want.flat());
  },
};

const excesses: KernelSelfTest = {
  kernel: "surfaceExcess",
  async run(gpu) {
    const random = randomStream(0, "excesses"), allowance = 0.25; // in eighths of a metre: exact in float32
    const values = Float32Array.from({ length: 4 * COUNT }, () => random.integer(40) / 8);
    const of = Uint32Array.from(
      { length: SIZE ** 2 },
      () => random.integer(5) === 0 ? 0xffffffff : random.integer(COUNT),
    );
    const between = Float32Array.from({ length: 2 * SIZE ** 2 }, () => random.integer(40) / 8); // half of them with the least above
    const want = Array.from(of, (point, p) => {
      const least = between[2 * p], most = between[2 * p + 1], z = values[4 * point + 2];
      return point === 0xffffffff || least > most ? 0 : 1000 * Math.max(0, z - most - allowance, least - z - allowance);
    });
    using points = gpu.upload("f32", values), pointOf = gpu.upload("u32", of), envelope = gpu.upload("f32", between);
    using found = surfaceExcess(gpu, { points, pointOf, envelope, allowance });
    return equal(await gpu.read(found), want);
  },
};

/** Tests of drawing whole shapes and of comparing them with a scan. */
export const gapSelfTests: readonly KernelSelfTest[] = [splats, evidences, interiors, gaps, envelopes, excesses];
