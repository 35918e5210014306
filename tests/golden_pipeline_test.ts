/** The whole feature branch against values that Open3D, NumPy and Pillow gave for real scans. @module */
import { deepEqual, equal, ok } from "node:assert/strict";
import {
  createRun,
  type ModelFolder,
  prepare,
  type Prepared,
  preparePresets,
  readScan,
  type Run,
  type ScanSource,
  type Tensor,
} from "../core/mod.ts";
import { readNpy } from "../formats/mod.ts";
import {
  type Gpu,
  greedyCoreset,
  nearestNeighbours,
  nearestRow,
  normals,
  poolPatches,
  type Rows,
  uploadRows,
} from "../kernels/mod.ts";
import { collectRows } from "../plugins/patchcore/collect.ts";
import { bankPresets } from "../plugins/patchcore/options.ts";
import { type HostBank, reweightedScore } from "../plugins/patchcore/scan_score.ts";
import { fpfh, fpfhExtractor } from "../plugins/mod.ts";
import { gpuTest } from "../testing/mod.ts";
import { sharedData } from "./shared_data.ts";

const ignore = !sharedData("golden/features/pipe_open3d_bank.npy") || !sharedData("data/mvtec3d/cable_gland");
const TRAIN = ["000", "013", "026", "039", "052", "065", "078", "091"];
const TESTS = { bent005: "bent/xyz/005", hole008: "hole/xyz/008", good003: "good/xyz/003" } as const;
const COLUMNS = 33, CELLS = 28, SIZE = 224;

/** The golden data's names of the two ways to point normals, and ours. */
const VARIANTS = { open3d: "none", camera: "sensor" } as const;
type Variant = keyof typeof VARIANTS;
const VARIANT_NAMES = Object.keys(VARIANTS) as Variant[];
type ScanName = keyof typeof TESTS;
const SCAN_NAMES = Object.keys(TESTS) as ScanName[];

/** From the golden README: score and largest distance of each scan against the golden bank. */
const SCORES: Readonly<Record<ScanName, Readonly<Record<Variant, readonly [score: number, distance: number]>>>> = {
  bent005: { open3d: [39.3128, 43.5459], camera: [55.8149, 59.1423] },
  hole008: { open3d: [30.3832, 35.0278], camera: [36.9402, 37.5875] },
  good003: { open3d: [34.8002, 35.1388], camera: [28.3505, 31.4202] },
};

const golden = async (name: string) =>
  readNpy(await Deno.readFile(sharedData(`golden/features/pipe_${name}.npy`)!)).values;
const goldenRows = async (name: string) => await golden(name) as Float32Array;

async function prepared(name: string, path: string, run: Run): Promise<Prepared> {
  const bytes = await Deno.readFile(sharedData(`data/mvtec3d/cable_gland/${path}.tiff`)!);
  return prepare(await readScan(name, bytes), preparePresets.reference, run);
}

const optionsOf = (variant: Variant) => ({
  ...bankPresets.reference,
  descriptor: { ...fpfh.presets.reference, orient: VARIANTS[variant] },
});

/** The pooled rows of one scan: what the bank is made of. */
async function patchRows(scan: Prepared, variant: Variant, run: Run): Promise<Rows> {
  using rows = await fpfh.describe(scan, optionsOf(variant).descriptor, run);
  return poolPatches(run.gpu, { rows, pointOf: scan.pointOf, size: SIZE, cells: CELLS, form: "zeros" });
}

/** The values without their padding. */
async function tight(gpu: Gpu, { values, count, columns, stride }: Rows): Promise<Float32Array> {
  const padded = await gpu.read(values, count * stride), rows = new Float32Array(count * columns);
  for (let row = 0; row < count; row++) {
    rows.set(padded.subarray(row * stride, row * stride + columns), row * columns);
  }
  return rows;
}

/** The largest difference, place by place. */
function worst(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  equal(ours.length, theirs.length);
  let most = 0;
  for (let i = 0; i < ours.length; i++) {
    const apart = Math.abs(ours[i] - theirs[i]);
    if (!(apart <= most)) most = apart; // a NaN stays
  }
  return most;
}

/** The part of a model that PatchCore keeps, with this bank. */
function folderOf(bank: Float32Array): ModelFolder {
  const tensor: Tensor = { shape: [bank.length / COLUMNS, COLUMNS], values: bank };
  return { tensor: () => tensor, has: () => true, putTensor: () => {}, facts: () => ({}), putFacts: () => {} };
}

/** The eight training scans, prepared once for all walks. */
async function trainScans(run: Run): Promise<ScanSource & Disposable> {
  using owned = new DisposableStack();
  const scans: Prepared[] = [];
  for (const name of TRAIN) scans.push(owned.use(await prepared(name, `train/good/xyz/${name}`, run)));
  const kept = owned.move();
  return {
    count: scans.length,
    names: TRAIN,
    async *walk() {
      yield* scans;
    },
    refuse: (_, error) => {
      throw error;
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
}

await gpuTest("fit as published picks the golden coreset, with either sign of the normals", async (gpu) => {
  const run = createRun(gpu);
  using train = await trainScans(run);
  for (const variant of VARIANT_NAMES) {
    const plan = { rowsPerScan: CELLS ** 2, columns: COLUMNS, mostRows: null, ratio: 0.1 };
    using rows = await collectRows(train, plan, (scan) => patchRows(scan, variant, run), run);
    equal(rows.count, 6272);
    using coreset = await greedyCoreset(gpu, { rows: rows.blocks, picks: 627, first: 0 });
    const ours = [...await gpu.read(coreset.indices)], theirs = [...await golden(`${variant}_coreset_index`)];
    deepEqual(ours.slice(0, 50), theirs.slice(0, 50), `${variant}: the first 50 picks`);
    const same = new Set(ours).intersection(new Set(theirs)).size;
    ok(ours.length === 627 && same >= 0.99 * 627, `${variant}: ${same} of 627 picks are the golden ones`);
    if (variant === "camera") continue;
    // the plugin as a whole keeps just these rows
    using fitted = await fpfhExtractor.fit(train, optionsOf(variant), run);
    const kept = new Map<string, Tensor>();
    await fitted.save({ ...folderOf(new Float32Array(0)), putTensor: (name, tensor) => void kept.set(name, tensor) });
    deepEqual(kept.get("bank"), { shape: [627, COLUMNS], values: await tight(gpu, coreset.rows) });
  }
}, { ignore });

for (const scan of SCAN_NAMES) {
  await gpuTest(`the patches, distances and maps of ${scan} are the golden ones`, async (gpu) => {
    const run = createRun(gpu);
    using ready = await prepared(scan, `test/${TESTS[scan]}`, run);
    for (const variant of VARIANT_NAMES) {
      const what = `${variant} ${scan}`, options = optionsOf(variant);
      using patches = await patchRows(ready, variant, run);
      const features = await tight(gpu, patches), theirs = await goldenRows(`${variant}_${scan}_features`);
      const apart = Array.from(
        { length: CELLS ** 2 },
        (_, row) =>
          worst(
            features.subarray(row * COLUMNS, (row + 1) * COLUMNS),
            theirs.subarray(row * COLUMNS, (row + 1) * COLUMNS),
          ),
      );
      ok(Math.max(...apart) <= 1, `${what}: a feature is off by ${Math.max(...apart)}`);
      const close = apart.filter((most) => most <= 0.1).length;
      ok(close >= 0.98 * CELLS ** 2, `${what}: only ${close} of 784 rows are within 0.1`);

      const bank = await goldenRows(`${variant}_bank`);
      using rows = uploadRows(gpu, bank, COLUMNS), found = nearestRow(gpu, { queries: patches, bank: rows });
      const distances = await gpu.read(found.distances), most = Math.max(...distances);
      const patch = worst(distances, await golden(`${variant}_${scan}_patch`));
      ok(patch <= 0.25, `${what}: a patch distance is off by ${patch}`);
      const [, largest] = SCORES[scan][variant];
      ok(Math.abs(most - largest) <= 0.25, `${what}: the largest distance is ${most}, not ${largest}`);

      const smoothing = variant === "open3d" ? "pillow" : "gaussian";
      using extractor = await fpfhExtractor.load(folderOf(bank), { ...options, smoothing }, run);
      const map = await extractor.score(ready, run);
      const [name, bound] = variant === "open3d" ? ["map", 0.4] as const : ["map_gauss", 0.15] as const;
      const off = worst(map.values, await golden(`${variant}_${scan}_${name}`));
      ok(off <= bound, `${what}: the map is off by ${off}`);
    }
  }, { ignore });

  await gpuTest(`the re-weighted score of ${scan} from golden patches and bank is the golden one`, async (gpu) => {
    for (const variant of VARIANT_NAMES) {
      const features = await goldenRows(`${variant}_${scan}_features`), values = await goldenRows(`${variant}_bank`);
      using queries = uploadRows(gpu, features, COLUMNS), bank = uploadRows(gpu, values, COLUMNS);
      using found = nearestRow(gpu, { queries, bank });
      const distances = await gpu.read(found.distances), indices = await gpu.read(found.indices);
      const farthest = distances.indexOf(Math.max(...distances));
      const host: HostBank = { values, count: values.length / COLUMNS, columns: COLUMNS, stride: COLUMNS };
      const patch = features.subarray(farthest * COLUMNS, (farthest + 1) * COLUMNS);
      const score = reweightedScore(host, patch, indices[farthest], distances[farthest]);
      const [wanted] = SCORES[scan][variant];
      ok(Math.abs(score - wanted) <= 1e-3, `${variant}: the score is ${score}, not ${wanted}`);
    }
  }, { ignore });
}

await gpuTest("the normals of bent005 are the golden ones, with their sign", async (gpu) => {
  const run = createRun(gpu);
  using ready = await prepared("bent005", `test/${TESTS.bent005}`, run);
  const cloud = { values: ready.points, count: ready.count };
  using neighbours = nearestNeighbours(gpu, { cloud, k: 30 });
  using buffer = normals(gpu, { cloud, neighbours, k: 30, orient: "none" });
  const ours = await gpu.read(buffer), theirs = await golden("bent005_normals");
  const at = new Map([...await golden("bent005_pixels")].map((pixel, row) => [pixel, row]));
  let compared = 0, sameSign = 0, widest = 0;
  ready.pixels.forEach((pixel, i) => {
    const row = at.get(pixel);
    if (row === undefined) return;
    const [x, y, z] = ours.subarray(4 * i, 4 * i + 3), [a, b, c] = theirs.subarray(3 * row, 3 * row + 3);
    const sine = Math.hypot(y * c - z * b, z * a - x * c, x * b - y * a); // the cosine cannot tell small angles in float32
    widest = Math.max(widest, Math.asin(Math.min(1, sine)) * 180 / Math.PI);
    compared++;
    if (x * a + y * b + z * c > 0) sameSign++;
  });
  ok(compared >= at.size - 5, `${compared} of ${at.size} pixels are ours too`);
  ok(widest < 0.05, `a normal is off by ${widest}°`);
  ok(sameSign >= 0.999 * compared, `${sameSign} of ${compared} have the golden sign`);
}, { ignore });
