/**
 * Which channels a product gets: tried on defects pasted on held-out normal scans. @module
 *
 * A rigid part lies the same in every scan, so that places can be compared closely; where shapes vary, that is noise and what compares
 * with all normal patches finds more. Each joint form scores the same pasted and clean scans, all held out; the one that ranks the
 * places of the defects best is taken. No label is used.
 */
import {
  type DefectKind,
  defectKinds,
  pasteDefect,
  type PastedTrial,
  placeRanking,
  type Prepared,
  randomStream,
  type RankedMap,
  type Run,
  ScanRefused,
  type ScanRegistry,
  type ScanSource,
  tableFrame,
  throwIfAborted,
} from "../../core/mod.ts";
import type { Rows } from "../../kernels/mod.ts";
import type { Channel } from "./channels.ts";
import { evenly, type HeldOut, type HeldOutChannels, rangesOf } from "./held_out.ts";
import { type ChannelValues, jointMap, type JointMapOptions, levelled } from "./joint_map.ts";
import { deviations, type Known, measure, neighbourhood, type Prior, trustOf } from "./memory.ts";
import { layPatches, placePatches, poolRows } from "./patches.ts";

/** The false-positive rates up to which places are ranked. */
const LIMIT = 0.05, STRICT_LIMIT = 0.01;

/** A normal scan with a defect pasted on, measured without its own part in bank and registry. Owns GPU memory. */
export interface Trial extends PastedTrial, ChannelValues, Disposable {
  /** Map pixel of each point. */
  readonly pixels: Uint32Array;
  /** Cost of the registration, metres; null where there was none. */
  readonly cost: number | null;
  /** `size²`: where the defect is. */
  readonly truth: Uint8Array;
}

/** What {@linkcode makeTrials} works with. */
export interface TrialSetting {
  readonly known: Known;
  readonly axes: Rows | undefined;
  readonly bankCounts: Uint32Array;
  readonly prior: Prior;
  /** Side of a patch, pixels. */
  readonly patch: number;
  readonly registry: ScanRegistry | undefined;
  /** Row spread without the scan's own part. */
  readonly spreadOf: (heldOut: HeldOut) => Float32Array<ArrayBuffer>;
  readonly describe: (scan: Prepared) => Promise<Rows>;
}

/** Pastes `count` defects, one at a time, on the scans of the walk in turn, and measures each; kinds take turns. */
export async function makeTrials(
  source: ScanSource,
  bases: readonly HeldOut[],
  count: number,
  setting: TrialSetting,
  run: Run,
): Promise<Trial[]> {
  using owned = new DisposableStack();
  const trials: Trial[] = [],
    plan = new Map(evenly(bases, count).map((base) => [base.name, { base, kinds: [] as DefectKind[] }]));
  const planned = [...plan.values()];
  for (let i = 0; i < count; i++) planned[i % planned.length].kinds.push(defectKinds[i % defectKinds.length]);
  for await (const scan of source.walk()) {
    const { base, kinds } = plan.get(scan.name) ?? {};
    for (const [i, kind] of (kinds ?? []).entries()) {
      throwIfAborted(run);
      const stream = `patchcore/trials/${scan.name}/${i}`;
      try {
        const trial = await makeTrial(scan, base!, { scan: scan.name, kind, stream }, setting, run);
        if (trial) trials.push(owned.use(trial));
      } catch (error) {
        if (!(error instanceof ScanRefused)) throw error; // what is left of the part can't be described: another one will do
      }
    }
  }
  owned.move();
  return trials;
}

async function makeTrial(
  scan: Prepared,
  base: HeldOut,
  paste: PastedTrial,
  { known, axes, bankCounts, prior, patch, registry, spreadOf, describe }: TrialSetting,
  run: Run,
): Promise<Trial | undefined> {
  const { gpu } = run;
  using pasted = pasteDefect(scan, paste.kind, randomStream(run.seed, paste.stream), run);
  if (!pasted) return undefined;
  using points = await describe(pasted);
  const layout = layPatches(pasted, patch, tableFrame(pasted), known.columns);
  using rows = poolRows(gpu, points, layout, axes), patches = placePatches(gpu, rows, layout);
  using registration = await registry?.register(pasted, run, { without: scan.name });
  using around = registration && neighbourhood(gpu, patches.centres, registration, known);
  const registered = registration && around && { registration, around };
  using measured = measure(gpu, pasted, patches, known, registered, rangesOf(bankCounts)[base.index]);
  using spread = gpu.upload("f32", spreadOf(base));
  using owned = new DisposableStack();
  const judged = owned.use(deviations(gpu, measured, around, prior, spread));
  const distances = owned.use(gpu.buffer("f32", measured.distances.length));
  gpu.copy(measured.distances, distances);
  const patchOf = owned.use(gpu.upload("u32", layout.patchOf));
  const kept = owned.move();
  return {
    ...paste,
    pixels: pasted.pixels,
    cost: registration?.cost ?? null,
    truth: pasted.truth,
    places: judged.places,
    rows: judged.rows,
    distances,
    patchOf,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** A form and how it did on pasted defects and clean scans. */
export interface TriedForm {
  readonly form: readonly Channel[];
  /** Exact AU-PRO up to a false-positive rate of 0.05, and of 0.01: what is marked in the map. */
  readonly auPro: number;
  readonly strictAuPro: number;
  /** Chance that a scan with a defect scores above a clean one. */
  readonly scanAuroc: number;
  /** Mean of the three: what forms are compared by. */
  readonly merit: number;
}

/** Scores all trials and clean scans by each form. Read back, in one wait a form: its maps. */
export async function tryForms(
  forms: readonly (readonly Channel[])[],
  trials: readonly Trial[],
  clean: readonly HeldOutChannels[],
  { usualCost, ...joint }: Omit<JointMapOptions, "form" | "trust"> & { readonly usualCost: number },
  { gpu }: Run,
): Promise<TriedForm[]> {
  const nothing = new Uint8Array(joint.size ** 2), tried: TriedForm[] = [];
  for (const form of forms) {
    const scored = await Promise.all(
      [...trials.map((trial) => ({ of: trial, truth: trial.truth })), ...clean.map((of) => ({ of, truth: nothing }))]
        .map(async ({ of, truth }): Promise<RankedMap> => {
          using map = jointMap(gpu, of, { ...joint, form, trust: trustOf(of.cost, usualCost) });
          return { scores: levelled(await gpu.read(map), of.pixels), truth };
        }),
    );
    const ranking = placeRanking(scored, [LIMIT, STRICT_LIMIT]) ?? {};
    const auPro = ranking[LIMIT] ?? 0, strictAuPro = ranking[STRICT_LIMIT] ?? 0;
    const peaks = scored.map(({ scores }) => scores.reduce((most, value) => Math.max(most, value), 0));
    const scanAuroc = shareAbove(peaks.slice(0, trials.length), peaks.slice(trials.length));
    tried.push({ form, auPro, strictAuPro, scanAuroc, merit: (auPro + strictAuPro + scanAuroc) / 3 });
  }
  return tried;
}

/** Share of pairs in which the first is above the second, ties half; ½ without pairs. */
function shareAbove(ones: readonly number[], others: readonly number[]): number {
  if (ones.length * others.length === 0) return 0.5;
  let above = 0;
  for (const one of ones) for (const other of others) above += one > other ? 1 : one === other ? 0.5 : 0;
  return above / (ones.length * others.length);
}
