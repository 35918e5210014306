/** Small square patches of a scan, each with the mean features of its points: where they lie, and their rows. @module */
import { type MapFrame, type Prepared, type TableFrame, toTable } from "../../core/mod.ts";
import {
  type Cloud,
  type ColumnShape,
  type Gpu,
  type GpuBuffer,
  meanRows,
  pointColumns,
  projectRows,
  type Rows,
} from "../../kernels/mod.ts";

const NONE = 0xffffffff;

/** Where the patches of a scan lie; on the host. */
export interface PatchLayout {
  /** How many patches hold a point. */
  readonly count: number;
  /** Most points of a patch, side². */
  readonly width: number;
  /** `count × width`: the points of each patch, 0xffffffff where it has fewer. */
  readonly members: Uint32Array<ArrayBuffer>;
  /** `size²`: the patch of each map pixel that holds a point, 0xffffffff elsewhere. */
  readonly patchOf: Uint32Array<ArrayBuffer>;
  /** `count × 4`: mean of each patch's points in the scan's table frame, metres. */
  readonly centres: Float32Array<ArrayBuffer>;
  /** The map that the patches lie in. */
  readonly frame: MapFrame;
  /** Map pixel of each patch's first point. */
  readonly pixels: Uint32Array<ArrayBuffer>;
  /** Where each column's patches begin. */
  readonly starts: Uint32Array<ArrayBuffer>;
}

/** Patches of `side × side` map pixels, in the order of `columns`, so that those of a normal scan can be searched by place. */
export function layPatches(scan: Prepared, side: number, frame: TableFrame, columns: ColumnShape): PatchLayout {
  const { size } = scan.frame, across = Math.ceil(size / side), width = side * side;
  const numbers = new Map<number, number>(); // patch by cell, in row-major order of the cells' first points
  const patchOfPoint = new Uint32Array(scan.count);
  scan.pixels.forEach((pixel, point) => {
    const cell = Math.floor(Math.floor(pixel / size) / side) * across + Math.floor((pixel % size) / side);
    let patch = numbers.get(cell);
    if (patch === undefined) numbers.set(cell, patch = numbers.size);
    patchOfPoint[point] = patch;
  });
  const count = numbers.size, points = toTable(frame, scan.hostPoints);
  const sums = new Float64Array(4 * count);
  for (let i = 0; i < scan.count; i++) {
    for (let axis = 0; axis < 3; axis++) sums[4 * patchOfPoint[i] + axis] += points[4 * i + axis];
    sums[4 * patchOfPoint[i] + 3]++;
  }
  const means = Float32Array.from(sums, (sum, i) => i % 4 === 3 ? 0 : sum / sums[i - i % 4 + 3]);
  const { order, starts } = pointColumns(columns, means, 4);
  const placeOf = new Uint32Array(count);
  order.forEach((patch, place) => placeOf[patch] = place);
  const members = new Uint32Array(count * width).fill(NONE), filled = new Uint8Array(count);
  const pixels = new Uint32Array(count), patchOf = new Uint32Array(size * size).fill(NONE);
  const centres = new Float32Array(4 * count);
  scan.pixels.forEach((pixel, point) => {
    const place = placeOf[patchOfPoint[point]];
    if (filled[place] === 0) {
      pixels[place] = pixel;
      centres.set(means.subarray(4 * patchOfPoint[point], 4 * patchOfPoint[point] + 4), 4 * place);
    }
    members[place * width + filled[place]++] = point;
    patchOf[pixel] = place;
  });
  return { count, width, members, patchOf, centres, frame: scan.frame, pixels, starts };
}

/** The patches of a scan on the GPU. */
export interface Patches extends Disposable {
  /** One row a patch: mean features, along the principal axes where there are some. */
  readonly rows: Rows;
  /** Where they lie. */
  readonly layout: PatchLayout;
  /** The layout's list of points, on the GPU. */
  readonly members: GpuBuffer<"u32">;
  /** Its centres, on the GPU. */
  readonly centres: Cloud;
}

/** Patches with rows that are there; the rows stay the caller's. */
export function placePatches(gpu: Gpu, rows: Rows, layout: PatchLayout): Patches {
  using owned = new DisposableStack();
  const members = owned.use(gpu.upload("u32", layout.members));
  const centres = { values: owned.use(gpu.upload("f32", layout.centres)), count: layout.count };
  const kept = owned.move();
  return { rows, layout, members, centres, [Symbol.dispose]: () => kept.dispose() };
}

/** Rows of the patches: means of their points' rows, projected on `axes` where there are some. Nothing is read back. */
export function poolRows(gpu: Gpu, pointRows: Rows, layout: PatchLayout, axes: Rows | undefined): Rows {
  using members = gpu.upload("u32", layout.members);
  const means = meanRows(gpu, { rows: pointRows, members, width: layout.width });
  if (!axes) return means;
  using whole = means;
  return projectRows(gpu, { rows: whole, axes });
}
