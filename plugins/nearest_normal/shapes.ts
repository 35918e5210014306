/** The normal scans as whole shapes: what a reconstruction needs of each besides its surface, which the registry has. @module */
import {
  type ColumnShape,
  type Gpu,
  type GpuBuffer,
  inColumnOrder,
  nearestNeighbours,
  pointColumns,
  type StoredColumns,
} from "../../kernels/mod.ts";
import { mainPiece, type Prepared, type Run, tableFrame, toTable } from "../../core/mod.ts";
import { type Outline, outlineOf } from "./outline.ts";

/** One normal scan, on the host; points are in the order of the registry's columns. */
export interface ShapeValues {
  /** `count`: distance to the third-nearest point, metres; −1 for points that are not of the main piece. */
  readonly spacing: Float32Array<ArrayBuffer>;
  /** `count`: usual depth of gaps, metres. */
  readonly usual: Float32Array<ArrayBuffer>;
  /** In the scan's table frame. */
  readonly outline: Outline;
}

/** One normal scan on the GPU. Owns GPU memory. */
export interface NormalShape extends Disposable {
  /** Points of its surface. */
  readonly count: number;
  /** See {@linkcode ShapeValues.spacing}. */
  readonly spacing: GpuBuffer<"f32">;
  /** See {@linkcode ShapeValues.usual}. */
  readonly usual: GpuBuffer<"f32">;
  /** The outline laid on the table, its directions as normals, in {@linkcode outlineColumns}. */
  readonly outline: StoredColumns;
}

/** Outlines are sparse, and looked for from farther away than surfaces. */
const COARSER = 4;

/** The columns of outlines, over the registry's. */
export function outlineColumns({ least, side, across }: ColumnShape): ColumnShape {
  return { least, side: COARSER * side, across: Math.ceil(across / COARSER) };
}

/** Neighbours that tell a point's spacing, itself among them. */
const NEIGHBOURS = 4;

/**
 * What is known of one normal scan by itself, and its places by column. Read back: distances of its points to their neighbours.
 * @throws {ScanRefused}
 */
export async function shapeValues(
  scan: Prepared,
  columns: ColumnShape,
  extent: number,
  { gpu }: Run,
): Promise<{ readonly values: ShapeValues; readonly starts: Uint32Array }> {
  const frame = tableFrame(scan), belongs = mainPiece(scan, extent);
  const outline = outlineOf(scan, belongs, frame);
  using near = nearestNeighbours(gpu, { cloud: { values: scan.points, count: scan.count }, k: NEIGHBOURS });
  const squares = await gpu.read(near.squaredDistances);
  const { order, starts } = pointColumns(columns, toTable(frame, scan.hostPoints), 4);
  const third = Math.min(NEIGHBOURS, scan.count) - 1; // a scan of three points has no third neighbour
  const spacing = Float32Array.from(
    order,
    (point) => belongs[point] === 1 ? Math.sqrt(squares[point * NEIGHBOURS + third]) : -1,
  );
  return { values: { spacing, usual: new Float32Array(spacing.length), outline }, starts };
}

/** Puts a shape on the GPU; `columns` are the registry's. */
export function uploadShape(gpu: Gpu, { spacing, usual, outline }: ShapeValues, columns: ColumnShape): NormalShape {
  const flat = outline.points.map((value, i) => i % 4 < 2 ? value : 0);
  const { order, starts } = pointColumns(outlineColumns(columns), flat, 4);
  using owned = new DisposableStack();
  const shape = {
    count: spacing.length,
    spacing: owned.use(gpu.upload("f32", spacing)),
    usual: owned.use(gpu.upload("f32", usual)),
    outline: {
      points: owned.use(gpu.upload("f32", inColumnOrder(order, flat, 4))),
      normals: owned.use(gpu.upload("f32", inColumnOrder(order, outline.directions, 4))),
      starts: owned.use(gpu.upload("u32", starts)),
      count: outline.count,
    },
  };
  const kept = owned.move();
  return { ...shape, [Symbol.dispose]: () => kept.dispose() };
}
