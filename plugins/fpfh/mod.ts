/**
 * `fpfh`: Fast Point Feature Histograms of several neighbourhoods as a descriptor, 33 numbers a size. @module
 *
 * Source: Rusu, Blodow, Beetz, "Fast Point Feature Histograms (FPFH) for 3D Registration", ICRA 2009, as Open3D computes them; the
 * form `paper` takes equation 1 of Liu et al., "Uni-3DAD" (2024), literally. Large neighbourhoods are looked at on every second row and
 * column of the map, where as many points reach twice as far, and are spread from there.
 */
import { z } from "zod";
import { type Descriptor, type Prepared, ScanRefused, throwIfAborted } from "../../core/mod.ts";
import { fpfhColumns, type FpfhSizes, fpfhSizes, gatherRows, type Gpu, spreadRows } from "../../kernels/mod.ts";
import { sparseGrid } from "./sparse_grid.ts";

/** Options of {@linkcode fpfh}. */
export type FpfhOptions = {
  /** Nearest points that a normal is fitted to, the point itself among them. */
  readonly normalNeighbours: number;
  /** Nearest points that a histogram is made of, the point itself among them; 33 columns each. */
  readonly sizes: number[];
  /** The same among the points on every second row and column of the map alone, spread to the others; 33 columns more each. */
  readonly sparseSizes: number[];
  /** Normals turned to the sensor, or left with the sign of the closed form, as published. */
  readonly orient: "sensor" | "none";
  /** Open3D's pair frame and weights, or the paper's equation 1. */
  readonly form: "open3d" | "paper";
};

const size = z.int().min(4).max(256);

const options = z.strictObject({
  normalNeighbours: z.int().min(3).max(256).default(30).describe(
    "nearest points that a normal is fitted to, the point itself among them",
  ),
  sizes: z.array(size).min(1).max(8).default([25, 50, 100]).describe(
    "nearest points that a histogram is made of, the point itself among them; a list, 33 columns each",
  ),
  sparseSizes: z.array(size).max(8).default([50, 100, 200]).describe(
    "the same among the points on every second row and column of the map alone, spread to the others; may be empty",
  ),
  orient: z.enum(["sensor", "none"]).default("sensor").describe(
    "normals turned to the sensor, or left with the sign of the closed form, as published",
  ),
  form: z.enum(["open3d", "paper"]).default("open3d").describe(
    "Open3D's pair frame and weights, or the paper's equation 1",
  ),
});

/**
 * The descriptor. Its rows are in the order of the scan's points; for each size, then for each sparse size, 33 columns whose first is a
 * multiple of 36; the three columns between two sizes are 0.
 */
export const fpfh: Descriptor<FpfhOptions> = {
  kind: "descriptor",
  name: "fpfh",
  version: "2.0.0",
  api: 1,
  options,
  presets: {
    default: options.parse({}),
    reference: options.parse({ sizes: [100], sparseSizes: [], orient: "none" }),
    paper: options.parse({ sizes: [30], sparseSizes: [], form: "paper" }),
    oriented: options.parse({ sizes: [100], sparseSizes: [] }),
  },
  columns: ({ sizes, sparseSizes }) => fpfhColumns(sizes.length + sparseSizes.length),

  /** One row a point. Nothing is read back. @throws {ScanRefused} with fewer points than a normal needs */
  describe(scan, { normalNeighbours, sizes, sparseSizes, orient, form }, run) {
    throwIfAborted(run);
    if (scan.count < normalNeighbours) {
      throw new ScanRefused(
        scan.name,
        "too-few-points",
        `${scan.count} points are left at map resolution, a normal needs ${normalNeighbours}`,
      );
    }
    using owned = new DisposableStack();
    const dense = owned.use(fpfhSizes(run.gpu, {
      cloud: { values: scan.points, count: scan.count },
      normalK: normalNeighbours,
      sizes,
      columns: fpfhColumns(sizes.length + sparseSizes.length),
      orient,
      form,
    }));
    if (sparseSizes.length > 0) describeSparse(run.gpu, scan, dense, sparseSizes, fpfhColumns(sizes.length) + 3, form);
    owned.move();
    dense.normals[Symbol.dispose]();
    return dense.rows;
  },
};

/** Fewer points than this say nothing of a shape. */
const LEAST_SPARSE = 4;

/** Deviation of the Gaussian that spreads sparse rows, in cells of 2 × 2 pixels. */
const SPREAD = 0.75;

/** Writes the features of the sparse sizes behind the others, from a column on; where the map has hardly a sparse point, the zeros stay. */
function describeSparse(
  gpu: Gpu,
  { points, count, pixels, frame }: Prepared,
  { rows, normals }: FpfhSizes,
  sizes: readonly number[],
  column: number,
  form: FpfhOptions["form"],
): void {
  const grid = sparseGrid(pixels, frame.size), { cells } = grid, few = grid.chosen.length;
  if (few < LEAST_SPARSE) return;
  using indices = gpu.upload("u32", grid.chosen),
    rowOf = gpu.upload("u32", grid.rowOf),
    pointCells = gpu.upload("u32", grid.pointCells);
  const quads = (values: Prepared["points"]) => ({ values, count, columns: 3, stride: 4, [Symbol.dispose]: () => {} });
  using places = gatherRows(gpu, { rows: quads(points), indices }),
    directions = gatherRows(gpu, { rows: quads(normals), indices });
  using sparse = fpfhSizes(gpu, {
    cloud: { values: places.values, count: few },
    normals: directions.values,
    sizes,
    form,
  });
  spreadRows(gpu, { rows: sparse.rows, rowOf, cells, pointCells, sigma: SPREAD, into: { rows, column } });
}
