import { deepEqual, equal, ok } from "node:assert/strict";
import type { Gpu } from "../../kernels/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { type Channel, channels, type Quantiles } from "./channels.ts";
import { gapsOf, jointMap, levelled } from "./joint_map.ts";

const SIZE = 64, NONE = 0xffffffff;
const quantiles = Object.fromEntries(channels.map((channel) => [channel, 1])) as unknown as Quantiles;

/** The map of a square of 20 × 20 pixels, a patch each, of which one is odd in all channels and some are missing. */
async function mapOf(
  gpu: Gpu,
  form: readonly Channel[],
  { odd = 2, trust = 1, gone = [] as number[], usualGap = 0 } = {},
) {
  const inside = Array.from({ length: SIZE * SIZE }, (_, i) => i).filter((i) => {
    const row = Math.floor(i / SIZE), column = i % SIZE;
    return row >= 6 && row < 26 && column >= 6 && column < 26 && !gone.includes(i);
  });
  const patches = new Uint32Array(SIZE * SIZE).fill(NONE);
  inside.forEach((pixel, patch) => patches[pixel] = patch);
  const at = patches[10 * SIZE + 12], values = new Float32Array(inside.length);
  values[at] = odd;
  using patchOf = gpu.upload("u32", patches), rows = gpu.upload("f32", values), distances = gpu.upload("f32", values);
  using places = gpu.upload("f32", Float32Array.from({ length: 4 * values.length }, (_, i) => values[i >> 2]));
  const options = { size: SIZE, form, quantiles, trust, usualGap, sigma: 1 };
  using map = jointMap(gpu, { places, rows, distances, patchOf }, options);
  return { map: await gpu.read(map), inside };
}

const largestAt = (map: Float32Array) => map.indexOf(map.reduce((a, b) => Math.max(a, b)));

await gpuTest("jointMap() is largest where a patch is odd, by whatever form, and 0 where nothing is", async (gpu) => {
  for (const form of [["distance"], ["row"], ["place"], ["place", "local", "tilt", "offset"]] as const) {
    equal(largestAt((await mapOf(gpu, form)).map), 10 * SIZE + 12, form.join("+"));
    ok((await mapOf(gpu, form, { odd: 0 })).map.every((value) => value === 0));
  }
  ok((await mapOf(gpu, ["tilt"], { trust: 0 })).map.every((value) => value === 0), "an untrusted channel says nothing");
});

await gpuTest(
  "jointMap() counts one patch for no more than a few times its quantile, so that no outlier fills the map",
  async (gpu) => {
    const some = (await mapOf(gpu, ["row"], { odd: 100 })).map, more = (await mapOf(gpu, ["row"], { odd: 1e6 })).map;
    deepEqual(some, more);
  },
);

await gpuTest("jointMap() marks a gap that normal scans don't have, and no usual one", async (gpu) => {
  const gone = [17, 18, 19].flatMap((row) => [17, 18, 19].map((column) => row * SIZE + column));
  const middle = 18 * SIZE + 18;
  const odd = await mapOf(gpu, ["row"], { odd: 0, gone }),
    usual = await mapOf(gpu, ["row"], { odd: 0, gone, usualGap: 5 });
  equal(largestAt(odd.map), middle);
  ok(odd.map[middle] > 0 && usual.map[middle] === 0);
});

await gpuTest("gapsOf() finds depth in gaps of the part alone", async (gpu) => {
  const patches = new Uint32Array(SIZE * SIZE).fill(NONE);
  for (let row = 6; row < 26; row++) for (let column = 6; column < 26; column++) patches[row * SIZE + column] = 0;
  patches[15 * SIZE + 15] = NONE;
  using patchOf = gpu.upload("u32", patches), depths = gapsOf(gpu, patchOf, SIZE);
  const found = await gpu.read(depths);
  deepEqual([...found.entries()].filter(([, depth]) => depth !== 0), [[15 * SIZE + 15, 1]]);
});

Deno.test("levelled() takes some of a scan's own level out, keeps order and zeros, and is finite without evidence", () => {
  const pixels = Uint32Array.from({ length: 64 }, (_, i) => i), map = Float32Array.from(pixels, (i) => i % 8);
  const once = levelled(map.slice(), pixels), twice = levelled(map.map((value) => 2 * value), pixels);
  map.forEach((value, i) => {
    equal(once[i] === 0, value === 0);
    if (value === 0) return;
    const ratio = twice[i] / once[i];
    ok(ratio > 1 && ratio < 2, `twice the evidence everywhere counts ${ratio} times`);
    ok(i === 0 || Math.sign(once[i] - once[i - 1]) === Math.sign(map[i] - map[i - 1]));
  });
  ok(levelled(new Float32Array(64), pixels).every((value) => value === 0));
});
