/** The patches of all normal scans along their principal axes, and the memory bank drawn from them. @module */
import {
  MemoryBudgetExceeded,
  type Prepared,
  principalAxes,
  randomStream,
  type Run,
  ScanRefused,
  type ScanRegistry,
  type ScanSource,
  stage,
  tableFrame,
} from "../../core/mod.ts";
import { type ColumnShape, gatherRows, type Gpu, projectRows, type Rows, uploadRows } from "../../kernels/mod.ts";
import type { StoredScan } from "./memory.ts";
import type { BankOptions } from "./options.ts";
import { layPatches, type PatchLayout, poolRows } from "./patches.ts";

/** Scans that the axes are fitted to, and rows that are taken of them. */
const AXES_SCANS = 16, AXES_ROWS = 8192;

/** All patches of the normal scans. Owns GPU memory. */
export interface Collected extends Disposable {
  /** The principal axes that rows were projected on, where that was asked for. */
  readonly axes: Rows | undefined;
  /** In the order of the registry where there is one, else of the walk; a scan that was refused has no patches. */
  readonly scans: readonly StoredScan[];
}

/** One column, for scans that are not searched by place. */
const ONE_COLUMN: ColumnShape = { least: [0, 0], side: 1, across: 1 };

/** The columns in which patches are sorted: as many patches in one as the registry has points in one of its own. */
export function patchColumns(registry: ScanRegistry | undefined, side: number): ColumnShape {
  if (!registry) return ONE_COLUMN;
  const { least, side: width, across } = registry.columns;
  return { least, side: width * side, across: Math.ceil(across / side) };
}

/** Describes the patches of every scan. @throws {MemoryBudgetExceeded} once the first scan tells what all need @throws {RunAborted} */
export async function collectPatches(
  source: ScanSource,
  describe: (scan: Prepared) => Promise<Rows>,
  options: BankOptions,
  registry: ScanRegistry | undefined,
  run: Run,
): Promise<Collected> {
  const { gpu } = run, columns = patchColumns(registry, options.patch);
  using owned = new DisposableStack();
  const names = registry?.names ?? source.names;
  const layouts = new Map<string, PatchLayout>(), rows = new Map<string, Rows>();
  let axes: Rows | undefined, whole: string[] = [];
  const project = async () => {
    axes = owned.use(await fitAxes(whole.map((name) => rows.get(name)!), options.components!, run));
    for (const name of whole) {
      using full = rows.get(name)!;
      rows.set(name, projectRows(gpu, { rows: full, axes }));
    }
    whole = [];
  };
  owned.defer(() => rows.forEach((own) => own[Symbol.dispose]()));
  for await (const scan of source.walk()) {
    try {
      await stage(run, "features", async () => {
        using points = await describe(scan);
        const layout = layPatches(scan, options.patch, tableFrame(scan), columns);
        const own = poolRows(gpu, points, layout, axes);
        layouts.set(scan.name, layout);
        rows.set(scan.name, own);
        if (rows.size === 1) planMemory(own, source.count, options, run);
        if (options.components !== null && !axes) whole.push(scan.name);
      });
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error;
      source.refuse(scan.name, error);
      continue;
    }
    if (whole.length === AXES_SCANS) await project();
  }
  if (whole.length > 0) await project();
  const stride = rows.values().next().value?.stride ?? 4, columnsOfRow = rows.values().next().value?.columns ?? 1;
  const scans = names.map((name): StoredScan => {
    const own = rows.get(name) ?? emptyRows(gpu, columnsOfRow, stride);
    rows.delete(name);
    return owned.use(storedScan(gpu, name, own, layouts.get(name), columns));
  });
  const kept = owned.move();
  return { axes, scans, [Symbol.dispose]: () => kept.dispose() };
}

/** A scan with its patches; takes the rows over. Its values are zeros. */
export function storedScan(
  gpu: Gpu,
  name: string,
  rows: Rows,
  layout: Pick<PatchLayout, "centres" | "starts" | "frame" | "pixels"> | undefined,
  columns: ColumnShape,
): StoredScan {
  const count = rows.count;
  const points = gpu.upload("f32", layout?.centres ?? new Float32Array(0));
  const starts = gpu.upload("u32", layout?.starts ?? new Uint32Array(columns.across ** 2 + 1));
  const stored: StoredScan = {
    name,
    rows,
    centres: { points, starts, count },
    frame: layout?.frame ?? null,
    pixels: layout?.pixels ?? new Uint32Array(0),
    values: gpu.zeros("f32", 4 * count),
    [Symbol.dispose]() {
      for (const buffer of [rows, points, starts, stored.values]) buffer[Symbol.dispose]();
    },
  };
  return stored;
}

function emptyRows(gpu: Gpu, columns: number, stride: number): Rows {
  const values = gpu.buffer("f32", 0);
  return { values, count: 0, columns, stride, [Symbol.dispose]: () => values[Symbol.dispose]() };
}

/** Read back: some thousand rows. */
async function fitAxes(scans: readonly Rows[], most: number, { gpu, seed }: Run): Promise<Rows> {
  using indices = gpu.upload("u32", drawRows(scans, AXES_ROWS, seed, "patchcore/axes"));
  using rows = gatherRows(gpu, { rows: scans, indices });
  const { axes, kept } = principalAxes(await gpu.read(rows.values), rows.columns, rows.stride, most);
  return uploadRows(gpu, axes.subarray(0, kept * rows.columns), rows.columns);
}

/** Numbers of at most `most` rows of all scans together, drawn evenly, ascending. */
function drawRows(scans: readonly Rows[], most: number, seed: number, stream: string): Uint32Array<ArrayBuffer> {
  const total = scans.reduce((sum, { count }) => sum + count, 0);
  const all = Array.from({ length: total }, (_, i) => i);
  if (total <= most) return Uint32Array.from(all);
  return Uint32Array.from(randomStream(seed, stream).shuffle(all).slice(0, most)).sort();
}

/** The memory bank: rows drawn evenly from all scans, in the scans' order, how many each gave, and the map pixels they are of. */
export function drawBank(
  scans: readonly StoredScan[],
  most: number,
  { gpu, seed }: Run,
): { readonly bank: Rows; readonly bankCounts: Uint32Array; readonly bankPixels: Uint32Array } {
  const rows = scans.map((scan) => scan.rows), drawn = drawRows(rows, most, seed, "patchcore/bank");
  const bankCounts = new Uint32Array(scans.length), bankPixels = new Uint32Array(drawn.length);
  for (let at = 0, scan = 0, end = rows[0].count; at < drawn.length; at++) {
    while (drawn[at] >= end) end += rows[++scan].count;
    bankCounts[scan]++;
    bankPixels[at] = scans[scan].pixels[drawn[at] - (end - rows[scan].count)];
  }
  using indices = gpu.upload("u32", drawn);
  return { bank: gatherRows(gpu, { rows, indices }), bankCounts, bankPixels };
}

/** @throws {MemoryBudgetExceeded} when all scans, each as large as this one, need more than the run may have */
function planMemory(first: Rows, scans: number, { components, bankRows }: BankOptions, run: Run): void {
  const stride = components === null ? first.stride : Math.min(first.stride, Math.ceil(components / 4) * 4);
  const patch = stride * 4 + 60; // features, place, values, lists
  const neededFor = (count: number) =>
    count * first.count * patch + Math.min(count, AXES_SCANS) * first.count * first.stride * 4 + bankRows * stride * 8;
  if (neededFor(scans) <= run.memoryBytes) return;
  let fitting = scans - 1;
  while (fitting > 0 && neededFor(fitting) > run.memoryBytes) fitting--;
  throw new MemoryBudgetExceeded(
    neededFor(scans),
    run.memoryBytes,
    `${scans} scans of about ${first.count} patches of ${components ?? first.columns} numbers`,
    `${fitting > 0 ? `use at most ${fitting} training scans, ` : ""}lower extractor.components, or raise --memory`,
  );
}
