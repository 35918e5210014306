import { deepEqual, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import { gapDepths } from "./gap_depths.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

const NONE = 0xffffffff;
const LINES = [[0, 1], [1, 0], [1, 1], [1, -1]] as const; // down, across

/** The definition: whole numbers, so the GPU has to have exactly these. */
function reference(patchOf: Uint32Array, size: number, reach: number): number[] {
  const isPatch = (row: number, column: number) =>
    row >= 0 && row < size && column >= 0 && column < size && patchOf[row * size + column] !== NONE;
  return Array.from(patchOf, (patch, pixel) => {
    if (patch !== NONE) return 0;
    const row = Math.floor(pixel / size), column = pixel % size;
    const steps = (down: number, across: number) => {
      for (let i = 1; i <= reach; i++) if (isPatch(row + i * down, column + i * across)) return i;
      return Infinity;
    };
    const ways = LINES.map(([down, across]) => [steps(down, across), steps(-down, -across)]);
    const lines = ways.filter((way) => Math.max(...way) <= reach).length;
    return lines < 2 ? 0 : lines === 2 ? 0.5 : Math.min(...ways.flat());
  });
}

/** Pixels that hold `#` have patches, others none. */
const drawn = (...rows: readonly string[]) =>
  Uint32Array.from(rows.join(""), (pixel, i) => pixel === "#" ? i : NONE) as Uint32Array<ArrayBuffer>;

async function depthsOf(gpu: Gpu, map: Uint32Array<ArrayBuffer>, size: number, reach: number): Promise<number[]> {
  using patchOf = gpu.upload("u32", map), depths = gapDepths(gpu, { patchOf, size, reach });
  return [...await gpu.read(depths)];
}

gpuTest("gapDepths() counts the steps into a hole, and leaves what lies beside the part at 0", async (gpu) => {
  const part = drawn(
    ".......",
    ".#####.",
    ".#...#.",
    ".#...#.",
    ".#...#.",
    ".#####.",
    ".......",
  );
  const hole = [
    ...[0, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 1, 1, 1, 0, 0],
    ...[0, 0, 1, 2, 1, 0, 0],
    ...[0, 0, 1, 1, 1, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0],
    ...[0, 0, 0, 0, 0, 0, 0],
  ];
  deepEqual(await depthsOf(gpu, part, 7, 3), hole);
  const within2 = await depthsOf(gpu, part, 7, 2);
  deepEqual(within2[24], 2); // the middle is two steps from the rim either way
  ok((await depthsOf(gpu, part, 7, 1)).every((depth) => depth === 0)); // nothing there has the rim on both sides
});

gpuTest(
  "gapDepths() wants two lines for a notch and three for a hole",
  async (gpu) => {
    const slot = drawn("#####", ".....", "#####", ".....", ".....");
    deepEqual((await depthsOf(gpu, slot, 5, 4)).slice(5, 10), [0, 1, 1, 1, 0]); // at the ends one line alone
  },
);

for (const [size, reach, share] of [[9, 1, 0.5], [40, 3, 0.4], [40, 48, 0.02], [67, 10, 0.1]] as const) {
  gpuTest(`gapDepths() equals its definition on ${size}² pixels within ${reach}`, async (gpu) => {
    const random = randomStream(size, "gap-depths");
    const map = Uint32Array.from({ length: size * size }, (_, i) => random.uniform() < share ? i >> 2 : NONE);
    const want = reference(map, size, reach);
    ok(want.some((depth) => depth > 0) && want.some((depth, i) => depth === 0 && map[i] === NONE));
    deepEqual(await depthsOf(gpu, map, size, reach), want);
  });
}

gpuTest("gapDepths() finds no gap in an empty map or in a full one", async (gpu) => {
  for (const value of [NONE, 5]) {
    deepEqual(await depthsOf(gpu, new Uint32Array(81).fill(value), 9, 4), new Array(81).fill(0));
  }
});

gpuTest("gapDepths() refuses a reach that cannot be, and a map of another size", (gpu) => {
  using patchOf = gpu.zeros("u32", 16);
  for (const reach of [0, 49, 1.5, NaN]) {
    throws(() => gapDepths(gpu, { patchOf, size: 4, reach }), ShapeMismatch);
  }
  throws(() => gapDepths(gpu, { patchOf, size: 5, reach: 2 }), ShapeMismatch);
});
