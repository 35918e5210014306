import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { errorOf, goldenArray, goldenIsThere } from "../tests/golden_arrays.ts";
import { chamferTerm, gatherPull } from "./chamfer.ts";
import { markNearest } from "./mark_nearest.ts";
import { nearestPoints } from "./nearest_points.ts";
import { scattered } from "./nearest_row_reference.ts";
import { type Gpu, type GpuBuffer, ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

/** The places in `numbers` of each row, as starts and edges. */
function inverseOf(gpu: Gpu, numbers: ArrayLike<number>, rows: number) {
  const lists = Array.from({ length: rows }, (): number[] => []), starts = new Uint32Array(rows + 1);
  for (let e = 0; e < numbers.length; e++) lists[numbers[e]].push(e);
  lists.forEach((list, j) => starts[j + 1] = starts[j] + list.length);
  const owned = new DisposableStack();
  return {
    starts: owned.use(gpu.upload("u32", starts)),
    edges: owned.use(gpu.upload("u32", Uint32Array.from(lists.flat()))),
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** What a term is called with besides its clouds. */
interface Case {
  readonly form: "squared" | "norm";
  readonly dimensions: 2 | 3;
  readonly width: number;
  readonly hasKept: boolean;
  readonly mean: boolean;
}

/** The definition and its gradients, in float64; `sizesAtB` are sums of magnitudes, `longest` is the longest list. */
function reference(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  numbers: ArrayLike<number>,
  kept: ArrayLike<number> | undefined,
  { form, dimensions, width, mean }: Case,
  weight: number,
) {
  const count = a.length / 3, rows = Array.from({ length: count }, (_, i) => i).filter((i) => !kept || kept[i] !== 0);
  const share = mean ? weight / rows.length : weight;
  const atA = new Float64Array(a.length), atB = new Float64Array(b.length);
  const sizesAtB = new Float64Array(b.length), lists = new Uint32Array(b.length / 3);
  let loss = 0;
  for (const i of rows) {
    const j = numbers[i * width], d = [0, 1, 2].map((c) => c < dimensions ? a[3 * i + c] - b[3 * j + c] : 0);
    const square = d.reduce((sum, x) => sum + x * x, 0), norm = Math.sqrt(square);
    loss += share * (form === "norm" ? norm : square);
    d.forEach((x, c) => {
      const slope = share * (form === "norm" ? (norm > 0 ? x / norm : 0) : 2 * x);
      atA[3 * i + c] += slope;
      atB[3 * j + c] -= slope;
      sizesAtB[3 * j + c] += Math.abs(slope);
    });
    lists[j]++;
  }
  return { loss, atA, atB, sizesAtB, longest: Math.max(...lists) };
}

/** Rows of 3 must be within the bound of each number and have nothing but 0 behind them. */
async function near(gpu: Gpu, values: GpuBuffer<"f32">, want: ArrayLike<number>, bound: (at: number) => number) {
  const got = await gpu.read(values);
  equal(got.length, want.length / 3 * 4);
  got.forEach((v, i) => {
    if (i % 4 === 3) equal(v, 0);
    else {
      const at = Math.floor(i / 4) * 3 + i % 4;
      ok(Math.abs(v - want[at]) <= bound(at), `${at}: ${v}, not ${want[at]}`);
    }
  });
}

const cases: readonly Case[] = [
  { form: "squared", dimensions: 3, width: 1, hasKept: false, mean: true },
  { form: "norm", dimensions: 3, width: 1, hasKept: true, mean: true },
  { form: "squared", dimensions: 2, width: 5, hasKept: true, mean: false },
  { form: "norm", dimensions: 2, width: 2, hasKept: false, mean: false },
];

for (const [count, others] of [[1, 1], [17, 40], [2000, 300]] as const) { // around runs of 16
  for (const which of cases) {
    const { form, dimensions, width, hasKept, mean } = which;
    gpuTest(
      `chamferTerm() and gatherPull() equal float64 on ${count} to ${others}, ${JSON.stringify(which)}`,
      async (gpu) => {
        const a = scattered(3 * count, 1), b = scattered(3 * others, 2), weight = 0.7;
        a.set(b.subarray(0, 3)); // a distance of 0
        const numbers = Uint32Array.from({ length: count * width }, (_, i) => (i * i) % others);
        const flags = hasKept ? Uint32Array.from({ length: count }, (_, i) => i % 3 === 1 ? 0 : 1) : undefined;
        const want = reference(a, b, numbers, flags, which, weight);
        using rowsA = uploadRows(gpu, a, 3), rowsB = uploadRows(gpu, b, 3), indices = gpu.upload("u32", numbers);
        using into = gpu.upload("f32", Float32Array.of(5, 5)), inverse = inverseOf(gpu, numbers, others);
        using kept = flags && gpu.upload("u32", flags);
        using atA = chamferTerm(gpu, {
          a: rowsA,
          b: rowsB,
          indices,
          kept,
          form,
          dimensions,
          weight,
          mean,
          into,
          at: 1,
        });
        using atB = gatherPull(gpu, { gradients: atA, inverse, count: others });
        const losses = await gpu.read(into), most = Math.max(...want.atA.map(Math.abs));
        equal(losses[0], 5);
        const roundings = 2 * Math.max(16, Math.sqrt(count)) + 8; // of a sum by runs
        ok(
          Math.abs(losses[1] - 5 - want.loss) <= roundings * 2 ** -24 * (5 + want.loss),
          `${losses[1] - 5}, not ${want.loss}`,
        );
        // some ten roundings a gradient; a list adds one a term
        await near(gpu, atA.values, want.atA, () => 10 * 2 ** -24 * most);
        await near(gpu, atB.values, want.atB, (at) => (want.longest + 10) * 2 ** -24 * want.sizesAtB[at]);
      },
    );
  }
}

gpuTest("the float64 gradients that chamferTerm() is held to are those of the loss", () => {
  const a = [1, 2, 3, -1, 0.5, 2], b = [0, 1, 1, 4, 4, 4, 2, 0, 1], numbers = [2, 0], step = 1e-6;
  for (const which of cases) {
    const loss = (x: readonly number[], y: readonly number[]) =>
      reference(x, y, numbers, undefined, { ...which, width: 1 }, 0.7).loss;
    const { atA, atB } = reference(a, b, numbers, undefined, { ...which, width: 1 }, 0.7);
    const moved = (x: readonly number[], i: number, by: number) => x.map((v, j) => j === i ? v + by : v);
    atA.forEach((slope, i) =>
      ok(Math.abs((loss(moved(a, i, step), b) - loss(moved(a, i, -step), b)) / (2 * step) - slope) < 1e-8)
    );
    atB.forEach((slope, i) =>
      ok(Math.abs((loss(a, moved(b, i, step)) - loss(a, moved(b, i, -step))) / (2 * step) - slope) < 1e-8)
    );
  }
});

gpuTest("chamferTerm() gives 0 where none is kept, and passes by numbers that are none of b's", async (gpu) => {
  using a = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 3), b = uploadRows(gpu, [0, 0, 0], 3), into = gpu.zeros("f32", 2);
  using indices = gpu.upload("u32", Uint32Array.of(0, 0xffffffff)), kept = gpu.zeros("u32", 2);
  const term = { a, b, indices, form: "squared", dimensions: 3, weight: 1, into } as const;
  using none = chamferTerm(gpu, { ...term, kept, mean: true, at: 0 });
  using one = chamferTerm(gpu, { ...term, at: 1 });
  deepEqual([...await gpu.read(into)], [0, 14]);
  deepEqual([...await gpu.read(none.values)], [0, 0, 0, 0, 0, 0, 0, 0]);
  deepEqual([...await gpu.read(one.values)], [2, 4, 6, 0, 0, 0, 0, 0]);
});

gpuTest("gatherPull() adds lists that are longer than an invocation may take steps", async (gpu) => {
  const count = 70_000, gradient = Float32Array.from({ length: 3 * count }, (_, i) => i % 3); // whole numbers: sums are exact
  using gradients = uploadRows(gpu, gradient, 3), inverse = inverseOf(gpu, new Uint32Array(count).fill(1), 2);
  using pull = gatherPull(gpu, { gradients, inverse, count: 2 });
  deepEqual([...await gpu.read(pull.values)].map((v) => v + 0), [0, 0, 0, 0, 0, -count, -2 * count, 0]);
});

for (
  const [name, form, dimensions, k, mean] of [
    ["chamfer_sq_mean_3d", "squared", 3, 0, true],
    ["chamfer_norm_mean_3d", "norm", 3, 0, true],
    ["chamfer_sq_sum_xy_kmask5", "squared", 2, 5, false],
    ["chamfer_sq_mean_3d_kmask1", "squared", 3, 1, true],
    ["chamfer_norm_mean_3d_kmask5", "norm", 3, 5, true],
  ] as const
) {
  gpuTest(`two terms and their pulls equal the golden ${name}`, async (gpu) => {
    const golden = (array: string) => goldenArray(`ops/${name}/${array}`).values;
    using out = uploadRows(gpu, golden("in_out"), 3),
      scan = uploadRows(gpu, golden("in_scan"), 3),
      into = gpu.zeros("f32", 1);
    using ofOut = nearestPoints(gpu, { queries: out, points: scan, k: 1, dimensions });
    using ofScan = nearestPoints(gpu, { queries: scan, points: out, k: Math.max(1, k), dimensions });
    using around = nearestPoints(gpu, { queries: scan, points: out, k: Math.max(1, k) }); // the mask's are always in 3-D
    using kept = k > 0 ? markNearest(gpu, { indices: around.indices, count: out.count }) : undefined;
    const term = { form, dimensions, weight: 1, mean, into, at: 0 } as const;
    using towardsScan = chamferTerm(gpu, { ...term, a: out, b: scan, indices: ofOut.indices, kept });
    using towardsOut = chamferTerm(gpu, { ...term, a: scan, b: out, indices: ofScan.indices });
    using inverseOut = inverseOf(gpu, await gpu.read(ofOut.indices), scan.count);
    using inverseScan = inverseOf(gpu, await gpu.read(ofScan.indices), out.count); // of all k: the first of each counts
    using pullOnScan = gatherPull(gpu, { gradients: towardsScan, inverse: inverseOut, count: scan.count });
    using pullOnOut = gatherPull(gpu, { gradients: towardsOut, inverse: inverseScan, count: out.count });
    const [loss, atOut, atScan, onOut, onScan] = await Promise.all(
      [into, towardsScan.values, towardsOut.values, pullOnOut.values, pullOnScan.values].map((x) => gpu.read(x)),
    );
    const compare = (got: Float32Array, array: string) => ok(errorOf(got, golden(array)) <= 2e-6, array);
    const sum = (x: Float32Array, y: Float32Array) => x.map((v, i) => v + y[i]).filter((_, i) => i % 4 < 3);
    compare(loss, "out");
    compare(sum(atOut, onOut), "grad_out");
    compare(sum(atScan, onScan), "grad_scan");
  }, { ignore: !goldenIsThere });
}

gpuTest("chamferTerm() and gatherPull() refuse what doesn't fit", (gpu) => {
  using a = uploadRows(gpu, [1, 2, 3, 4, 5, 6], 3),
    none = uploadRows(gpu, [], 3),
    wide = uploadRows(gpu, [1, 2, 3, 4], 4);
  using indices = gpu.zeros("u32", 2), three = gpu.zeros("u32", 3), into = gpu.zeros("f32", 1);
  const term = { a, b: a, indices, form: "norm", dimensions: 3, weight: 1, into, at: 0 } as const;
  const bad = [{ b: none }, { b: wide }, { a: wide }, { indices: three }, { kept: three }, { at: 1 }, { at: -1 }];
  for (const wrong of bad) throws(() => chamferTerm(gpu, { ...term, ...wrong }), ShapeMismatch);
  const pull = { gradients: a, inverse: { starts: three, edges: indices }, count: 2 };
  for (const wrong of [{ count: 3 }, { inverse: { starts: three, edges: three } }]) {
    throws(() => gatherPull(gpu, { ...pull, ...wrong }), ShapeMismatch);
  }
});
