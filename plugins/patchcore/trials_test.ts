import { deepEqual, equal, notDeepEqual, ok, rejects } from "node:assert/strict";
import { createRun, defectKinds, type Prepared, RunAborted, type Scan, ScanRefused } from "../../core/mod.ts";
import { type Gpu, uploadRows } from "../../kernels/mod.ts";
import { gpuTest, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { type Channel, channels, type Quantiles } from "./channels.ts";
import { collectPatches, drawBank, patchColumns } from "./collect_patches.ts";
import { type HeldOut, type HeldOutChannels, measureHeldOut, priorOf } from "./held_out.ts";
import { bankOptions } from "./options.ts";
import { makeTrials, type Trial, tryForms } from "./trials.ts";

/** Maps of 24 × 24 whose every pixel is a patch. */
const SIZE = 24, COUNT = SIZE * SIZE;

/** What normal patches have and what those of the defect have, by channel: the rest is noise of no meaning. */
function channelsOf(gpu: Gpu, seed: number, truth: Uint8Array, told: readonly Channel[]) {
  using owned = new DisposableStack();
  const noise = (salt: number, i: number) => Math.abs(Math.sin(seed * 1009 + salt * 31 + i * i * 17)) / 2;
  const value = (channel: Channel, i: number) =>
    truth[i] === 1 && told.includes(channel) ? 2 : noise(channels.indexOf(channel), i);
  const list = (channel: Channel) => Float32Array.from({ length: COUNT }, (_, i) => value(channel, i));
  const byPlace = (["place", "local", "tilt", "offset"] as const).map(list);
  const places = owned.use(
    gpu.upload("f32", Float32Array.from({ length: 4 * COUNT }, (_, i) => byPlace[i % 4][i >> 2])),
  );
  const rows = owned.use(gpu.upload("f32", list("row"))), distances = owned.use(gpu.upload("f32", list("distance")));
  const patchOf = owned.use(gpu.upload("u32", Uint32Array.from({ length: COUNT }, (_, i) => i)));
  const pixels = Uint32Array.from({ length: COUNT }, (_, i) => i), kept = owned.move();
  return { places, rows, distances, patchOf, pixels, cost: 1e-4, [Symbol.dispose]: () => kept.dispose() };
}

/** The square of 4 × 4 pixels at row 8 and this column. */
const square = (column: number) =>
  Uint8Array.from({ length: COUNT }, (_, i) => {
    const inside = (at: number, from: number) => at >= from && at < from + 4;
    return inside(Math.floor(i / SIZE), 8) && inside(i % SIZE, column) ? 1 : 0;
  });

/** AU-PRO by form, where these channels alone tell the defects. */
async function ranked(gpu: Gpu, forms: readonly (readonly Channel[])[], told: readonly Channel[]) {
  using owned = new DisposableStack();
  const trials = [4, 12].map((column, seed): Trial => {
    const truth = square(column), own = owned.use(channelsOf(gpu, seed, truth, told));
    return { ...own, scan: `${seed}`, kind: "dent", stream: "", truth };
  });
  const clean = [5, 6].map((seed): HeldOutChannels => ({
    ...owned.use(channelsOf(gpu, seed, new Uint8Array(COUNT), told)),
    heldOut: undefined as unknown as HeldOut,
  }));
  const quantiles = Object.fromEntries(channels.map((channel) => [channel, 0.5])) as unknown as Quantiles;
  const joint = { size: SIZE, quantiles, usualGap: 0, usualCost: 1e-4, sigma: 1 };
  const tried = await tryForms(forms, trials, clean, joint, createRun(gpu));
  deepEqual(tried.map(({ form }) => form), forms, "in the order in which they were given");
  return tried.map(({ auPro }) => auPro);
}

await gpuTest("tryForms() ranks a form of what tells defects above one of noise", async (gpu) => {
  const [distance, row, place] = await ranked(gpu, [["distance"], ["row"], ["place"]], ["row"]);
  ok(row > 0.9, `${row}`);
  ok(distance < 0.3 && place < 0.3, `${distance}, ${place}: noise`);
});

await gpuTest("tryForms() ranks a form below a simpler one where the channels that it adds are noise", async (gpu) => {
  const noisy: Channel[] = ["place", "local", "tilt", "offset"];
  const [simple, joint] = await ranked(gpu, [["place"], noisy], ["place"]);
  ok(simple > joint, `${simple} and ${joint}`);
  const [alone, together] = await ranked(gpu, [["place"], noisy], noisy);
  ok(together >= alone - 0.01, `${together} and ${alone}: where all of them tell, adding them costs nothing`);
});

await gpuTest("tryForms() gives 0 where there is nothing to rank", async (gpu) => {
  const joint = { size: SIZE, quantiles: {} as Quantiles, usualGap: 0, usualCost: 0, sigma: 1 };
  const [{ form, auPro }] = await tryForms([["row"]], [], [], joint, createRun(gpu));
  deepEqual([form, auPro], [["row"], 0]);
});

const options = bankOptions.parse({ components: null });

/** Trials on the first scans of these, none of them registered. */
async function trialsOf(
  gpu: Gpu,
  scans: readonly Scan[],
  count: number,
  { seed = 0, refuse = -1, stopped = false } = {},
) {
  const run = createRun(gpu, { seed }), source = tinySource(run, scans);
  let described = 0;
  const describe = async (scan: Prepared) => {
    if (described++ === scans.length + refuse && refuse >= 0) throw new ScanRefused(scan.name, "odd", "for the test");
    return await Promise.resolve(uploadRows(gpu, scan.hostPoints.map((metres) => 1000 * metres), 3)); // each tells its own point alone
  };
  using collected = await collectPatches(source, describe, options, undefined, run);
  const { bank, bankCounts } = drawBank(collected.scans, 1_000_000, run);
  using _bank = bank;
  const known = { bank, scans: collected.scans, columns: patchColumns(undefined, options.patch), extent: 0 };
  const heldOut = await Array.fromAsync(measureHeldOut(source, known, bankCounts, undefined, options.patch, run));
  const setting = {
    known,
    axes: undefined,
    bankCounts,
    bankPixels: new Uint32Array(0),
    prior: priorOf(heldOut),
    patch: options.patch,
    registry: undefined,
    spreadOf: () => new Float32Array(2 * bank.count).map((_, i) => i % 2),
    describe,
  };
  const working = stopped ? createRun(gpu, { signal: AbortSignal.abort() }) : run;
  const trials = await makeTrials(source, heldOut, count, setting, working);
  using _trials = { [Symbol.dispose]: () => trials.forEach((trial) => trial[Symbol.dispose]()) };
  return await Promise.all(trials.map(async ({ scan, kind, truth, distances, patchOf, pixels }) => ({
    scan,
    kind,
    truth,
    pixels,
    distances: await gpu.read(distances),
    patchOf: await gpu.read(patchOf),
    clean: heldOut.find(({ name }) => name === scan)!,
  })));
}

const scans = [1, 2, 3].map((seed) => tinyScan({ seed }));

await gpuTest(
  "makeTrials() pastes the kinds in turn on the scans in turn, measured by the other scans",
  async (gpu) => {
    const trials = await trialsOf(gpu, scans, 2 * defectKinds.length);
    ok(trials.length >= defectKinds.length, `${trials.length} of 14 found a place`);
    const kinds = new Set(trials.map(({ kind }) => kind)), names = trials.map(({ scan }) => scan);
    ok(kinds.size >= defectKinds.length - 1, [...kinds].join());
    deepEqual(new Set(names), new Set(scans.map(({ name }) => name)));
    for (const { truth, distances, patchOf, pixels, clean, kind, scan } of trials) {
      ok(truth.includes(1) && truth.includes(0));
      const untouched = [...pixels].filter((pixel) => truth[pixel] === 0);
      const same = untouched.filter((pixel) => {
        const now = distances[patchOf[pixel]];
        return now > 0 && now === clean.distances[clean.patchOf[pixel]]; // not 0: its own rows are left out
      });
      ok(same.length > 0.9 * untouched.length, `${kind} on ${scan}: ${same.length} of ${untouched.length}`);
    }
  },
);

await gpuTest(
  "makeTrials() is the same for a seed, another for another, and goes on where one can't be described",
  async (gpu) => {
    const bits = (trials: Awaited<ReturnType<typeof trialsOf>>) =>
      trials.map(({ truth, distances }) => [truth, distances]);
    const first = await trialsOf(gpu, scans, 4);
    deepEqual(bits(await trialsOf(gpu, scans, 4)), bits(first));
    notDeepEqual(bits(await trialsOf(gpu, scans, 4, { seed: 5 })), bits(first));
    const fewer = await trialsOf(gpu, scans, 4, { refuse: 1 });
    equal(fewer.length, first.length - 1);
  },
);

await gpuTest("makeTrials() ends with RunAborted when the run was interrupted", async (gpu) => {
  await rejects(trialsOf(gpu, scans, 2, { stopped: true }), RunAborted);
});
