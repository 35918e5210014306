import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { createRun, fitRegistry, ModelRefused, prepare } from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinyFolder, tinySource } from "../../testing/tiny_source.ts";
import { toyDescriptor } from "../../testing/toy_plugins.ts";
import type { Channel } from "./channels.ts";
import { loadFine } from "./fine_extractor.ts";
import { learn } from "./learn.ts";
import type { Memory } from "./memory.ts";
import { loadMemory, saveMemory } from "./memory_tensors.ts";
import { bankOptions } from "./options.ts";

const describe = async (
  scan: Parameters<typeof toyDescriptor.describe>[0],
  run: Parameters<typeof toyDescriptor.describe>[2],
) => await toyDescriptor.describe(scan, toyDescriptor.presets.default, run);

/** A memory of three scans with these channels, kept in a folder; what was kept, and all that the memory holds. */
async function kept(gpu: Gpu, channels: Channel[], components: number | null) {
  const run = createRun(gpu), source = tinySource(run, [1, 2, 3].map((seed) => tinyScan({ seed })));
  const options = bankOptions.parse({ components, channels, bankRows: 300 }), folder = tinyFolder();
  using registry = channels.includes("place") ? await fitRegistry(source, run) : undefined;
  const { memory } = await learn(source, (scan) => describe(scan, run), options, registry, run);
  using _memory = memory;
  await saveMemory(folder, memory, run);
  return { folder, options, run, contents: await contents(gpu, memory) };
}

/** A memory on the host. */
async function contents(gpu: Gpu, memory: Memory) {
  const { bank, axes, bankCounts, rowSpread, columns, extent, prior, quantiles, form, fallback, usualCost, usualGap } =
    memory;
  const scans = await Promise.all(memory.scans.map(async ({ name, rows, centres, pixels, values }) => ({
    name,
    count: [rows.count, rows.columns, rows.stride, centres.count],
    rows: await gpu.read(rows.values),
    points: await gpu.read(centres.points),
    starts: await gpu.read(centres.starts),
    values: await gpu.read(values),
    pixels,
  })));
  return {
    bank: await gpu.read(bank.values, bank.count * bank.stride),
    axes: axes && await gpu.read(axes.values, axes.count * axes.stride),
    rowSpread: await gpu.read(rowSpread),
    facts: { bankCounts, columns, extent, prior, quantiles, form, fallback, usualCost, usualGap },
    scans,
  };
}

await gpuTest("loadMemory() opens what saveMemory() kept, to the bit", async (gpu) => {
  const { folder, run, contents: saved } = await kept(gpu, ["place", "tilt"], 4);
  using memory = loadMemory(folder, run);
  deepEqual(await contents(gpu, memory), saved);
  ok(saved.axes !== undefined && saved.scans.length === 3);
});

await gpuTest("saveMemory() keeps the scans' patches only where a channel goes by place", async (gpu) => {
  const { folder, run, contents: saved } = await kept(gpu, ["row"], null);
  ok(saved.scans.length === 3 && ![...folder.tensors.keys()].some((name) => name.startsWith("scan.")));
  equal(folder.has("axes"), false);
  using memory = loadMemory(folder, run);
  deepEqual(await contents(gpu, memory), { ...saved, scans: [] });
});

await gpuTest("a loaded memory scores as the saved one did", async (gpu) => {
  const { folder, options, run } = await kept(gpu, ["row"], null);
  using scan = prepare(tinyScan({ seed: 9, dent: 0.002 }), tinyPrepare, run);
  const again = tinyFolder();
  using first = loadFine(folder, describe, options, run);
  await first.save(again);
  using second = loadFine(again, describe, options, run);
  deepEqual(await second.score(scan, run), await first.score(scan, run));
  deepEqual([...again.tensors], [...folder.tensors]);
  deepEqual(again.facts(), folder.facts());
});

await gpuTest("loadMemory() refuses a model that lacks any tensor, or whose facts are others", async (gpu) => {
  const { folder, run } = await kept(gpu, ["place"], null);
  for (const missing of folder.tensors.keys()) {
    const tensor = (name: string) => name === missing ? tinyFolder().tensor(name) : folder.tensor(name);
    throws(() => loadMemory({ ...folder, tensor }, run), ModelRefused, missing);
  }
  for (const facts of [{}, null, { ...folder.facts() as object, form: ["smell"] }]) {
    throws(() => loadMemory({ ...folder, facts: () => facts }, run), ModelRefused, JSON.stringify(facts));
  }
});
