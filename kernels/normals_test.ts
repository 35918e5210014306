import { deepEqual, ok, throws } from "node:assert/strict";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { nearestNeighbours } from "./nearest_neighbours.ts";
import { normals, type Orientation } from "./normals.ts";
import { defineKernel, type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { acosSnippet } from "./snippets/acos.ts";
import { symmetricEigenSnippet } from "./snippets/symmetric_eigen.ts";

/** Rows of three as rows of four. */
function padded(values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length / 3 * 4);
  for (let i = 0; i < values.length; i++) out[4 * Math.floor(i / 3) + i % 3] = values[i];
  return out;
}

async function estimate(
  gpu: Gpu,
  points: Float32Array<ArrayBuffer>,
  k: number,
  orient: Orientation,
  first?: number,
  count?: number,
) {
  using values = gpu.upload("f32", points);
  const cloud = { values, count: points.length / 4 };
  using neighbours = nearestNeighbours(gpu, { cloud, k: Math.max(k, 10), first, count });
  using eigenvalues = gpu.buffer("f32", 4 * neighbours.count);
  using found = normals(gpu, { cloud, neighbours, k, orient, eigenvalues });
  using plain = normals(gpu, { cloud, neighbours, k, orient });
  const [n, e, p] = await Promise.all([gpu.read(found), gpu.read(eigenvalues), gpu.read(plain)]);
  deepEqual(p, n);
  return { normals: n, eigenvalues: e };
}

for (const name of ["sphere", "corner", "real"]) {
  const at = (part: string) => sharedData(`golden/features/normals_${name}_${part}.npy`);
  gpuTest(`normals() has Open3D's normals, signs and eigenvalues: ${name}`, async (gpu) => {
    const points = padded(readArray(at("points")!)),
      wanted = readArray(at("open3d")!),
      values = readArray(at("eigenvalues")!);
    const mask = readArray(at("mask")!), n = mask.length;
    const found = await estimate(gpu, points, 30, "none");
    let same = 0, used = 0, worst = 0;
    for (let i = 0; i < n; i++) {
      for (let c = 0; c < 3; c++) {
        ok(
          Math.abs(found.eigenvalues[4 * i + c] - values[3 * i + c]) <= 1e-4 * values[3 * i + 2],
          `eigenvalue ${c} of ${i}`,
        );
      }
      if (mask[i] !== 1) continue;
      used++;
      let dot = 0;
      for (let c = 0; c < 3; c++) dot += found.normals[4 * i + c] * wanted[3 * i + c];
      if (dot > 0) same++;
      const cross = [0, 1, 2].map((c) => {
        const d = (c + 1) % 3, e = (c + 2) % 3;
        return found.normals[4 * i + d] * wanted[3 * i + e] - found.normals[4 * i + e] * wanted[3 * i + d];
      });
      worst = Math.max(worst, Math.asin(Math.min(1, Math.hypot(...cross))) * 180 / Math.PI);
    }
    ok(worst < 0.05, `${worst} degrees`);
    ok(same >= 0.999 * used, `${used - same} of ${used} signs differ`);
  }, { ignore: !at("points") });
}

gpuTest("normals() turns to the sensor when asked, and answers for a piece of the cloud", async (gpu) => {
  const points = new Float32Array(4 * 2000);
  for (let i = 0; i < 2000; i++) {
    points.set([0.1 * Math.sin(i), 0.1 * Math.cos(1.7 * i), 0.6 + 0.02 * Math.sin(31 * i)], 4 * i);
  }
  const whole = await estimate(gpu, points, 12, "sensor"), free = await estimate(gpu, points, 12, "none");
  let turned = 0;
  for (let i = 0; i < 2000; i++) {
    let toward = 0, same = 0;
    for (let c = 0; c < 3; c++) {
      toward += whole.normals[4 * i + c] * points[4 * i + c];
      same += whole.normals[4 * i + c] * free.normals[4 * i + c];
    }
    ok(toward <= 1e-7, `point ${i} looks away`);
    ok(Math.abs(Math.abs(same) - 1) < 1e-6);
    if (same < 0) turned++;
  }
  ok(turned > 0 && turned < 2000);
  const piece = await estimate(gpu, points, 12, "sensor", 1234, 50);
  deepEqual(piece.normals, whole.normals.slice(4 * 1234, 4 * 1284));
});

gpuTest("normals() gives (0, 0, 1) to two points, to points in one place, and the axis of a plane", async (gpu) => {
  const two = await estimate(gpu, padded([1, 2, 3, 4, 5, 6]), 10, "none");
  deepEqual([...two.normals], [0, 0, 1, 0, 0, 0, 1, 0]);
  deepEqual([...two.eigenvalues], [1, 1, 1, 0, 1, 1, 1, 0]);
  const one = await estimate(gpu, padded(new Float32Array(36).fill(0.3)), 10, "none");
  for (let i = 0; i < 12; i++) deepEqual([...one.normals.slice(4 * i, 4 * i + 4)], [0, 0, 1, 0]);
  for (let axis = 0; axis < 3; axis++) { // a cross in a plane of two axes: the covariance is diagonal
    const shape = [[0, 0], [1, 0], [-1, 0], [0, 2], [0, -2]].map(([a, b]) => {
      const p = [0, 0, 0];
      p[(axis + 1) % 3] = a;
      p[(axis + 2) % 3] = b;
      return p;
    });
    const { normals: n } = await estimate(gpu, padded(shape.flat()), 10, "none");
    deepEqual([...n.slice(0, 3)], [0, 1, 2].map((c) => c === axis ? 1 : 0));
  }
});

gpuTest("normals() refuses more neighbours than were searched", (gpu) => {
  using values = gpu.zeros("f32", 40);
  const cloud = { values, count: 10 };
  using neighbours = nearestNeighbours(gpu, { cloud, k: 5 });
  throws(() => normals(gpu, { cloud, neighbours, k: 6, orient: "none" }), ShapeMismatch);
});

const arcs = defineKernel({
  name: "arcs",
  workgroup: 64,
  snippets: [acosSnippet, symmetricEigenSnippet],
  bindings: { input: "read f32", output: "read_write vec4f" },
  sizes: { count: "u32" },
  wgsl: /* wgsl */ `
    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= sizes.count) { return; }
      let x = input[thread.x];
      let third = (1.0 + x) * 0.5235987755982988;
      output[thread.x] = vec4f(acosExact(x), cosineExact(third), sineExact(third), 0.0);
    }`,
});

gpuTest("acosExact(), cosineExact() and sineExact() are within 3e-7 of float64", async (gpu) => {
  const x = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) / 2000);
  using input = gpu.upload("f32", x), output = gpu.buffer("f32", 4 * x.length);
  arcs.dispatch(gpu, { buffers: { input, output }, sizes: { count: x.length }, constants: {}, threads: x.length });
  const got = await gpu.read(output);
  x.forEach((v, i) => {
    const third = (1 + v) * Math.PI / 6;
    [Math.acos(v), Math.cos(third), Math.sin(third)].forEach((want, c) => {
      ok(Math.abs(got[4 * i + c] - want) < 3e-7 * Math.max(1, want), `${c} of ${v}: ${got[4 * i + c]}, not ${want}`);
    });
  });
});

/** The values of an array file. */
const readArray = (path: string) => readNpy(Deno.readFileSync(path)).values;
