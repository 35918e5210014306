import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { edgeDifferences, edgeDifferencesGradient } from "./edge_differences.ts";
import { inverseNeighbours } from "./inverse_neighbours.ts";
import { integers, reals } from "./nearest_row_reference.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

interface Graph {
  readonly neighbours: Uint32Array<ArrayBuffer>;
  readonly k: number;
}
interface Operands extends Graph {
  readonly near: Float32Array<ArrayBuffer>;
  readonly own: Float32Array<ArrayBuffer>;
  readonly columns: number;
}

/** Any numbers of rows; some rows end many edges and some none. */
const graph = (count: number, k: number): Graph => ({
  neighbours: Uint32Array.from(
    { length: count * k },
    (_, e) => (Math.imul(e + 1, 2654435761) >>> 8) % Math.ceil(count / 2),
  ),
  k,
});

/** The definition, in float64. */
function forward({ near, own, neighbours, k, columns }: Operands): Float64Array {
  return Float64Array.from({ length: neighbours.length * columns }, (_, at) => {
    const edge = Math.floor(at / columns), c = at % columns, i = Math.floor(edge / k);
    const added = own[own.length === columns ? c : i * columns + c];
    return near[neighbours[edge] * columns + c] - near[i * columns + c] + added;
  });
}

/** Runs a kernel and gives its rows without padding, which must be 0. */
async function unpadded(gpu: Gpu, { values, count, columns, stride }: ReturnType<typeof edgeDifferences>) {
  const padded = await gpu.read(values), rows = new Float32Array(count * columns);
  padded.forEach((value, at) => {
    const c = at % stride;
    if (c < columns) rows[Math.floor(at / stride) * columns + c] = value;
    else equal(value, 0, `padding at ${at}`);
  });
  return rows;
}

async function run(gpu: Gpu, { near, own, neighbours, k, columns }: Operands) {
  using a = uploadRows(gpu, near, columns), b = uploadRows(gpu, own, columns), list = gpu.upload("u32", neighbours);
  using edges = edgeDifferences(gpu, { near: a, own: b, neighbours: list, k });
  deepEqual([edges.count, edges.columns], [neighbours.length, columns]);
  return await unpadded(gpu, edges);
}

async function runGradient(gpu: Gpu, up: ArrayLike<number>, { neighbours, k }: Graph, columns: number) {
  using upstream = uploadRows(gpu, up, columns), list = gpu.upload("u32", neighbours);
  using inverse = inverseNeighbours(gpu, { neighbours: list, rows: neighbours.length / k });
  using gradient = edgeDifferencesGradient(gpu, { upstream, inverse, k });
  return { near: await unpadded(gpu, gradient.near), own: await unpadded(gpu, gradient.own) };
}

for (const [count, k, columns] of [[1, 1, 1], [13, 3, 5], [64, 4, 4], [300, 10, 64], [41, 17, 6]] as const) {
  for (const isBias of [false, true]) {
    gpuTest(
      `edgeDifferences() equals the definition on ${count} × ${k} × ${columns}${isBias ? ", a bias" : ""}`,
      async (gpu) => {
        const near = integers(count * columns, 1),
          own = integers((isBias ? 1 : count) * columns, 9),
          of = graph(count, k);
        deepEqual([...await run(gpu, { near, own, columns, ...of })], [...forward({ near, own, columns, ...of })]); // whole numbers are exact
        const x = reals(count * columns, 2), y = reals((isBias ? 1 : count) * columns, 3);
        const want = forward({ near: x, own: y, columns, ...of });
        (await run(gpu, { near: x, own: y, columns, ...of })).forEach((e, at) => {
          ok(Math.abs(e - want[at]) <= 5 * 2 ** -24, `${at}: ${e}, not ${want[at]}`); // two roundings of numbers below 2 and 3
        });
      },
    );
  }

  gpuTest(`edgeDifferencesGradient() equals the definition's on ${count} × ${k} × ${columns}`, async (gpu) => {
    const of = graph(count, k),
      up = integers(count * k * columns, 4),
      { near, own } = await runGradient(gpu, up, of, columns);
    // the result is linear in both: its derivative by one number is the difference that the number alone makes
    const none = new Float32Array(count * columns);
    const product = (operands: Pick<Operands, "near" | "own">) =>
      forward({ ...operands, ...of, columns }).reduce((sum, e, at) => sum + e * up[at], 0);
    const sampled = Math.max(1, Math.floor(count * columns / 40));
    for (let at = 0; at < count * columns; at += sampled) {
      const one = none.slice();
      one[at] = 1;
      equal(near[at], product({ near: one, own: none }), `near ${at}`);
      equal(own[at], product({ near: none, own: one }), `own ${at}`);
    }
  });
}

gpuTest("edgeDifferencesGradient() sums a row at which all edges end, the same at every run", async (gpu) => {
  const count = 7000, k = 10, columns = 4, of = { neighbours: new Uint32Array(count * k).fill(3), k };
  of.neighbours.fill(4, 0, 20_000); // 50,000 edges end at row 3
  const up = reals(count * k * columns, 5), first = await runGradient(gpu, up, of, columns);
  let sum = 0;
  for (let e = 20_000; e < count * k; e++) sum += up[e * columns + 1];
  for (let e = 30; e < 40; e++) sum -= up[e * columns + 1];
  ok(Math.abs(first.near[3 * columns + 1] - sum) <= 50_000 * 2 ** -24 * 300, `${first.near[13]}, not ${sum}`); // partial sums stay below 300
  deepEqual(await runGradient(gpu, up, of, columns), first);
});

gpuTest("edgeDifferences() and its gradient refuse what does not fit", (gpu) => {
  using near = uploadRows(gpu, new Float32Array(12), 3), own = uploadRows(gpu, new Float32Array(9), 3);
  using other = uploadRows(gpu, new Float32Array(16), 4), neighbours = gpu.upload("u32", new Uint32Array(8));
  using inverse = inverseNeighbours(gpu, { neighbours, rows: 4 });
  throws(() => edgeDifferences(gpu, { near, own, neighbours, k: 2 }), ShapeMismatch);
  throws(() => edgeDifferences(gpu, { near, own: other, neighbours, k: 2 }), ShapeMismatch);
  throws(() => edgeDifferences(gpu, { near, own: near, neighbours, k: 3 }), ShapeMismatch);
  throws(() => edgeDifferencesGradient(gpu, { upstream: near, inverse, k: 2 }), ShapeMismatch);
});

const ops = sharedData("golden/reconstruction/ops");
const golden = (name: string) => readNpy(readFileSync(`${ops}/${name}.npy`));

/** `[B, C, …]` as rows of C numbers. */
function rowsOf(name: string, first = 0, last = Infinity): Float32Array<ArrayBuffer> {
  const { shape: [clouds, channels, ...rest], values } = golden(name), places = rest.reduce((a, b) => a * b, 1);
  const columns = Math.min(channels, last) - first;
  return Float32Array.from({ length: clouds * places * columns }, (_, at) => {
    const c = first + at % columns, p = Math.floor(at / columns) % places, b = Math.floor(at / columns / places);
    return values[(b * channels + c) * places + p];
  });
}

/** Numbers of golden neighbours, counted through all clouds. */
function goldenGraph(name: string): Graph {
  const { shape: [, n, k], values } = golden(name);
  return { neighbours: Uint32Array.from(values, (j, at) => j + n * Math.floor(at / (n * k))), k };
}

/** The golden values' measure of error: max |a − b| / max |b|. */
function isNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  equal(got.length, want.length);
  const most = Math.max(...Array.from(want, Math.abs)),
    off = Math.max(...Array.from(want, (w, i) => Math.abs(got[i] - w)));
  ok(off / most <= tolerance, `off by ${off / most}`);
}

gpuTest("edgeDifferences() has the golden edge features and their gradient", async (gpu) => {
  const of = goldenGraph("edge_features/idx_nbr"),
    x = rowsOf("edge_features/in_x"),
    columns = golden("edge_features/in_x").shape[1];
  // features are [X_i; X_j − X_i]; the gradient of the first half falls to X_i as that of `own` does
  const d = await run(gpu, { near: x, own: new Float32Array(columns), columns, ...of });
  isNear(d, rowsOf("edge_features/out", columns), 2e-6);
  const ofCentre = await runGradient(gpu, rowsOf("edge_features/up", 0, columns), of, columns);
  const ofEdge = await runGradient(gpu, rowsOf("edge_features/up", columns), of, columns);
  isNear(ofEdge.near.map((g, i) => g + ofCentre.own[i]), rowsOf("edge_features/grad_x"), 2e-6);
}, { ignore: !ops });

gpuTest("edgeDifferences() of split products is the golden convolution of edge features", async (gpu) => {
  const of = goldenGraph("conv_edge_split/idx_nbr"),
    x = rowsOf("conv_edge_split/in_x"),
    inputs = golden("conv_edge_split/in_x").shape[1];
  const w = golden("conv_edge_split/in_w").values,
    b = golden("conv_edge_split/in_b").values,
    columns = b.length,
    places = x.length / inputs;
  const product = (part: number, i: number, o: number) => {
    let sum = part === 0 ? b[o] : 0;
    for (let c = 0; c < inputs; c++) sum += w[o * 2 * inputs + part * inputs + c] * x[i * inputs + c];
    return sum;
  };
  const all = (part: number) =>
    Float32Array.from({ length: places * columns }, (_, at) => product(part, Math.floor(at / columns), at % columns));
  const out = await run(gpu, { near: all(1), own: all(0), columns, ...of });
  isNear(out, rowsOf("conv_edge_split/out"), 2e-6);
  const { near, own } = await runGradient(gpu, rowsOf("conv_edge_split/up"), of, columns);
  const gradient = Float64Array.from(x, (_, at) => {
    const i = Math.floor(at / inputs), c = at % inputs;
    let sum = 0;
    for (let o = 0; o < columns; o++) {
      sum += w[o * 2 * inputs + c] * own[i * columns + o] + w[o * 2 * inputs + inputs + c] * near[i * columns + o];
    }
    return sum;
  });
  isNear(gradient, rowsOf("conv_edge_split/grad_x"), 5e-6);
}, { ignore: !ops });
