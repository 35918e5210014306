/** A memory in a model: what is written, and what is read back. @module */
import { type ModelFolder, ModelRefused, type NormalScanSource, type Run } from "../../core/mod.ts";
import { type ColumnShape, type Gpu, pointColumns, type Rows } from "../../kernels/mod.ts";
import { z } from "zod";
import { type Channel, channels, needsRegistration, type Quantiles } from "./channels.ts";
import { storedScan } from "./collect_patches.ts";
import type { Memory, Prior, StoredScan } from "./memory.ts";
import { paddedRows, tightRows } from "./row_tensors.ts";

const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const channel = z.enum(channels);
const frame = z.strictObject({
  size: z.int(),
  width: z.int(),
  height: z.int(),
  side: z.int(),
  top: z.int(),
  left: z.int(),
});
const factsSchema = z.strictObject({
  prior: z.strictObject({ mean: four, deviation: four }),
  quantiles: z.record(channel, z.number()),
  form: z.array(channel),
  fallback: z.array(channel),
  usualCost: z.number(),
  usualGap: z.number(),
  extent: z.number(),
  columns: z.strictObject({ least: z.tuple([z.number(), z.number()]), side: z.number(), across: z.int() }),
  sources: z.array(z.strictObject({ name: z.string(), frame: frame.nullable() })),
  byPlace: z.boolean(),
});

/** Keeps a memory; the patches of the scans only where a channel goes by place. Read back: all of it. */
export async function saveMemory(model: ModelFolder, memory: Memory, { gpu }: Pick<Run, "gpu">): Promise<void> {
  const { prior, quantiles, form, fallback, usualCost, usualGap, extent, columns, axes, bank, sources } = memory;
  const byPlace = [...form, ...fallback].some(needsRegistration), scans = byPlace ? memory.scans : [];
  model.putFacts({
    prior,
    quantiles,
    form,
    fallback,
    usualCost,
    usualGap,
    extent,
    columns,
    sources: sources.map(({ name, frame }) => ({ name, frame: frame && { ...frame } })),
    byPlace,
  });
  const tight = async (rows: Rows) =>
    tightRows({ ...rows, values: await gpu.read(rows.values, rows.count * rows.stride) });
  model.putTensor("bank", await tight(bank));
  model.putTensor("bank.counts", { shape: [memory.bankCounts.length], values: memory.bankCounts });
  model.putTensor("bank.pixels", { shape: [bank.count], values: memory.bankPixels });
  model.putTensor("bank.spread", { shape: [bank.count, 2], values: await gpu.read(memory.rowSpread) });
  if (axes) model.putTensor("axes", await tight(axes));
  for (const [i, scan] of scans.entries()) {
    const [rows, centres, values] = await Promise.all([
      tight(scan.rows),
      gpu.read(scan.centres.points),
      gpu.read(scan.values),
    ]);
    model.putTensor(`scan.${i}.rows`, rows);
    model.putTensor(`scan.${i}.centres`, { shape: [scan.rows.count, 4], values: centres });
    model.putTensor(`scan.${i}.values`, { shape: [scan.rows.count, 4], values });
    model.putTensor(`scan.${i}.pixels`, { shape: [scan.rows.count], values: scan.pixels });
  }
}

/** Opens what {@linkcode saveMemory} kept. @throws {ModelRefused} */
export function loadMemory(model: ModelFolder, { gpu }: Pick<Run, "gpu">): Memory {
  const facts = factsOf(model);
  const [bankCounts, bankPixels] = ["bank.counts", "bank.pixels"].map((name) =>
    model.tensor(name).values as Uint32Array
  );
  using owned = new DisposableStack();
  const bank = owned.use(rowsOf(gpu, model, "bank"));
  const axes = model.has("axes") ? owned.use(rowsOf(gpu, model, "axes")) : undefined;
  const rowSpread = owned.use(gpu.upload("f32", model.tensor("bank.spread").values as Float32Array<ArrayBuffer>));
  const scans = (facts.byPlace ? facts.sources : []).map((source, i) =>
    owned.use(loadScan(gpu, model, source, i, facts.columns))
  );
  const kept = owned.move();
  return {
    axes,
    bank,
    bankCounts,
    bankPixels,
    sources: facts.sources,
    rowSpread,
    scans,
    columns: facts.columns,
    extent: facts.extent,
    prior: facts.prior as Prior,
    quantiles: facts.quantiles as Quantiles,
    form: facts.form as Channel[],
    fallback: facts.fallback as Channel[],
    usualCost: facts.usualCost,
    usualGap: facts.usualGap,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

function factsOf(model: ModelFolder): z.output<typeof factsSchema> {
  const parsed = factsSchema.safeParse(model.facts());
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelRefused("of small patches", ["facts", ...issue.path].join("."), "what a fit keeps", issue.message);
}

function rowsOf(gpu: Gpu, model: ModelFolder, name: string): Rows {
  const host = paddedRows(model.tensor(name)), values = gpu.upload("f32", host.values);
  return { ...host, values, [Symbol.dispose]: () => values[Symbol.dispose]() };
}

function loadScan(
  gpu: Gpu,
  model: ModelFolder,
  { name, frame }: NormalScanSource,
  i: number,
  columns: ColumnShape,
): StoredScan {
  const [centres, pixels, kept] = ["centres", "pixels", "values"].map((part) =>
    model.tensor(`scan.${i}.${part}`).values
  );
  const rows = rowsOf(gpu, model, `scan.${i}.rows`); // the last that may be missing: what is made from here on is the scan's
  const points = centres as Float32Array<ArrayBuffer>, { starts } = pointColumns(columns, points, 4); // sorted already
  const layout = frame && { centres: points, starts, frame, pixels: pixels as Uint32Array<ArrayBuffer> };
  const scan = storedScan(gpu, name, rows, layout ?? undefined, columns);
  scan.values[Symbol.dispose]();
  scan.values = gpu.upload("f32", kept as Float32Array<ArrayBuffer>);
  return scan;
}
