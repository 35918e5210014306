/** Each normal scan as a test scan: measured against all others, and judged by them. @module */
import { type Run, type ScanRegistry, type ScanSource, stage, tableFrame } from "../../core/mod.ts";
import type { Four, Gpu, GpuBuffer } from "../../kernels/mod.ts";
import { type Channel, QUANTILE, type Quantiles } from "./channels.ts";
import type { ChannelValues } from "./joint_map.ts";
import { deviations, type Known, measure, type Neighbourhood, neighbourhood, type Prior } from "./memory.ts";
import { layPatches, placePatches } from "./patches.ts";
import { addCounts, emptyCounts, type RowCounts, spreadOfRows } from "./row_groups.ts";

/** What one normal scan measured against the others; on the host. */
export interface HeldOut {
  readonly name: string;
  /** Its number among the stored scans. */
  readonly index: number;
  /** Members of its registration and the motions to them; none where there was no other scan, or none was asked for. */
  readonly members: readonly number[];
  readonly motions: Float32Array<ArrayBuffer>;
  /** Cost of the registration, metres. */
  readonly cost: number | null;
  /** `patches × 4`, by column. */
  readonly values: Float32Array<ArrayBuffer>;
  readonly distances: Float32Array<ArrayBuffer>;
  readonly nearest: Uint32Array<ArrayBuffer>;
  readonly patchOf: Uint32Array<ArrayBuffer>;
  /** Map pixel of each point. */
  readonly pixels: Uint32Array;
  readonly size: number;
}

/** The rows of the bank that come from each scan. */
export function rangesOf(bankCounts: Uint32Array): readonly { first: number; count: number }[] {
  let first = 0;
  return Array.from(bankCounts, (count) => ({ first: (first += count) - count, count }));
}

/** Measures each scan of a walk without its own part in bank and registry. Read back, in two waits a scan: all of it. */
export async function* measureHeldOut(
  source: ScanSource,
  known: Known,
  bankCounts: Uint32Array,
  registry: ScanRegistry | undefined,
  patch: number,
  run: Run,
): AsyncIterable<HeldOut> {
  const { gpu } = run, ranges = rangesOf(bankCounts);
  const indices = new Map(known.scans.map(({ name }, i) => [name, i]));
  for await (const scan of source.walk()) {
    const index = indices.get(scan.name);
    if (index === undefined || known.scans[index].rows.count === 0) continue;
    if (ranges[index].count === known.bank.count) continue; // no other scan has a row there
    const layout = layPatches(scan, patch, tableFrame(scan), known.columns);
    using registration = registry &&
      await stage(run, "register", () => registry.register(scan, run, { without: scan.name }));
    using patches = placePatches(gpu, known.scans[index].rows, layout);
    using around = registration && neighbourhood(gpu, patches.centres, registration, known);
    const registered = registration && around && { registration, around };
    using measured = measure(gpu, scan, patches, known, registered, ranges[index]);
    const [values, distances, nearest, motions] = await stage(run, "measure", () =>
      Promise.all([
        gpu.read(measured.values),
        gpu.read(measured.distances),
        gpu.read(measured.nearest),
        registration ? gpu.read(registration.motions) : Promise.resolve(new Float32Array(0)),
      ]));
    yield {
      name: scan.name,
      index,
      members: registration?.members ?? [],
      motions,
      cost: registration?.cost ?? null,
      values,
      distances,
      nearest,
      patchOf: layout.patchOf,
      pixels: scan.pixels,
      size: scan.frame.size,
    };
  }
}

/** Mean and deviation of the held-out values by column, in float64; a column that nobody measured is 0 and 0. */
export function priorOf(heldOut: readonly HeldOut[]): Prior {
  const mean = [0, 0, 0, 0], deviation = [0, 0, 0, 0];
  for (let column = 0; column < 4; column++) {
    const lists = heldOut.filter(({ members }) => column === 0 || members.length > 0).map(({ values }) => values);
    const count = lists.reduce((sum, list) => sum + list.length / 4, 0);
    if (count === 0) continue;
    for (const list of lists) for (let i = column; i < list.length; i += 4) mean[column] += list[i] / count;
    let squares = 0;
    for (const list of lists) for (let i = column; i < list.length; i += 4) squares += (list[i] - mean[column]) ** 2;
    deviation[column] = Math.sqrt(squares / count);
  }
  return { mean: mean as unknown as Four, deviation: deviation as unknown as Four };
}

/** Distances of all held-out patches by bank row. */
export function countRows(heldOut: readonly HeldOut[], bankRows: number): RowCounts {
  const counts = emptyCounts(bankRows);
  for (const { nearest, distances } of heldOut) addCounts(counts, nearest, distances);
  return counts;
}

/** The row spread without what one scan contributed. */
export function spreadWithout(
  { nearest, distances }: HeldOut,
  counts: RowCounts,
  groups: Uint32Array,
  { mean, deviation }: Prior,
): Float32Array<ArrayBuffer> {
  addCounts(counts, nearest, distances, -1);
  const spread = spreadOfRows(counts, groups, [mean[0], deviation[0]]);
  addCounts(counts, nearest, distances);
  return spread;
}

/** A held-out scan's channels. Owns GPU memory. */
export interface HeldOutChannels extends ChannelValues, Disposable {
  readonly heldOut: HeldOut;
  /** Map pixel of each point. */
  readonly pixels: Uint32Array;
  /** Cost of the registration, metres; null where there was none. */
  readonly cost: number | null;
}

/** A held-out scan's deviations from the others. Nothing is read back. */
export function judgeHeldOut(
  gpu: Gpu,
  heldOut: HeldOut,
  known: Known,
  prior: Prior,
  spread: Float32Array<ArrayBuffer>,
): HeldOutChannels {
  using owned = new DisposableStack();
  const distances = owned.use(gpu.upload("f32", heldOut.distances));
  const patchOf = owned.use(gpu.upload("u32", heldOut.patchOf));
  using values = gpu.upload("f32", heldOut.values), nearest = gpu.upload("u32", heldOut.nearest);
  using rowSpread = gpu.upload("f32", spread);
  using around = heldOut.members.length > 0 ? aroundHeldOut(gpu, heldOut, known) : undefined;
  const { places, rows } = owned.use(deviations(gpu, { values, distances, nearest }, around, prior, rowSpread));
  const kept = owned.move();
  return {
    heldOut,
    pixels: heldOut.pixels,
    cost: heldOut.cost,
    places,
    rows,
    distances,
    patchOf,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

function aroundHeldOut(gpu: Gpu, { index, members, motions: known }: HeldOut, memory: Known): Neighbourhood {
  const { points, count } = memory.scans[index].centres;
  using motions: GpuBuffer<"f32"> = gpu.upload("f32", known);
  return neighbourhood(gpu, { values: points, count }, { members, motions }, memory);
}

/** What one in a hundred patches of these scans is above, by channel; 0 where it never leaves 0. Read back: the channels. */
export async function quantilesOf(gpu: Gpu, scans: readonly HeldOutChannels[]): Promise<Quantiles> {
  const read = await Promise.all(scans.map(async ({ places, rows, distances }) => ({
    places: await gpu.read(places),
    rows: await gpu.read(rows),
    distances: await gpu.read(distances),
  })));
  const column = (c: number) => read.flatMap(({ places }) => Array.from(places.filter((_, i) => i % 4 === c)));
  const lists: Record<Channel, number[]> = {
    distance: read.flatMap(({ distances }) => Array.from(distances)),
    row: read.flatMap(({ rows }) => Array.from(rows)),
    place: column(0),
    local: column(1),
    tilt: column(2),
    offset: column(3),
  };
  return Object.fromEntries(
    Object.entries(lists).map((
      [channel, list],
    ) => [channel, quantile(list.map((value) => Math.max(0, value)), QUANTILE)]),
  ) as Record<Channel, number>;
}

/** The q-quantile by linear interpolation; 0 of nothing. */
export function quantile(values: number[], q: number): number {
  if (values.length === 0) return 0;
  const sorted = Float64Array.from(values).sort(), at = q * (sorted.length - 1), below = Math.floor(at);
  return sorted[below] + (at - below) * (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]);
}

/** At most `most` of the items, evenly spread. */
export function evenly<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor(i * items.length / count)]);
}
