/** A memory in a model: what is written, and what is read back. @module */
import type { ModelFolder, Run } from "../../core/mod.ts";
import { type ColumnShape, type Gpu, pointColumns, type Rows } from "../../kernels/mod.ts";
import { z } from "zod";
import { type Channel, channels, needsRegistration, type Quantiles } from "./channels.ts";
import { storedScan } from "./collect_patches.ts";
import type { Memory, Prior, StoredScan } from "./memory.ts";
import { paddedRows, tightRows } from "./row_tensors.ts";

const four = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const channel = z.enum(channels);
const factsSchema = z.strictObject({
  prior: z.strictObject({ mean: four, deviation: four }),
  quantiles: z.record(channel, z.number()),
  form: z.array(channel),
  fallback: z.array(channel),
  usualCost: z.number(),
  usualGap: z.number(),
  extent: z.number(),
  columns: z.strictObject({ least: z.tuple([z.number(), z.number()]), side: z.number(), across: z.int() }),
  names: z.array(z.string()),
});

/** Keeps a memory; the patches of the scans only where a channel goes by place. Read back: all of it. */
export async function saveMemory(model: ModelFolder, memory: Memory, { gpu }: Pick<Run, "gpu">): Promise<void> {
  const { prior, quantiles, form, fallback, usualCost, usualGap, extent, columns, axes, bank } = memory;
  const scans = [...form, ...fallback].some(needsRegistration) ? memory.scans : [];
  model.putFacts({
    prior,
    quantiles,
    form,
    fallback,
    usualCost,
    usualGap,
    extent,
    columns,
    names: scans.map(({ name }) => name),
  });
  const tight = async (rows: Rows) =>
    tightRows({ ...rows, values: await gpu.read(rows.values, rows.count * rows.stride) });
  model.putTensor("bank", await tight(bank));
  model.putTensor("bank.counts", { shape: [memory.bankCounts.length], values: memory.bankCounts });
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
  const facts = factsSchema.parse(model.facts());
  using owned = new DisposableStack();
  const bank = owned.use(rowsOf(gpu, model, "bank"));
  const axes = model.has("axes") ? owned.use(rowsOf(gpu, model, "axes")) : undefined;
  const rowSpread = owned.use(gpu.upload("f32", model.tensor("bank.spread").values as Float32Array<ArrayBuffer>));
  const scans = facts.names.map((name, i) => owned.use(loadScan(gpu, model, name, i, facts.columns)));
  const kept = owned.move();
  return {
    axes,
    bank,
    bankCounts: model.tensor("bank.counts").values as Uint32Array,
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

function rowsOf(gpu: Gpu, model: ModelFolder, name: string): Rows {
  const host = paddedRows(model.tensor(name)), values = gpu.upload("f32", host.values);
  return { ...host, values, [Symbol.dispose]: () => values[Symbol.dispose]() };
}

function loadScan(gpu: Gpu, model: ModelFolder, name: string, i: number, columns: ColumnShape): StoredScan {
  const rows = rowsOf(gpu, model, `scan.${i}.rows`);
  const centres = model.tensor(`scan.${i}.centres`).values as Float32Array<ArrayBuffer>;
  const pixels = model.tensor(`scan.${i}.pixels`).values as Uint32Array<ArrayBuffer>;
  const { starts } = pointColumns(columns, centres, 4); // they lie in the columns' order already
  const scan = storedScan(gpu, name, rows, { centres, starts, pixels }, columns);
  scan.values[Symbol.dispose]();
  scan.values = gpu.upload("f32", model.tensor(`scan.${i}.values`).values as Float32Array<ArrayBuffer>);
  return scan;
}
