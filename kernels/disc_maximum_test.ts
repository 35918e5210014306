import { deepEqual, equal, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { discMaximum } from "./disc_maximum.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

/** Maps on the host. */
interface Scene {
  readonly values: Float32Array<ArrayBuffer>;
  readonly squares: Float32Array<ArrayBuffer>;
  readonly mask: Uint32Array<ArrayBuffer>;
  readonly size: number;
}

/** The definition: each pixel with a value to all pixels of its disc. */
function reference({ values, squares, mask, size }: Scene, reach: number): number[] {
  const found = new Array<number>(size ** 2).fill(0);
  values.forEach((value, pixel) => {
    if (value === 0) return;
    const column = pixel % size, row = Math.floor(pixel / size), limit = Math.max(squares[pixel], 0.25);
    const radius = Math.min(reach, Math.floor(Math.sqrt(limit)));
    for (let y = Math.max(0, row - radius); y <= Math.min(size - 1, row + radius); y++) {
      for (let x = Math.max(0, column - radius); x <= Math.min(size - 1, column + radius); x++) {
        const square = (x - column) ** 2 + (y - row) ** 2;
        if (square < limit && square <= reach ** 2 && mask[y * size + x] !== 0) {
          found[y * size + x] = Math.max(found[y * size + x], value);
        }
      }
    }
  });
  return found;
}

async function cover(gpu: Gpu, { size, ...scene }: Scene, reach: number): Promise<number[]> {
  using values = gpu.upload("f32", scene.values), squares = gpu.upload("f32", scene.squares);
  using mask = gpu.upload("u32", scene.mask), found = discMaximum(gpu, { values, squares, mask, size, reach });
  return [...await gpu.read(found)];
}

for (const size of [1, 9, 64, 224]) {
  for (const [reach, share] of [[0, 0.5], [5, 0.5], [64, 0.02], [64, 0.5]] as const) {
    gpuTest(
      `discMaximum() equals the definition on ${size}² pixels within ${reach}, ${100 * share} % with a value`,
      async (gpu) => {
        const random = randomStream(size, `disc-maximum/${reach}/${share}`);
        const values = Float32Array.from(
          { length: size ** 2 },
          () => random.uniform() < share ? 1 + random.integer(9) : 0,
        );
        // most discs are small, some larger than the reach; squares of whole radii, so that pixels lie on the rim
        const squares = Float32Array.from(values, () => {
          const kind = random.uniform();
          return kind < 0.9 ? random.integer(6) ** 2 : kind < 0.999 ? random.integer(400) : random.integer(9000);
        });
        const mask = Uint32Array.from(values, () => random.uniform() < 0.6 ? 1 + random.integer(3) : 0);
        const scene = { values, squares, mask, size };
        deepEqual(await cover(gpu, scene, reach), reference(scene, reach));
      },
    );
  }
}

gpuTest(
  "discMaximum() covers what is nearer than the radius, at most as far as the reach, whatever the blocks",
  async (gpu) => {
    const size = 41, empty = { values: new Float32Array(size ** 2), squares: new Float32Array(size ** 2) };
    for (const [square, reach, covered] of [[25, 64, 69], [26, 64, 81], [1e9, 5, 81], [0, 64, 1]] as const) {
      for (let at = 20 * size + 16; at <= 20 * size + 24; at++) { // 16 to 24: each place in a block, and the next block
        const scene = { values: empty.values.slice(), squares: empty.squares.slice(), size };
        scene.values[at] = 0.7;
        scene.squares[at] = square;
        const found = await cover(gpu, { ...scene, mask: new Uint32Array(size ** 2).fill(7) }, reach);
        equal(found.filter((value) => value === Math.fround(0.7)).length, covered);
        equal(found.filter((value) => value === 0).length, size ** 2 - covered);
      }
    }
  },
);

gpuTest("discMaximum() finds one far disc in each block among values that no disc spreads", async (gpu) => {
  const size = 224, random = randomStream(0, "disc-maximum/far"); // no block can be passed over for its radius
  const values = Float32Array.from({ length: size ** 2 }, () => 1 + random.integer(1000));
  const squares = Float32Array.from(values, (_, i) => i % 8 === 3 && Math.floor(i / size) % 8 === 5 ? 64 ** 2 + 1 : 0);
  const scene = { values, squares, mask: new Uint32Array(size ** 2).fill(1), size };
  deepEqual(await cover(gpu, scene, 64), reference(scene, 64));
});

gpuTest("discMaximum() refuses a reach and a size that cannot be, and maps of unequal size", (gpu) => {
  using values = gpu.zeros("f32", 16), squares = gpu.zeros("f32", 16), mask = gpu.zeros("u32", 16);
  using short = gpu.zeros("f32", 9), few = gpu.zeros("u32", 9);
  const whole = { values, squares, mask, size: 4, reach: 2 };
  for (
    const wrong of [{ reach: -1 }, { reach: 65 }, { reach: 1.5 }, { size: 5 }, { size: -4 }, { values: short }, {
      squares: short,
    }, { mask: few }]
  ) {
    throws(() => discMaximum(gpu, { ...whole, ...wrong }), ShapeMismatch);
  }
});
