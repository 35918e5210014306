import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest, tinyScan } from "../testing/mod.ts";
import {
  createRun,
  fitRegistry,
  loadRegistry,
  prepare,
  prepareOptions,
  RunAborted,
  type Scan,
  type ScanRegistry,
  scanSource,
} from "./mod.ts";
import type { ModelFolder, Tensor } from "./mod.ts";
import { randomStream } from "./random.ts";

/** Pixels along a side and their pitch; distance of the table. Metres. */
const SIDE = 128, PITCH = 0.0005, TABLE = 0.5;

const options = prepareOptions.parse({ size: SIDE });

/** How a knob lies on the table. */
interface Lying {
  /** Degrees about the vertical, from the camera's x to its y. */
  readonly turn?: number;
  readonly upsideDown?: boolean;
  readonly mirrored?: boolean;
  /** Radius of its second dome: by this one piece is told from another. */
  readonly radius?: number;
}

/** A knob of three domes, no two alike, that is flat below, scanned at 128 × 128 pixels of half a millimetre. */
function knob(
  name: string,
  { turn = 0, upsideDown = false, mirrored = false, radius = 0.007 }: Lying = {},
): Scan {
  const random = randomStream(1, `registration-test/${name}`), points = new Float32Array(3 * SIDE * SIDE);
  const domes = [[-0.006, 0, 0.009], [0.006, 0.003, radius], [0.001, -0.009, 0.005]];
  const c = Math.cos(turn * Math.PI / 180), s = Math.sin(turn * Math.PI / 180);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const x = (pixel % SIDE - (SIDE - 1) / 2) * PITCH, y = (Math.floor(pixel / SIDE) - (SIDE - 1) / 2) * PITCH;
    const u = (c * x + s * y) * (upsideDown !== mirrored ? -1 : 1), v = -s * x + c * y; // seen from below it is its mirror image
    const top = Math.max(...domes.map(([a, b, r]) => {
      const below = r ** 2 - (u - a) ** 2 - (v - b) ** 2;
      return below < 0 ? 0 : upsideDown ? 0.015 : 0.006 + Math.sqrt(below);
    }));
    points.set([x, y, TABLE - 2e-5 * random.normal() - top], 3 * pixel);
  }
  return { name, width: SIDE, height: SIDE, points, valid: new Uint8Array(SIDE * SIDE).fill(1) };
}

/** Three pieces that differ, each in a pose of its own. */
const normal = [
  knob("a"),
  knob("b", { turn: 100, radius: 0.008 }),
  knob("c", { turn: -75, radius: 0.006 }),
];

function fit(gpu: Gpu, scans: readonly Scan[]): Promise<ScanRegistry> {
  const named = scans.map((scan) => ({ name: scan.name, load: () => Promise.resolve(scan) }));
  const onRefused = (_: string, error: Error) => {
    throw error;
  };
  return fitRegistry(
    scanSource({ scans: named, prepare: options, run: createRun(gpu), task: "", onRefused }),
    createRun(gpu),
  );
}

/** Who a scan was brought to, at what cost, and by which motions. */
async function registered(gpu: Gpu, registry: ScanRegistry, scan: Scan, without?: string) {
  using prepared = prepare(scan, options, createRun(gpu));
  using registration = await registry.register(prepared, createRun(gpu), { without });
  if (!registration) return undefined;
  const { members, cost, motions, targets, source } = registration;
  equal(targets.targets, members.length);
  equal(source.count, prepared.count);
  return { members, cost, motions: await gpu.read(motions) };
}

/** Degrees about the vertical. */
const turnOf = (motion: ArrayLike<number>) => Math.atan2(motion[4], motion[0]) * 180 / Math.PI;

await gpuTest("register() finds the twin of a scan that was turned by 40°, and turns it back", async (gpu) => {
  using registry = await fit(gpu, normal);
  for (
    const [index, scan] of [[0, knob("a", { turn: 40 })], [
      1,
      knob("b", { turn: 140, radius: 0.008 }),
    ]] as const
  ) {
    const { members, cost, motions } = (await registered(gpu, registry, scan))!;
    deepEqual([members[0], members.toSorted()], [index, [0, 1, 2]]);
    const own = motions.subarray(0, 16);
    // y points up in the table's frame: a turn from x to the picture's y is one from y to x there, and 40° bring it back
    ok(Math.abs(turnOf(own) - 40) < 1, `${turnOf(own)}°`); // 1° is .2 mm at the end of an arm, less than half a pixel
    ok(Math.hypot(own[3], own[7], own[11]) < PITCH / 2, "the middles lie on each other to half a pixel");
    ok(own[10] > Math.cos(Math.PI / 180), "upright");
    ok(cost < 0.001, `${cost}`);
  }
});

await gpuTest("register() finds itself, but not when it is left out; nothing left is undefined", async (gpu) => {
  using registry = await fit(gpu, normal);
  const itself = (await registered(gpu, registry, normal[1]))!,
    others = (await registered(gpu, registry, normal[1], "b"))!;
  equal(itself.members[0], 1);
  deepEqual(others.members.toSorted(), [0, 2]);
  ok(others.cost > itself.cost, `${others.cost} to ${itself.cost}`);
  using alone = await fit(gpu, normal.slice(0, 1));
  equal(await registered(gpu, alone, normal[0], "a"), undefined);
  ok((await registered(gpu, alone, normal[0]))!.cost < 1e-6, "its own points");
  using none = await fit(gpu, []);
  equal(await registered(gpu, none, normal[0]), undefined);
});

await gpuTest(
  "register() costs a part that is turned in the plane nothing, and one that is upside down much",
  async (gpu) => {
    using registry = await fit(gpu, normal);
    const costOf = async (lying: Lying) => (await registered(gpu, registry, knob("a", lying)))!.cost;
    const normalCosts = await Promise.all(
      normal.map(async (scan) => (await registered(gpu, registry, scan, scan.name))!.cost),
    );
    for (const turn of [0, 40, 90, 180, 270]) {
      const cost = await costOf({ turn });
      ok(cost < 1.1 * Math.max(...normalCosts), `${turn}°: ${cost}, normal ones at most ${Math.max(...normalCosts)}`);
    }
    const over = await costOf({ upsideDown: true, turn: 40 });
    ok(over > 1.5 * Math.max(...normalCosts), `${over}, normal ones at most ${Math.max(...normalCosts)}`);
  },
);

await gpuTest("a registry that was kept and opened again registers the same, to the bit", async (gpu) => {
  using registry = await fit(gpu, normal);
  const tensors = new Map<string, Tensor>();
  const model: ModelFolder = {
    tensor: (name) => tensors.get(name)!,
    has: (name) => tensors.has(name),
    putTensor: (name, tensor) => void tensors.set(name, tensor),
    facts: () => ({}),
    putFacts: () => {},
  };
  registry.save(model);
  using opened = loadRegistry(model, registry.names, createRun(gpu));
  deepEqual([opened.names, opened.extent, opened.columns], [["a", "b", "c"], registry.extent, registry.columns]);
  const scan = knob("d", { turn: 20 });
  deepEqual(await registered(gpu, opened, scan), await registered(gpu, registry, scan));
});

await gpuTest("register() does without a table, and with scans that are all the same", async (gpu) => {
  const floating = tinyScan({ seed: 1 }), raw = { ...options, background: "none" as const };
  const part = floating.points.slice(), valid = floating.valid.slice();
  for (let i = 0; i < valid.length; i++) {
    if (part[3 * i + 2] < 0.496) continue;
    valid[i] = 0;
    part.fill(0, 3 * i, 3 * i + 3);
  }
  const scan = { ...floating, points: part, valid };
  const named = ["x", "y"].map((name) => ({ name, load: () => Promise.resolve({ ...scan, name }) }));
  const run = createRun(gpu), onRefused = () => {};
  using registry = await fitRegistry(scanSource({ scans: named, prepare: raw, run, task: "", onRefused }), run);
  using prepared = prepare({ ...scan, name: "x" }, raw, run);
  using registration = await registry.register(prepared, run, { without: "x" });
  deepEqual(registration!.members, [1]);
  ok(registration!.cost < 1e-6);
});

await gpuTest("register() ends with RunAborted when it is stopped", async (gpu) => {
  using registry = await fit(gpu, normal.slice(0, 2));
  using prepared = prepare(normal[0], options, createRun(gpu));
  await rejects(registry.register(prepared, createRun(gpu, { signal: AbortSignal.abort() })), RunAborted);
});

await gpuTest(
  "a scan's mirror image is brought to normal scans on demand, by motions of the scan itself",
  async (gpu) => {
    const run = createRun(gpu);
    using registry = await fit(gpu, normal);
    using scan = prepare(knob("other hand", { turn: 30, mirrored: true }), options, run);
    using registration = (await registry.register(scan, run))!;
    const mirrored = await registration.mirrored(run), [{ member, cost, motion }] = mirrored;
    equal(mirrored.length, 3);
    equal(member, 0, "the knob of its radius");
    using twin = prepare(knob("twin", { turn: 30 }), options, run);
    using same = (await registry.register(twin, run))!;
    const [alike] = same.candidates;
    ok(Math.abs(cost / alike.cost - 1) < 0.1 && cost < 0.6 * registration.cost, `${cost}, ${alike.cost}`);
    const [a, b, c] = [0, 4, 8].map((row) => motion.subarray(row, row + 3));
    const determinant = a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) +
      a[2] * (b[0] * c[1] - b[1] * c[0]);
    ok(Math.abs(determinant + 1) < 1e-4, `${determinant}`);
    using own = prepare(normal[0], options, run);
    using left = (await registry.register(own, run, { without: "a" }))!;
    ok((await left.mirrored(run)).every(({ member }) => member !== 0), "not to the scan that is left out");
    await rejects(registration.mirrored(createRun(gpu, { signal: AbortSignal.abort() })), RunAborted);
  },
);
