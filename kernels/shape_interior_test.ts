import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { shapeInterior } from "./shape_interior.ts";

/** Maps on the host. */
interface Scene {
  readonly covers: Float32Array<ArrayBuffer>;
  readonly weights: readonly number[];
  readonly mask: Uint32Array<ArrayBuffer>;
  readonly size: number;
}

/** The definition: every pixel with all places within the margin, those outside of the map too. */
function reference({ covers, weights, mask, size }: Scene, margin: number): number[] {
  const share = (pixel: number) =>
    weights.reduce((sum, weight, j) => covers[j * size ** 2 + pixel] >= 0 ? sum + weight : sum, 0);
  const inside = Array.from(mask, (_, pixel) => share(pixel) >= 0.5), reach = Math.ceil(margin);
  return Array.from(mask, (masked, pixel) => {
    const x = pixel % size, y = Math.floor(pixel / size);
    for (let v = y - reach; v <= y + reach; v++) {
      for (let u = x - reach; u <= x + reach; u++) {
        const lies = Math.min(u, v) >= 0 && Math.max(u, v) < size && inside[v * size + u];
        if ((u - x) ** 2 + (v - y) ** 2 <= margin ** 2 && !lies) return 0;
      }
    }
    return masked === 0 ? 0 : 1;
  });
}

async function interior(gpu: Gpu, scene: Scene, margin: number): Promise<number[]> {
  using covers = gpu.upload("f32", scene.covers), mask = gpu.upload("u32", scene.mask);
  using found = shapeInterior(gpu, { ...scene, covers, mask, margin });
  return [...await gpu.read(found)];
}

/** Shapes of weights in sixteenths, whose ties at ½ are ties in float32 too, with a hole in a hundred pixels of each. */
function scene(size: number, sixteenths: readonly number[]): Scene {
  const random = randomStream(size, `shape-interior/${sixteenths}`), pixels = size ** 2;
  return {
    covers: Float32Array.from({ length: sixteenths.length * pixels }, (_, i) => {
      const across = i % size - size / 2, down = Math.floor(i % pixels / size) - size / 2;
      const lies = Math.abs(across + down) < 0.8 * size && Math.max(across, down) < 0.4 * size; // cut by two borders
      return lies && random.uniform() > 0.01 ? 0.02 * random.integer(3) : -1;
    }),
    weights: sixteenths.map((weight) => weight / 16),
    mask: Uint32Array.from({ length: pixels }, () => random.integer(8)),
    size,
  };
}

const MARGINS = [0, 0.9, 1, Math.SQRT2, 2, 2.3, 5];

for (
  const [size, weights] of [[1, [16]], [9, [8, 8]], [63, [16]], [64, [7, 1, 3, 2, 1, 2]], [224, [5, 9, 2]]] as const
) {
  gpuTest(`shapeInterior() equals the definition on ${size}² pixels, weights ${weights} of 16`, async (gpu) => {
    const maps = scene(size, weights), sums: number[] = [];
    for (const margin of MARGINS) {
      const want = reference(maps, margin);
      deepEqual(await interior(gpu, maps, margin), want, `margin ${margin}`);
      sums.push(want.reduce((a, b) => a + b));
    }
    ok(size < 63 || (sums.at(-1)! > 0 && sums[0] > sums[2] && sums[2] > sums[4]), `${sums}`);
  });
}

gpuTest("shapeInterior() takes the map's border for an outline, and the margin's end for within it", async (gpu) => {
  const size = 21, whole = { weights: [1], mask: new Uint32Array(size ** 2).fill(1), size };
  const covers = new Float32Array(size ** 2);
  for (const [margin, side] of [[0, 21], [0.99, 21], [1, 19], [3, 15], [10, 1], [11, 0], [1e6, 0]]) {
    const found = await interior(gpu, { ...whole, covers }, margin);
    equal(found.reduce((a, b) => a + b), side ** 2, `margin ${margin}`);
  }
  covers[10 * size + 10] = -1; // discs of whole radii about the middle of a pixel have 1, 5 and 29 centres
  for (const [margin, off] of [[0, 1], [1, 5], [3, 29]]) {
    const found = await interior(gpu, { ...whole, covers }, margin);
    equal(found.reduce((a, b) => a + b), (size - 2 * margin) ** 2 - off);
  }
});

gpuTest("shapeInterior() sees half of the weight in half of the shapes, however many share it", async (gpu) => {
  for (let shapes = 2; shapes <= 30; shapes += 2) {
    const covers = Float32Array.from({ length: 4 * shapes }, (_, i) => {
      const shape = Math.floor(i / 4); // half of them, the other half, one fewer, none
      return [shape < shapes / 2, shape >= shapes / 2, shape > shapes / 2, false][i % 4] ? 0 : -1;
    });
    const weights = Array<number>(shapes).fill(1 / shapes), mask = Uint32Array.of(1, 1, 1, 1);
    deepEqual(await interior(gpu, { covers, weights, mask, size: 2 }, 0), [1, 1, 0, 0], `${shapes} shapes`);
  }
});

gpuTest("shapeInterior() takes weights from the GPU as it takes them from an array", async (gpu) => {
  const maps = scene(30, [5, 9, 2]), want = await interior(gpu, maps, 1);
  using covers = gpu.upload("f32", maps.covers), mask = gpu.upload("u32", maps.mask);
  using weights = gpu.upload("f32", Float32Array.from(maps.weights));
  using found = shapeInterior(gpu, { ...maps, covers, mask, weights, margin: 1 });
  deepEqual([...await gpu.read(found)], want);
});

gpuTest("shapeInterior() refuses maps, weights and margins that do not fit", (gpu) => {
  using covers = gpu.zeros("f32", 32), short = gpu.zeros("f32", 31);
  using mask = gpu.zeros("u32", 16), small = gpu.zeros("u32", 15);
  const whole = { covers, mask, weights: [0.5, 0.5], size: 4, margin: 1 };
  const wrong = [
    { covers: short },
    { mask: small },
    { weights: [1] },
    { weights: [] },
    { size: 5 },
    { size: -4 },
    {
      margin: -1,
    },
    { margin: NaN },
    { margin: Infinity },
  ];
  for (const change of wrong) throws(() => shapeInterior(gpu, { ...whole, ...change }), ShapeMismatch);
});
