import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import {
  createRun,
  fitRegistry,
  mainPiece,
  prepare,
  prepareOptions,
  randomStream,
  type Scan,
  ScanRefused,
  type ScanRegistry,
  scanSource,
  type TableFrame,
  tableFrame,
  toTable,
} from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { gpuTest } from "../../testing/mod.ts";
import { alignShapes } from "./align_shapes.ts";
import { type NearestNormalOptions, presets } from "./options.ts";
import { outlineOf } from "./outline.ts";
import { type NormalShape, shapeValues, uploadShape } from "./shapes.ts";

/** Pixels along a side and their pitch; distance of the table. Metres. */
const SIDE = 96, PITCH = 0.0005, TABLE = 0.5;

const options = prepareOptions.parse({ size: SIDE });

/** How a cap lies on the table. */
interface Lying {
  readonly scale?: number;
  /** Degrees about the vertical. */
  readonly turn?: number;
  /** Metres. */
  readonly shift?: readonly [x: number, y: number];
  /** Whether a piece of its narrow end is gone, the table seen in its place. */
  readonly bitten?: boolean;
}

/** Where a place of the camera's x and y is on the cap that lies so, unscaled. */
function onCap(x: number, y: number, { scale = 1, turn = 0, shift: [dx, dy] = [0, 0] }: Lying): [number, number] {
  const c = Math.cos(turn * Math.PI / 180), s = Math.sin(turn * Math.PI / 180);
  return [(c * (x - dx) + s * (y - dy)) / scale, (c * (y - dy) - s * (x - dx)) / scale];
}

/** An oval cap of 28 × 18 mm with a knob that is off its middle. */
function cap(name: string, lying: Lying = {}): Scan {
  const random = randomStream(1, `align-shapes-test/${name}`), points = new Float32Array(3 * SIDE * SIDE);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const x = (pixel % SIDE - (SIDE - 1) / 2) * PITCH, y = (Math.floor(pixel / SIDE) - (SIDE - 1) / 2) * PITCH;
    const [u, v] = onCap(x, y, lying), inside = 1 - (u / 0.014) ** 2 - (v / 0.009) ** 2;
    const gone = lying.bitten === true && u > 0.007 && v < 0.004;
    let height = 1e-5 * random.normal();
    if (inside > 0 && !gone) {
      height += 0.007 + 0.004 * inside + 0.002 * Math.exp(-((u + 0.005) ** 2 + (v - 0.003) ** 2) / 0.003 ** 2);
    }
    points.set([x, y, TABLE - height * (inside > 0 && !gone ? lying.scale ?? 1 : 1)], 3 * pixel);
  }
  return { name, width: SIDE, height: SIDE, points, valid: new Uint8Array(SIDE * SIDE).fill(1) };
}

/** Normal caps of several sizes, each in a pose of its own. */
const lyings: readonly Lying[] = [0.9, 1.08, 1, 0.95].map((scale, i) => ({
  scale,
  turn: 40 * i - 50,
  shift: [0.001 * i, -0.001],
}));
const normal = lyings.map((lying, i) => cap(`cap ${i}`, lying));
const SAME = 2;

/** A registry of the caps, their shapes on the GPU, and their table frames. */
interface Caps extends Disposable {
  readonly registry: ScanRegistry;
  readonly shapes: readonly NormalShape[];
  readonly frames: readonly TableFrame[];
}

async function capsOf(gpu: Gpu): Promise<Caps> {
  const run = createRun(gpu), scans = normal.map((scan) => ({ name: scan.name, load: () => Promise.resolve(scan) }));
  const onRefused = (_: string, error: Error) => {
    throw error;
  };
  const source = scanSource({ scans, prepare: options, run, task: "", onRefused });
  using owned = new DisposableStack();
  const registry = owned.use(await fitRegistry(source, run)), shapes: NormalShape[] = [], frames: TableFrame[] = [];
  for await (const scan of source.walk()) {
    const { values } = await shapeValues(scan, registry.columns, registry.extent, run);
    shapes.push(owned.use(uploadShape(gpu, values, registry.columns)));
    frames.push(tableFrame(scan));
  }
  const kept = owned.move();
  return { registry, shapes, frames, [Symbol.dispose]: () => kept.dispose() };
}

/** Fits the caps to a scan: the best, their transforms, and how far its points come to lie from their places on the best one (rms). */
async function aligned(
  gpu: Gpu,
  caps: Caps,
  lying: Lying,
  given: NearestNormalOptions,
  shapes: readonly (NormalShape | undefined)[] = caps.shapes,
) {
  const { registry, frames } = caps, run = createRun(gpu);
  using scan = prepare(cap("scan", lying), options, run), registration = (await registry.register(scan, run))!;
  const outline = outlineOf(scan, mainPiece(scan, registry.extent), registration.frame);
  using found = await alignShapes(scan, registration, outline, shapes, given, registry.extent, false, run);
  const transforms = await gpu.read(found.transforms), [member] = found.members, away: number[] = [];
  equal(found.targets.targets, found.members.length);
  equal(transforms.length, 16 * found.members.length);
  const { hostPoints, count } = scan, own = toTable(registration.frame, hostPoints);
  const { turn = 0, shift: [dx, dy] = [0, 0] } = lyings[member], scale = lyings[member].scale ?? 1;
  const c = Math.cos(turn * Math.PI / 180), s = Math.sin(turn * Math.PI / 180);
  const wanted = toTable(
    frames[member],
    Float32Array.from(
      Array.from({ length: count }).flatMap((_, i) => {
        const [x, y, z] = hostPoints.subarray(3 * i), [u, v] = onCap(x, y, lying).map((value) => scale * value);
        return [c * u - s * v + dx, s * u + c * v + dy, TABLE - (TABLE - z) * scale / (lying.scale ?? 1)];
      }),
    ),
  );
  for (let i = 0; i < count; i++) {
    const [x, y, z] = own.subarray(4 * i);
    away.push(Math.hypot(...[0, 1, 2].map((row) => {
      const [a, b, c, d] = transforms.subarray(4 * row);
      return a * x + b * y + c * z + d - wanted[4 * i + row];
    })));
  }
  return { members: found.members, transforms, away: Math.sqrt(away.reduce((sum, d) => sum + d * d / count, 0)) };
}

const bitten: Lying = { turn: 25, shift: [0.003, -0.002], bitten: true };

await gpuTest("alignShapes() finds the cap of the same size for one with a bite, and how that lies", async (gpu) => {
  using caps = await capsOf(gpu);
  const rigid = await aligned(gpu, caps, bitten, presets.rigid);
  equal(rigid.members[0], SAME, `${rigid.members}`);
  ok(rigid.away < 0.5 * PITCH, `${1000 * rigid.away} mm`);
  const free = await aligned(gpu, caps, bitten, presets.default); // any size may do
  ok(free.away < 0.5 * PITCH, `${1000 * free.away} mm`);
});

await gpuTest("alignShapes() lets a cap stretch that is a little smaller, unless the fit is rigid", async (gpu) => {
  using caps = await capsOf(gpu);
  const only = caps.shapes.map((shape, i) => i === 3 ? shape : undefined); // 5 % smaller
  const along = (transforms: Float32Array) => Math.hypot(transforms[0], transforms[4]);
  const free = await aligned(gpu, caps, { turn: -70 }, presets.default, only);
  const rigid = await aligned(gpu, caps, { turn: -70 }, presets.rigid, only);
  deepEqual([free.members, rigid.members], [[3], [3]]);
  ok(Math.abs(along(free.transforms) - 0.95) < 0.02, `${along(free.transforms)}`);
  ok(Math.abs(along(rigid.transforms) - 1) < 1e-3, `${along(rigid.transforms)}`);
  ok(free.away < PITCH && free.away < 0.5 * rigid.away, `${free.away}, ${rigid.away}`);
});

await gpuTest(
  "alignShapes() keeps as many shapes as it is asked for, the same bits again, and refuses without any",
  async (gpu) => {
    using caps = await capsOf(gpu);
    const all = await aligned(gpu, caps, bitten, { ...presets.default, shapes: 20 });
    deepEqual(all.members.toSorted(), [0, 1, 2, 3]);
    const two = await aligned(gpu, caps, bitten, { ...presets.default, shapes: 2 });
    deepEqual(two.members, all.members.slice(0, 2));
    deepEqual(two.transforms, all.transforms.slice(0, 32));
    await rejects(
      () => aligned(gpu, caps, bitten, presets.default, [undefined, undefined, undefined, undefined]),
      (error) => error instanceof ScanRefused && /no normal scan/.test(error.message),
    );
  },
);
