/** What both sides compute on: points and features of real scans, or of an invented surface where there is no data. @module */
import { prepare, resolveMethod, type Run } from "../../core/mod.ts";
import { type Dataset, listCategories, loadEntry, openDataset } from "../../evaluation/mod.ts";
import { diskStorage } from "../../host/mod.ts";
import { fpfhSizes } from "../../kernels/mod.ts";
import { builtIn } from "../../plugins/mod.ts";

/** A category on disk. */
export interface Category {
  readonly folder: string;
  readonly dataset: Dataset;
}

/** Points and rows, on the host and as raw float32 files for the other side. */
export interface Inputs {
  /** `count × 3`, metres. */
  readonly points: Matrix;
  /** FPFH of many points, `count × 33`. */
  readonly rows: Matrix;
  readonly queries: Matrix;
  readonly bank: Matrix;
  /** In words, for stderr. */
  readonly origin: string;
}

/** Tight rows in memory and in a file. */
export interface Matrix {
  readonly values: Float32Array<ArrayBuffer>;
  readonly count: number;
  readonly columns: number;
  readonly file: string;
}

/** The first category of a data set in MVTec 3D-AD layout, or the folder itself where it is one. @throws {NoSuchCategory} */
export async function openFirstCategory(data: string): Promise<Category> {
  const storage = diskStorage(data);
  const [category = ""] = await listCategories(storage);
  return { folder: data, dataset: await openDataset(storage, category) };
}

const POINTS = 7500, ROWS = 200_000, QUERIES = 784, BANK = 17_483;

/** Makes the inputs: 7,500 points, 200,000 rows of features, 784 queries and a bank of 17,483 rows. Files go into `folder`. */
export async function makeInputs(category: Category | undefined, folder: string, run: Run): Promise<Inputs> {
  const clouds = category ? scanClouds(category, run) : inventedClouds();
  const rows = new Float32Array(ROWS * 33);
  let points: Float32Array | undefined, filled = 0, scans = 0;
  for await (const cloud of clouds) {
    if (!points && cloud.length >= 3 * POINTS) points = cloud.slice(0, 3 * POINTS);
    if (filled < ROWS) filled = await addFeatures(cloud, rows, filled, run);
    scans++;
    if (points && filled === ROWS) break;
  }
  if (!points || filled < ROWS) {
    console.error(`the data gives ${filled} rows: an invented surface is taken for all but the detection`);
    return makeInputs(undefined, folder, run);
  }
  const write = async (name: string, values: Float32Array, columns: number): Promise<Matrix> => {
    const file = `${folder}/${name}.f32`;
    const own = new Float32Array(values);
    await Deno.writeFile(file, new Uint8Array(own.buffer));
    return { values: own, count: own.length / columns, columns, file };
  };
  // steps of 11 and 253 = 11 × 23 from different starts: no query is a row of the bank
  const every = (count: number, step: number, from: number) => {
    const picked = new Float32Array(count * 33);
    for (let i = 0; i < count; i++) {
      picked.set(rows.subarray((from + i * step) * 33, (from + i * step + 1) * 33), i * 33);
    }
    return picked;
  };
  return {
    points: await write("points", points, 3),
    rows: await write("rows", rows, 33),
    queries: await write("queries", every(QUERIES, 253, 5), 33),
    bank: await write("bank", every(BANK, 11, 0), 33),
    origin: category ? `${scans} training scans of ${category.dataset.category}` : "an invented surface",
  };
}

/** Foreground points of the training scans, prepared as published. */
async function* scanClouds({ folder, dataset }: Category, run: Run): AsyncGenerator<Float32Array> {
  const storage = diskStorage(folder), { options } = resolveMethod("fpfh", "reference", builtIn);
  for (const entry of dataset.train) {
    using prepared = prepare(await loadEntry(storage, entry), options.prepare, run);
    yield prepared.hostPoints;
  }
}

/** A wavy sheet 50 mm wide, 0.65 m away, with 0.05 mm of noise; another phase each time. */
async function* inventedClouds(): AsyncGenerator<Float32Array> {
  const side = 90;
  for (let scan = 0;; scan++) {
    let state = scan + 1;
    const random = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
    const points = new Float32Array(3 * side * side);
    for (let i = 0; i < side * side; i++) {
      const x = (i % side) / side - 0.5, y = Math.floor(i / side) / side - 0.5;
      const height = 0.08 * Math.sin(9 * x + scan) * Math.cos(7 * y - scan) + 0.04 * Math.sin(31 * x * y + scan);
      points.set(
        [0.05 * (x + 0.002 * random()), 0.05 * (y + 0.002 * random()), 0.65 + 0.05 * height + 5e-5 * random()],
        3 * i,
      );
    }
    yield await Promise.resolve(points);
  }
}

/** Appends a cloud's features to `rows` from row `filled`; gives how many rows are filled then. */
async function addFeatures(points: Float32Array, rows: Float32Array, filled: number, { gpu }: Run): Promise<number> {
  const count = points.length / 3;
  using values = gpu.upload("f32", padded(points, 3, 4));
  using made = fpfhSizes(gpu, {
    cloud: { values, count },
    normalK: 30,
    sizes: [100],
    orient: "none",
    form: "open3d",
  });
  const features = made.rows, own = await gpu.read(features.values, count * features.stride);
  const taken = Math.min(count, rows.length / 33 - filled);
  for (let i = 0; i < taken; i++) {
    rows.set(own.subarray(i * features.stride, i * features.stride + 33), (filled + i) * 33);
  }
  return filled + taken;
}

/** Rows widened from `columns` to `stride`, with zeros. */
export function padded(values: Float32Array, columns: number, stride: number): Float32Array<ArrayBuffer> {
  const count = values.length / columns, wide = new Float32Array(count * stride);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < columns; c++) wide[i * stride + c] = values[i * columns + c];
  }
  return wide;
}
