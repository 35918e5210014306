import { deepEqual, equal, ok } from "node:assert/strict";
import {
  createRun,
  fitRegistry,
  prepare,
  prepareOptions,
  randomStream,
  type Scan,
  scanSource,
} from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { tinyFolder } from "../../testing/tiny_source.ts";
import { nearestNormal } from "./mod.ts";

const SIDE = 96, PITCH = 0.0005, TABLE = 0.5;
const options = prepareOptions.parse({ size: SIDE }), { default: preset } = nearestNormal.presets;

/** A tile in the shape of an L, of either hand, in a pose and with arms of its own. */
function tile(seed: number, hand: 1 | -1): Scan {
  const random = randomStream(seed, "mirror-test"), turn = 2 * Math.PI * random.uniform();
  const long = 0.013 + 0.001 * random.uniform(), short = 0.006 + 0.001 * random.uniform(), width = 0.006;
  const c = Math.cos(turn), s = Math.sin(turn), points = new Float32Array(3 * SIDE * SIDE);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const x = (pixel % SIDE - (SIDE - 1) / 2) * PITCH, y = (Math.floor(pixel / SIDE) - (SIDE - 1) / 2) * PITCH;
    const u = hand * (c * x + s * y) + width, v = -s * x + c * y + long / 2;
    const inside = u > 0 && v > 0 && (u < width && v < 1.3 * long || u < width + short && v < width);
    points.set([x, y, TABLE - (inside ? 0.006 : 0) - 2e-5 * random.normal()], 3 * pixel);
  }
  return { name: `${seed}`, width: SIDE, height: SIDE, points, valid: new Uint8Array(SIDE * SIDE).fill(1) };
}

async function fit(gpu: Gpu, hands: readonly (1 | -1)[], given = preset) {
  const run = createRun(gpu);
  const scans = hands.map((hand, seed) => ({ name: `${seed}`, load: () => Promise.resolve(tile(seed, hand)) }));
  const onRefused = (_: string, error: Error) => {
    throw error;
  };
  const source = scanSource({ scans, prepare: options, run, task: "", onRefused });
  using owned = new DisposableStack();
  const registry = owned.use(await fitRegistry(source, run));
  const fitted = owned.use(await nearestNormal.fit(source, given, run, registry)), kept = owned.move();
  return { registry, fitted, [Symbol.dispose]: () => kept.dispose() };
}

/** How many points of the best shape lie farther than a pixel and a half from any of the scan, of all. */
async function strayShare(gpu: Gpu, { registry, fitted }: Awaited<ReturnType<typeof fit>>, scan: Scan) {
  const run = createRun(gpu);
  using prepared = prepare(scan, options, run);
  using registration = (await registry.register(prepared, run))!;
  using whole = await fitted.reconstruct({ ...prepared, registration }, run);
  const values = await gpu.read(whole.points), [{ first, count }] = whole.shapes, { hostPoints } = prepared;
  let stray = 0;
  for (let i = first; i < first + count; i++) {
    let least = Infinity;
    for (let j = 0; j < prepared.count; j++) {
      least = Math.min(least, Math.hypot(values[4 * i] - hostPoints[3 * j], values[4 * i + 1] - hostPoints[3 * j + 1]));
    }
    if (least > 1.5 * PITCH) stray++;
  }
  return stray / count;
}

await gpuTest(
  "a product of one hand gets no mirror images, one of both hands does, unless they are not wanted",
  async (gpu) => {
    using one = await fit(gpu, [1, 1, 1, 1, 1]);
    using both = await fit(gpu, [1, -1, 1, -1, 1, -1]);
    using never = await fit(gpu, [1, -1, 1, -1, 1, -1], { ...preset, mirror: false });
    deepEqual([one, both, never].map(({ fitted }) => fitted.facts.mirrorImages), ["no", "yes", "no"]);
  },
);

await gpuTest("mirror images stand for a scan of a hand that few normal scans have, each shape once", async (gpu) => {
  const hands = [1, 1, 1, -1, -1] as const;
  using fits = await fit(gpu, hands);
  equal(fits.fitted.facts.mirrorImages, "yes");
  const run = createRun(gpu);
  using prepared = prepare(tile(40, -1), options, run);
  using registration = (await fits.registry.register(prepared, run))!;
  using whole = await fits.fitted.reconstruct({ ...prepared, registration }, run);
  ok(whole.shapes.length > 2 && whole.shapes.length <= 5, `${whole.shapes.length}: more than those of its hand`);
  ok(await strayShare(gpu, fits, tile(40, -1)) < 0.02);
  const folder = tinyFolder();
  await fits.fitted.save(folder);
  using loaded = await nearestNormal.load(folder, preset, run);
  deepEqual(loaded.facts, fits.fitted.facts);
  using again = await loaded.reconstruct({ ...prepared, registration }, run);
  deepEqual(await gpu.read(again.points), await gpu.read(whole.points));
});
