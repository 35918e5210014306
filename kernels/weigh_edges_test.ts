import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { reals } from "./nearest_row_reference.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";
import { weighEdges, weighEdgesGradient } from "./weigh_edges.ts";

interface Case {
  readonly logits: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly columns: number;
  readonly k: number;
}

/** Where edge m of a place and column stands, for all m. */
const edgesAt = (at: number, { columns, k }: Case) => {
  const edge = Math.floor(at / columns), first = edge - edge % k;
  return Array.from({ length: k }, (_, m) => (first + m) * columns + at % columns);
};

/** The definition, in float64. */
function forward(of: Case): Float64Array {
  return Float64Array.from(of.logits, (a, at) => {
    const all = edgesAt(at, of).map((e) => of.logits[e]), top = Math.max(...all);
    return of.values[at] * Math.exp(a - top) / all.reduce((sum, b) => sum + Math.exp(b - top), 0);
  });
}

/** The derivative of Σ up · result by one of its operands, by central differences in float64: that of one number needs its own place only. */
function gradient(of: Case, up: ArrayLike<number>, operand: "logits" | "values"): Float64Array {
  const step = 1e-5;
  return Float64Array.from(of[operand], (_, at) => {
    const edges = edgesAt(at, of);
    const loss = (by: number) => {
      const part = {
        logits: edges.map((e) => of.logits[e]),
        values: edges.map((e) => of.values[e]),
        columns: 1,
        k: of.k,
      };
      part[operand][edges.indexOf(at)] += by;
      return forward(part).reduce((sum, q, m) => sum + q * up[edges[m]], 0);
    };
    return (loss(step) - loss(-step)) / (2 * step);
  });
}

async function run(gpu: Gpu, { logits, values, columns, k }: Case) {
  using a = uploadRows(gpu, logits, columns), v = uploadRows(gpu, values, columns);
  using weighed = weighEdges(gpu, { logits: a, values: v, k });
  deepEqual([weighed.count, weighed.columns, weighed.stride], [a.count / k, k * columns, k * columns]);
  return await gpu.read(weighed.values);
}

async function runGradient(gpu: Gpu, up: ArrayLike<number>, { logits, values, columns, k }: Case) {
  using a = uploadRows(gpu, logits, columns),
    v = uploadRows(gpu, values, columns),
    upstream = uploadRows(gpu, up, k * columns);
  using found = weighEdgesGradient(gpu, { upstream, logits: a, values: v, k });
  deepEqual([found.logits.count, found.logits.columns, found.values.count, found.values.columns], [
    a.count,
    columns,
    a.count,
    columns,
  ]);
  return { logits: await gpu.read(found.logits.values), values: await gpu.read(found.values.values) };
}

/** The golden values' measure of error: max |a − b| / max |b|. */
function isNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  equal(got.length, want.length);
  const most = Math.max(...Array.from(want, Math.abs)),
    off = Math.max(...Array.from(want, (w, i) => Math.abs(got[i] - w)));
  ok(off <= tolerance * most, `off by ${off / most} of the largest`);
}

for (const [places, k, columns] of [[1, 1, 4], [7, 3, 8], [65, 10, 4], [30, 16, 12], [100, 10, 64]] as const) {
  gpuTest(`weighEdges() and its gradient equal float64 on ${places} × ${k} × ${columns}`, async (gpu) => {
    const length = places * k * columns;
    const of = { logits: reals(length, 1).map((a) => 4 * a), values: reals(length, 2), columns, k },
      up = reals(length, 3);
    isNear(await run(gpu, of), forward(of), 2e-6);
    const found = await runGradient(gpu, up, of);
    isNear(found.values, gradient(of, up, "values"), 5e-6);
    if (k > 1) isNear(found.logits, gradient(of, up, "logits"), 5e-6);
    else deepEqual([...found.logits], new Array(length).fill(0)); // one edge has all the weight
  });
}

gpuTest("weighEdges() takes logits of any size, and halves for two equal ones", async (gpu) => {
  const logits = [1e30, 100, -1e30, -200, 1e30, 200, -1e30, -200], values = [2, 3, 4, 5, 6, 7, 8, 9]; // two edges of four columns
  deepEqual([...await run(gpu, { logits, values, columns: 4, k: 2 })], [1, 0, 2, 2.5, 3, 7, 4, 4.5]);
  const found = await runGradient(gpu, [1, 1, 1, 1, 0, 0, 0, 0], { logits, values, columns: 4, k: 2 });
  deepEqual([...found.values], [0.5, 0, 0.5, 0.5, 0, 0, 0, 0]);
  deepEqual([...found.logits], [0.5, 0, 1, 1.25, -0.5, 0, -1, -1.25]);
});

gpuTest("weighEdges() and its gradient refuse what does not fit", (gpu) => {
  using logits = uploadRows(gpu, new Float32Array(48), 4), values = uploadRows(gpu, new Float32Array(48), 8);
  using odd = uploadRows(gpu, new Float32Array(30), 5), many = uploadRows(gpu, new Float32Array(68), 4);
  throws(() => weighEdges(gpu, { logits, values, k: 2 }), ShapeMismatch);
  throws(() => weighEdges(gpu, { logits, values: logits, k: 5 }), ShapeMismatch);
  throws(() => weighEdges(gpu, { logits: odd, values: odd, k: 2 }), ShapeMismatch);
  throws(() => weighEdges(gpu, { logits: many, values: many, k: 17 }), ShapeMismatch);
  throws(() => weighEdgesGradient(gpu, { upstream: logits, logits, values: logits, k: 2 }), ShapeMismatch);
});

const ops = sharedData("golden/reconstruction/ops");

gpuTest("weighEdges() of ones has the golden softmax and its gradient", async (gpu) => {
  const golden = (name: string) => readNpy(readFileSync(`${ops}/softmax_k/${name}.npy`));
  const { shape: [clouds, channels, n, k] } = golden("in_x"), columns = Math.ceil(channels / 4) * 4;
  const edges = (name: string) => { // columns past the channels are 0
    const { values } = golden(name), rows = new Float32Array(clouds * n * k * columns);
    values.forEach((value, at) => {
      const edge = at % (n * k), c = Math.floor(at / (n * k)) % channels, b = Math.floor(at / (n * k * channels));
      rows[(b * n * k + edge) * columns + c] = value;
    });
    return rows;
  };
  const inChannels = (rows: Float32Array) => rows.filter((_, at) => at % columns < channels);
  const of = { logits: edges("in_x"), values: new Float32Array(clouds * n * k * columns).fill(1), columns, k };
  isNear(inChannels(await run(gpu, of)), inChannels(edges("out")), 2e-6);
  isNear((await runGradient(gpu, edges("up"), of)).logits, edges("grad_x"), 5e-6);
}, { ignore: !ops });
