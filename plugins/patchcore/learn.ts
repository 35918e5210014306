/**
 * Learning how normal scans differ: each is measured against all others, as a test scan will be. @module
 *
 * What a patch of a held-out normal scan measures is kept with it; a test patch is then judged by what normal scans measured at the same
 * place of the part, and by what patches measured that are nearest to the same bank row. No label is used.
 */
import {
  type HeldOutListener,
  type HeldOutScore,
  type Prepared,
  type Run,
  type ScanRegistry,
  type ScanSource,
  type ScoreMap,
  stage,
  TooFewScans,
} from "../../core/mod.ts";
import { type Gpu, largest, type Rows } from "../../kernels/mod.ts";
import { type Channel, forms, needsRegistration, type Quantiles } from "./channels.ts";
import { collectPatches, drawBank, patchColumns } from "./collect_patches.ts";
import {
  countRows,
  evenly,
  type HeldOut,
  type HeldOutChannels,
  judgeHeldOut,
  measureHeldOut,
  priorOf,
  quantile,
  quantilesOf,
  spreadWithout,
} from "./held_out.ts";
import { gapsOf, jointMap, levelled } from "./joint_map.ts";
import { type Known, type Memory, trustOf } from "./memory.ts";
import type { BankOptions } from "./options.ts";
import { groupRows, spreadOfRows } from "./row_groups.ts";
import { makeTrials, type Trial, type TriedForm, tryForms } from "./trials.ts";

/** Held-out scans that quantiles and clean maps are taken of. */
const SAMPLE_SCANS = 16;

/** Merit by which forms may differ on the pasted defects of one fit by chance. */
const TRIAL_ERROR = 0.02;

/** Fewer scans than this tell nothing of how they differ. */
const LEAST_SCANS = 3;

/** What {@linkcode learn} gives; the memory owns GPU memory. */
export interface Learned {
  readonly memory: Memory;
  readonly heldOut: readonly HeldOutScore[];
  /** The forms that were compared, where there was a choice. */
  readonly tried: readonly TriedForm[];
  /** Whether the normal scans tell how much normal scans differ. */
  readonly differ: boolean;
}

/** Fits the memory. Walks the scans two or three times. @throws {TooFewScans} @throws {MemoryBudgetExceeded} @throws {RunAborted} */
export async function learn(
  source: ScanSource,
  describe: (scan: Prepared) => Promise<Rows>,
  options: BankOptions,
  registry: ScanRegistry | undefined,
  run: Run,
  listener?: HeldOutListener,
): Promise<Learned> {
  const { gpu } = run;
  using owned = new DisposableStack();
  const { axes, scans } = owned.use(await collectPatches(source, describe, options, registry, run));
  if (scans.every(({ rows }) => rows.count === 0)) throw new TooFewScans(0, 1, "fit a memory bank");
  const { bank, bankCounts, bankPixels } = drawBank(scans, options.bankRows, run);
  owned.use(bank);
  const known: Known = {
    bank,
    scans,
    columns: patchColumns(registry, options.patch),
    extent: registry?.extent ?? 0,
  };
  const heldOut: HeldOut[] = [];
  if (scans.filter(({ rows }) => rows.count > 0).length > 1) {
    for await (const one of measureHeldOut(source, known, bankCounts, registry, options.patch, run)) heldOut.push(one);
  }
  const prior = priorOf(heldOut);
  for (const { index, values } of heldOut) {
    scans[index].values[Symbol.dispose]();
    scans[index].values = gpu.upload("f32", values);
  }
  const groups = await groupRows(gpu, bank), counts = countRows(heldOut, bank.count);
  const rowSpread = owned.use(gpu.upload("f32", spreadOfRows(counts, groups, [prior.mean[0], prior.deviation[0]])));
  const judged = heldOut.map((one): HeldOutChannels =>
    owned.use(judgeHeldOut(gpu, one, known, prior, spreadWithout(one, counts, groups, prior)))
  );
  const sample = evenly(judged, SAMPLE_SCANS);
  const quantiles = await usefulQuantiles(gpu, sample, bank);
  const size = heldOut[0]?.size ?? 0, usualCost = quantile(heldOut.flatMap(({ cost }) => cost ?? []), 0.5);
  const usualGap = quantile(await Promise.all(judged.map((one) => deepestGap(gpu, one, size))), 0.9);
  const joint = { size, quantiles, usualGap, usualCost, sigma: options.sigma };
  const spreadOf = (one: HeldOut) => spreadWithout(one, counts, groups, prior);
  const mapBy = async (form: readonly Channel[], one: Trial | HeldOutChannels): Promise<ScoreMap> => {
    using map = jointMap(gpu, one, { ...joint, form, trust: trustOf(one.cost, usualCost) });
    const values = levelled(await gpu.read(map), one.pixels);
    return { size, values, score: values.reduce((most, value) => Math.max(most, value), 0) };
  };
  const { form, fallback, tried } = await stage(run, "choose", async () => {
    const wanted = wantedForms(options, heldOut, registry !== undefined);
    const asked = listener?.pasted && heldOut.length >= LEAST_SCANS;
    if (wanted.length === 1 && !asked || options.trials === 0) return chosen(wanted.at(-1)!, []);
    const setting = { known, axes, bankCounts, prior, patch: options.patch, registry, spreadOf, describe };
    const trials = await makeTrials(source, heldOut, options.trials, setting, run);
    using _trials = { [Symbol.dispose]: () => trials.forEach((trial) => trial[Symbol.dispose]()) };
    const tried = wanted.length === 1 ? [] : await tryForms(wanted, trials, sample, joint, run);
    const choice = chosen(tried.length > 0 ? best(tried).form : wanted[0], tried);
    for (const trial of listener?.pasted ? trials : []) listener?.pasted?.(trial, await mapBy(choice.form, trial));
    return choice;
  });
  const peaks = await Promise.all(judged.map(async (one): Promise<HeldOutScore> => {
    const { name, cost } = one.heldOut, map = await mapBy(form, one);
    listener?.clean(name, map);
    return { name, score: map.score, peak: map.score, cost };
  }));
  judged.forEach((one) => one[Symbol.dispose]());
  const kept = owned.move();
  const memory: Memory = {
    ...known,
    axes,
    bankCounts,
    bankPixels,
    sources: scans.map(({ name, frame }) => ({ name, frame })),
    rowSpread,
    prior,
    quantiles,
    form,
    fallback,
    usualCost,
    usualGap,
    [Symbol.dispose]: () => kept.dispose(),
  };
  return { memory, heldOut: peaks, tried, differ: heldOut.length >= LEAST_SCANS && varies(heldOut) };
}

/** Pixels. Read back: one number. */
async function deepestGap(gpu: Gpu, { patchOf }: HeldOutChannels, size: number): Promise<number> {
  using depths = gapsOf(gpu, patchOf, size), most = largest(gpu, depths);
  return (await gpu.read(most.value))[0];
}

/** Share of the bank's own spread that a distance is measured by where normal scans tell nothing. */
const BLIND_SHARE = 0.1;

/** The quantiles; where not even the distance ever left 0, as among copies of one scan, it is measured by the bank's own spread. */
async function usefulQuantiles(gpu: Gpu, sample: readonly HeldOutChannels[], bank: Rows): Promise<Quantiles> {
  const quantiles = await quantilesOf(gpu, sample);
  if (quantiles.distance > 0) return quantiles;
  const values = await gpu.read(bank.values, bank.count * bank.stride);
  let sum = 0;
  for (let column = 0; column < bank.columns; column++) {
    let mean = 0, squares = 0;
    for (let i = column; i < values.length; i += bank.stride) mean += values[i] / bank.count;
    for (let i = column; i < values.length; i += bank.stride) squares += (values[i] - mean) ** 2;
    sum += squares / bank.count;
  }
  return { ...quantiles, distance: BLIND_SHARE * Math.sqrt(sum) };
}

/** The forms among which a fit may choose. */
function wantedForms(
  { channels }: BankOptions,
  heldOut: readonly HeldOut[],
  registered: boolean,
): readonly (readonly Channel[])[] {
  if (heldOut.length < LEAST_SCANS || !varies(heldOut)) return [["distance"]];
  if (channels !== "auto") return [channels];
  return forms.filter((form) => registered || !form.some(needsRegistration));
}

/** Whether normal scans differ from each other at all: copies of one don't. */
const varies = (heldOut: readonly Pick<HeldOut, "distances">[]): boolean =>
  heldOut.some(({ distances }) => distances.some((distance) => distance > 0));

/** A form with what stands in for it where a scan is not registered. */
function chosen(form: readonly Channel[], tried: readonly TriedForm[]) {
  const without = tried.filter(({ form }) => !form.some(needsRegistration));
  const spare = without.length > 0 ? best(without).form : ["distance" as const];
  return { form, fallback: form.some(needsRegistration) ? spare : form, tried };
}

/**
 * The form with most channels that is not behind the best by more than what so few pasted defects can tell: channels that add nothing
 * on these defects are cheap, and find others.
 */
function best(tried: readonly TriedForm[]): TriedForm {
  const most = Math.max(...tried.map(({ merit }) => merit));
  return tried.findLast(({ merit }) => merit >= most - TRIAL_ERROR)!;
}
