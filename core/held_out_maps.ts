/** Maps of both branches of normal scans that neither has seen, and of defects pasted on them: what fusers learn from. @module */
import { missingMap, seenBy } from "./branch_map.ts";
import { ScanRefused } from "./errors.ts";
import { type FittedBranches, registryOf } from "./fitted_model.ts";
import { type HeldOut, type HeldOutPlan, judgeHeldOut } from "./held_out.ts";
import { pasteDefect } from "./pasted_defects.ts";
import { defectKinds } from "./pasted_shapes.ts";
import type { BranchMaps, DefectMaps, HeldOutListener, PastedTrial } from "./plugin.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import { randomStream } from "./random.ts";
import { type Run, stage } from "./run.ts";
import type { LabelledScan } from "./scan_source.ts";

/** Both maps of a held-out normal scan. */
export interface HeldOutMaps extends BranchMaps {
  /** The scan's. */
  readonly name: string;
  /** Cost of its registration, metres; null where it was not registered. */
  readonly cost: number | null;
  /** The same scan with defects pasted on it, one at a time; empty where nobody asked for them. */
  readonly defects: readonly DefectMaps[];
}

/** Maps that the extractor found on its way, of training scans by all others. */
export interface KnownMaps {
  /** By scan. */
  readonly clean: ReadonlyMap<string, ScoreMap>;
  /** Of pasted defects. */
  readonly pasted: readonly { readonly trial: PastedTrial; readonly map: ScoreMap }[];
}

/** Keeps what an extractor tells of. */
export function keepKnown(defects: boolean): { readonly known: KnownMaps; readonly listener: HeldOutListener } {
  const clean = new Map<string, ScoreMap>(), pasted: KnownMaps["pasted"][number][] = [];
  return {
    known: { clean, pasted },
    listener: {
      clean: (scan, map) => void clean.set(scan, map),
      ...(defects ? { pasted: (trial, map) => void pasted.push({ trial, map }) } : {}),
    },
  };
}

/** Defects pasted on each held-out scan where the extractor has none, kinds in turn. */
const DEFECTS_EACH = 2;

/**
 * Both maps of normal scans by fits without them; a scan that one branch cannot judge is left out. `known` holds the maps that the
 * extractor found of training scans by all others; they do where the reconstructor, too, can leave a scan out of its own fit.
 * `defects` asks for pasted ones as well. @throws {RunAborted}
 */
export function heldOutMaps(
  plan: HeldOutPlan,
  known: KnownMaps,
  defects: boolean,
  run: Run,
): Promise<HeldOut<HeldOutMaps>> {
  const { whole, train, source } = plan;
  const onRefused = (scan: string, error: ScanRefused) =>
    run.log.warn(`"${scan}" tells nothing of how normal scans differ: ${error.message}`);
  let trials = 0;
  const pastedOn = function* (scan: Prepared): Iterable<{ readonly trial: PastedTrial }> {
    for (let i = 0; defects && i < DEFECTS_EACH; i++, trials++) {
      const kind = defectKinds[trials % defectKinds.length];
      yield { trial: { scan: scan.name, kind, stream: `fuser/defects/${scan.name}/${i}` } };
    }
  };
  const judge = async (by: FittedBranches, scan: Prepared): Promise<HeldOutMaps> => ({
    name: scan.name,
    ...await mapsOf(by, scan, run),
    defects: await defectMaps(by, scan, pastedOn(scan), run),
  });
  const leftOut = async () => {
    const maps: HeldOutMaps[] = [], scans = train.filter(({ name }) => known.clean.has(name));
    for await (const scan of source(scans, "calibrating, each scan by all others").walk()) {
      try {
        const own = known.pasted.filter(({ trial }) => trial.scan === scan.name);
        maps.push({
          name: scan.name,
          ...await mapsOf(whole, scan, run, { known: known.clean.get(scan.name), without: scan.name, heldOut: true }),
          defects: await defectMaps(whole, scan, own, run),
        });
      } catch (error) {
        if (!(error instanceof ScanRefused)) throw error;
        onRefused(scan.name, error);
      }
    }
    return maps;
  };
  const knows = known.clean.size > 0 && whole.reconstruction!.reconstructor.leavesOut;
  return judgeHeldOut(plan, { judge, leftOut: knows ? leftOut : undefined, onRefused }, run);
}

/** Both maps of real scans with known defects, or without any; those that one branch cannot judge are left out. @throws {RunAborted} */
export async function labelledMaps(
  { whole, source }: Pick<HeldOutPlan, "whole" | "source">,
  scans: readonly LabelledScan[],
  run: Run,
): Promise<DefectMaps[]> {
  const maps: DefectMaps[] = [], kinds = new Map(scans.map(({ name, kind }) => [name, kind]));
  for await (const scan of source(scans, "judging labelled scans").walk()) {
    const { truth } = scan;
    if (!truth) {
      run.log.warn(`"${scan.name}" has no ground truth: it is left out of the labelled scans`);
      continue;
    }
    try {
      const { feature, missing } = await mapsOf(whole, scan, run);
      maps.push({ feature, missing, truth: Uint8Array.from(truth), kind: kinds.get(scan.name)! });
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error;
      run.log.warn(`"${scan.name}" is left out of the labelled scans: ${error.message}`);
    }
  }
  return maps;
}

/** How a scan is kept out of the fit that judges it. */
interface MapsOptions {
  /** Its feature map, where it is known. */
  readonly known?: ScoreMap;
  /** The normal scan that it must not be brought to. */
  readonly without?: string;
  /** It is a scan of the fit, as it was fitted. */
  readonly heldOut?: boolean;
}

async function mapsOf(
  by: FittedBranches,
  scan: Prepared,
  run: Run,
  { known, without, heldOut }: MapsOptions = {},
): Promise<BranchMaps & Pick<HeldOutMaps, "cost">> {
  const registry = registryOf(by);
  using registration = registry && await stage(run, "register", () => registry.register(scan, run, { without }));
  const feature = known ?? await by.extractor.score(seenBy(by.registry !== undefined, scan, registration), run);
  const { map } = await missingMap(by.reconstruction!, scan, registration, run, { heldOut });
  return { cost: registration?.cost ?? null, feature, missing: map };
}

/**
 * Both maps of the scan with each of the defects. Where the scan is one of the fit, `map` is known, and it is not brought to itself; what the
 * reconstructor learned of its own usual gaps stays, since the defect is none of them.
 */
async function defectMaps(
  by: FittedBranches,
  scan: Prepared,
  pasted: Iterable<{ readonly trial: PastedTrial; readonly map?: ScoreMap }>,
  run: Run,
): Promise<DefectMaps[]> {
  const maps: DefectMaps[] = [];
  for (const { trial: { kind, stream }, map } of pasted) {
    using damaged = pasteDefect(scan, kind, randomStream(run.seed, stream), run);
    if (!damaged) continue;
    try {
      const { feature, missing } = await mapsOf(by, damaged, run, { known: map, without: map && scan.name });
      maps.push({ feature, missing, kind, truth: Uint8Array.from(damaged.truth) });
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error; // what is left of the part can't be judged: another one will do
    }
  }
  return maps;
}
