import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { gpuTest } from "../testing/gpu.ts";
import type { ColumnTargets } from "./point_columns.ts";
import { strideOf } from "./rows.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { MOST_MEMBERS, surfaceOffsets } from "./surface_offsets.ts";

type Vector = readonly [number, number, number];
/** What offsets are made of; four floats a point. */
interface Scene {
  readonly points: Float32Array<ArrayBuffer>;
  readonly ownNormals: Float32Array<ArrayBuffer>;
  readonly surface: Float32Array<ArrayBuffer>;
  readonly normals: Float32Array<ArrayBuffer>;
  readonly motions: Float32Array<ArrayBuffer>;
  readonly nearest: Uint32Array<ArrayBuffer>;
  readonly members: number;
  readonly cap: number;
}

const NONE = 0xffffffff;
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const at = (values: Float32Array, i: number): Vector => [values[4 * i], values[4 * i + 1], values[4 * i + 2]];

/** The definition, in float64: offsets and tilt of point i; `certain` is false where rounding decides which of two offsets it is. */
function reference(scene: Scene, i: number) {
  const { surface, normals, motions, nearest, members, cap } = scene, certain: boolean[] = [], tilts: number[] = [];
  const offsets = Array.from({ length: members }, (_, j) => {
    const q = nearest[i * members + j];
    certain.push(true);
    if (q === NONE) {
      tilts.push(1);
      return cap;
    }
    const rows = [0, 1, 2].map((row) => motions.subarray(16 * j + 4 * row, 16 * j + 4 * row + 4));
    const turned = rows.map((row) => dot(row, at(scene.ownNormals, i))), n = at(normals, q);
    const away = rows.map((row, axis) => dot(row, at(scene.points, i)) + row[3] - surface[4 * q + axis]);
    tilts.push(1 - Math.min(1, Math.abs(dot(turned, n))));
    const along = dot(away, n), distance = Math.sqrt(dot(away, away));
    if (distance <= cap * (1 + 1e-4)) certain[j] = distance <= cap * (1 - 1e-4);
    else if (Math.abs(along) < 1e-8) certain[j] = false;
    return distance > cap ? (along < 0 ? -cap : cap) : Math.max(-cap, Math.min(cap, along));
  });
  tilts.sort((a, b) => a - b);
  return { offsets, certain, tilt: (tilts[(members - 1) >> 1] + tilts[members >> 1]) / 2 };
}

/** Points with normals within a centimetre and 60 surface points; one place in eight has no nearest point. */
function randomScene(count: number, members: number): Scene {
  const random = randomStream(members, "surface-offsets"), motions = new Float32Array(16 * members).fill(9);
  const cloud = (n: number) =>
    Float32Array.from({ length: 4 * n }, (_, i) => i % 4 === 3 ? 0 : 0.01 * (random.uniform() - 0.5));
  const directions = (n: number) => {
    const values = new Float32Array(4 * n);
    for (let i = 0; i < n; i++) {
      const v = [random.normal(), random.normal(), random.normal()], length = Math.hypot(...v);
      values.set(v.map((c) => c / length), 4 * i);
    }
    return values;
  };
  for (let j = 0; j < members; j++) {
    const c = Math.cos(j / 3), s = Math.sin(j / 3);
    motions.set([c, -s, 0, 1e-4 * j, s, c, 0, -2e-4, 0, 0, 1, 5e-4], 16 * j);
  }
  const points = cloud(count), ownNormals = directions(count), surface = cloud(60), normals = directions(60);
  const nearest = Uint32Array.from(
    { length: count * members },
    () => random.integer(8) === 0 ? NONE : random.integer(60),
  );
  return { points, ownNormals, surface, normals, motions, nearest, members, cap: 0.005 };
}

/** The scene on the GPU. */
function upload(gpu: Gpu, scene: Scene) {
  const owned = new DisposableStack(), { members } = scene, total = scene.surface.length / 4;
  const targets: ColumnTargets = {
    points: owned.use(gpu.upload("f32", scene.surface)),
    normals: owned.use(gpu.upload("f32", scene.normals)),
    starts: owned.use(gpu.zeros("u32", 2 * members)), // the offsets' search is done
    targets: members,
    shape: { least: [0, 0], side: 1, across: 1 },
    total,
    most: total,
    [Symbol.dispose]: () => {},
  };
  return {
    points: { values: owned.use(gpu.upload("f32", scene.points)), count: scene.points.length / 4 },
    ownNormals: owned.use(gpu.upload("f32", scene.ownNormals)),
    targets,
    motions: owned.use(gpu.upload("f32", scene.motions)),
    nearest: owned.use(gpu.upload("u32", scene.nearest)),
    cap: scene.cap,
    [Symbol.dispose]: () => owned.dispose(),
  };
}

for (const members of [1, 2, 3, 4, 7, MOST_MEMBERS]) { // odd and even medians; the tilt within and at the start of a quad
  gpuTest(`surfaceOffsets() equals float64 for ${members} members`, async (gpu) => {
    const count = 130, scene = randomScene(count, members), stride = strideOf(members + 1);
    using operands = upload(gpu, scene), found = surfaceOffsets(gpu, operands);
    deepEqual([found.count, found.columns, found.stride], [count, members + 1, stride]);
    const got = await gpu.read(found.values);
    // coordinates up to 0.012 m are moved and subtracted, 6 roundings each, then dotted: 12 in all a term; tilts likewise, of numbers up to 1
    const bound = 3 * 12 * 2 ** -24 * 0.012, tiltBound = 3 * 12 * 2 ** -24;
    let certain = 0;
    for (let i = 0; i < count; i++) {
      const want = reference(scene, i);
      want.offsets.forEach((offset, j) => {
        if (!want.certain[j]) return;
        certain++;
        ok(
          Math.abs(got[i * stride + j] - offset) <= bound,
          `point ${i}, member ${j}: ${got[i * stride + j]}, not ${offset}`,
        );
      });
      const tilt = got[i * stride + members];
      ok(Math.abs(tilt - want.tilt) <= tiltBound, `tilt of point ${i}: ${tilt}, not ${want.tilt}`);
      for (let c = members + 1; c < stride; c++) equal(got[i * stride + c], 0);
    }
    ok(certain > 0.99 * count * members, `${certain} offsets could be told`);
  });
}

gpuTest("surfaceOffsets() cuts, keeps the side, and takes what was not found for far above", async (gpu) => {
  const up = [0, 0, 1, 0], z = [0.25, -0.25, 2, -2, 0.5, 0.25]; // metres above the only surface point; the fifth lies beside it
  const scene: Scene = {
    points: Float32Array.from(z.flatMap((height, i) => [i === 4 ? 3 : 0, 0, height, 0])),
    ownNormals: Float32Array.from([...up, ...up.map((v) => -v), 1, 0, 0, 0, 0, 0.5, 0.5, 0, ...up, ...up]),
    surface: new Float32Array(4),
    normals: Float32Array.from(up),
    motions: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0),
    nearest: Uint32Array.of(0, 0, 0, 0, 0, NONE),
    members: 1,
    cap: 1,
  };
  using operands = upload(gpu, scene), found = surfaceOffsets(gpu, operands);
  const got = await gpu.read(found.values), column = (c: number) => z.map((_, i) => got[4 * i + c]);
  deepEqual(column(0), [0.25, -0.25, 1, -1, 1, 1]);
  deepEqual(column(1), [0, 0, 1, 0.5, 0, 1]);
});

gpuTest("surfaceOffsets() refuses targets without normals, too many members and short lists", (gpu) => {
  using operands = upload(gpu, randomScene(5, 3)), short = gpu.zeros("u32", 14), few = gpu.zeros("f32", 16);
  const { targets } = operands,
    refused = [
      { targets: { ...targets, normals: undefined } },
      { targets: { ...targets, targets: 0 } },
      { targets: { ...targets, targets: MOST_MEMBERS + 1 } },
      { nearest: short },
      { ownNormals: few },
    ];
  for (const wrong of refused) throws(() => surfaceOffsets(gpu, { ...operands, ...wrong }), ShapeMismatch);
});
