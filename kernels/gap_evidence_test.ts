import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { gapEvidence } from "./gap_evidence.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Maps on the host. */
interface Scene {
  readonly covers: Float32Array<ArrayBuffer>;
  readonly weights: readonly number[];
  readonly squares: Float32Array<ArrayBuffer>;
  readonly size: number;
  readonly pitch: number;
}

/** The definition in float64. */
function reference({ covers, weights, squares, pitch }: Scene): { evidence: number[]; mask: number[] } {
  const evidence: number[] = [], mask: number[] = [];
  squares.forEach((square, pixel) => {
    const usual = weights.map((_, j) => covers[j * squares.length + pixel]);
    const share = (value: (j: number) => number) =>
      weights.reduce((sum, weight, j) => usual[j] >= 0 ? sum + weight * value(j) : sum, 0);
    evidence.push(square > 0 ? 1000 * share((j) => Math.max(0, Math.sqrt(square) * pitch - usual[j])) : 0);
    mask.push(square > 0 && share(() => 1) >= 0.5 ? 1 : 0);
  });
  return { evidence, mask };
}

async function weigh(gpu: Gpu, scene: Scene): Promise<{ evidence: number[]; mask: number[] }> {
  using covers = gpu.upload("f32", scene.covers), squares = gpu.upload("f32", scene.squares);
  using found = gapEvidence(gpu, { ...scene, covers, squares });
  const [evidence, mask] = await Promise.all([gpu.read(found.evidence), gpu.read(found.mask)]);
  return { evidence: [...evidence], mask: [...mask] };
}

/** `weights` in sixteenths, so that float32 has their sums, and ties at ½ are ties. */
function scene(size: number, sixteenths: readonly number[]): Scene {
  const random = randomStream(size, `gap-evidence/${sixteenths}`), pixels = size ** 2;
  return {
    covers: Float32Array.from(
      { length: sixteenths.length * pixels },
      () => random.uniform() < 0.5 ? -1 : 0.02 * random.uniform() ** 2,
    ),
    weights: sixteenths.map((weight) => weight / 16),
    squares: Float32Array.from({ length: pixels }, () => random.uniform() < 0.3 ? 0 : random.integer(50) ** 2),
    size,
    pitch: Math.fround(0.00043),
  };
}

for (const size of [1, 9, 224]) {
  for (const weights of [[16], [8, 8], [7, 1, 3, 2, 1, 2]]) {
    gpuTest(`gapEvidence() equals the definition on ${size}² pixels, weights ${weights} of 16`, async (gpu) => {
      const maps = scene(size, weights), want = reference(maps), { evidence, mask } = await weigh(gpu, maps);
      deepEqual(mask, want.mask);
      // a root of 5 units, its product and difference, then a product and a sum a shape, of up to 50 pixels
      const bound = 1000 * 50 * maps.pitch * (10 + 2 + 2 * weights.length) * 2 ** -24;
      want.evidence.forEach((value, pixel) =>
        ok(Math.abs(evidence[pixel] - value) <= bound, `${pixel}: ${evidence[pixel]}, not ${value}`)
      );
      if (size < 224) return;
      ok(
        want.evidence.filter((value) => value > 1).length > 1000 && want.evidence.filter((value) => value === 0).length,
      );
      ok(want.mask.includes(0) && want.mask.includes(1));
    });
  }
}

gpuTest("gapEvidence() sees half of the weight in half of the shapes, however many share it", async (gpu) => {
  for (let shapes = 2; shapes <= 30; shapes += 2) {
    const covers = Float32Array.from({ length: 4 * shapes }, (_, i) => {
      const shape = Math.floor(i / 4), pixel = i % 4; // half of them, the other half, one fewer; the last pixel has a point
      return [shape < shapes / 2, shape >= shapes / 2, shape > shapes / 2, true][pixel] ? 0 : -1;
    });
    const weights = Array<number>(shapes).fill(1 / shapes);
    const found = await weigh(gpu, { covers, weights, squares: Float32Array.of(4, 9, 16, 0), size: 2, pitch: 1 });
    deepEqual(found.mask, [1, 1, 0, 0], `${shapes} shapes`);
    equal(found.evidence[3], 0);
  }
});

gpuTest("gapEvidence() takes weights from the GPU as it takes them from an array", async (gpu) => {
  const maps = scene(30, [5, 9, 2]), want = await weigh(gpu, maps);
  using covers = gpu.upload("f32", maps.covers), squares = gpu.upload("f32", maps.squares);
  using weights = gpu.upload("f32", Float32Array.from(maps.weights));
  using found = gapEvidence(gpu, { ...maps, covers, squares, weights });
  deepEqual([...await gpu.read(found.evidence)], want.evidence);
  deepEqual([...await gpu.read(found.mask)], want.mask);
});

gpuTest("gapEvidence() refuses maps, weights and a pitch that do not fit", (gpu) => {
  using covers = gpu.zeros("f32", 32), squares = gpu.zeros("f32", 16), short = gpu.zeros("f32", 15);
  const whole = { covers, squares, weights: [0.5, 0.5], size: 4, pitch: 1 };
  const wrong = [{ covers: short }, { squares: short }, { weights: [1] }, { weights: [] }, { size: 5 }, { size: -4 }, {
    pitch: 0,
  }, { pitch: NaN }];
  for (const change of wrong) throws(() => gapEvidence(gpu, { ...whole, ...change }), ShapeMismatch);
});
