/** What registration is timed with: one scan, and moved copies of it as the scans that it is registered to. @module */
import {
  type ColumnShape,
  type ColumnTargets,
  gatherColumns,
  type Gpu,
  inColumnOrder,
  nearestNeighbours,
  normals,
  pointColumns,
} from "../kernels/mod.ts";
import { scanPoints } from "./scan_points.ts";

/** A scan about its own centre, in column order, and copies of it to register it to. */
export interface RegistrationScene {
  /** `count × 4`, in metres. */
  readonly points: Float32Array<ArrayBuffer>;
  readonly count: number;
  readonly shape: ColumnShape;
  /** So many copies with normals. */
  targets(gpu: Gpu, clouds: number): ColumnTargets;
}

/** Metres: the side of a column that is fastest for scans with .4 mm between points. */
const SIDE = 0.0012;

/** Metres, along x and y and along z, that the scan is off its copies: no scan has its points where another one has them. */
const OFF = [2e-4, 2e-4, 5e-5];

/** The scan that all geometry kernels are timed with, centred; a surface a metre wide, where the scan is absent, becomes 40 mm wide. */
export async function registrationScene(): Promise<RegistrationScene> {
  const raw = await scanPoints(), count = raw.length / 4, mean = [0, 0, 0];
  for (let i = 0; i < count; i++) for (let c = 0; c < 3; c++) mean[c] += raw[4 * i + c] / count;
  let most = 0;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) raw[4 * i + c] -= mean[c];
    most = Math.max(most, Math.abs(raw[4 * i]), Math.abs(raw[4 * i + 1]));
  }
  const scale = most > 0.2 ? 0.02 / most : 1;
  for (let i = 0; i < raw.length; i++) raw[i] *= scale;
  const across = Math.ceil(2.2 * most * scale / SIDE), least = -across * SIDE / 2;
  const shape: ColumnShape = { least: [least, least], side: SIDE, across };
  const { order, starts } = pointColumns(shape, raw, 4), copy = inColumnOrder(order, raw, 4);
  const points = copy.map((v, i) => i % 4 === 3 ? 0 : v + OFF[i % 4] * Math.sin(78.233 * i));
  return {
    points,
    count,
    shape,
    targets(gpu, clouds) {
      using values = gpu.upload("f32", copy), uploaded = gpu.upload("u32", starts);
      using neighbours = nearestNeighbours(gpu, { cloud: { values, count }, k: 30 });
      using own = normals(gpu, { cloud: { values, count }, neighbours, k: 30, orient: "none" });
      const one = { points: values, normals: own, starts: uploaded, count };
      return gatherColumns(gpu, Array.from({ length: clouds }, () => one), shape);
    },
  };
}

/** Motions of 4 to 8 degrees and 1 to 2 mm, another one for each cloud, as `clouds × 16`. */
export function startingMotions(clouds: number): Float32Array<ArrayBuffer> {
  const transforms = new Float32Array(16 * clouds);
  for (let t = 0; t < clouds; t++) {
    const angle = (4 + 4 * t / clouds) * Math.PI / 180 * (t % 2 === 0 ? 1 : -1), shift = 0.001 + 0.001 * t / clouds;
    const c = Math.cos(angle), s = Math.sin(angle);
    transforms.set([c, -s, 0, shift, s, c, 0, -shift, 0, 0, 1, shift / 2], 16 * t);
  }
  return transforms;
}
