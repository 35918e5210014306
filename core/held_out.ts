/** Normal scans judged by fits that have not seen them. @module */
import type { Calibration } from "./calibration.ts";
import { ScanRefused } from "./errors.ts";
import type { FittedBranches } from "./fitted_model.ts";
import type { HeldOutScore, ScanSource } from "./plugin.ts";
import type { Prepared } from "./prepared.ts";
import { randomStream } from "./random.ts";
import type { Run } from "./run.ts";
import type { NamedScan } from "./scan_source.ts";

/** Fewer scans than this of their own tell less than the training scans do, held out in turn. */
export const LEAST_HELD_OUT = 20;

/** What the judging of held-out scans needs. */
export interface HeldOutPlan {
  /** The fit to all training scans. */
  readonly whole: FittedBranches;
  /** The training scans that can be used. */
  readonly train: readonly NamedScan[];
  /** Normal scans that no fit sees. */
  readonly own: readonly NamedScan[];
  /** Most folds of the training scans. */
  readonly folds: number;
  /** Scans, prepared; with words for the progress. */
  readonly source: (scans: readonly NamedScan[], words: string) => ScanSource;
  /** A fit to some of the training scans. */
  readonly fit: (scans: readonly NamedScan[], words: string) => Promise<FittedBranches & Disposable>;
}

/** How a scan is judged. */
export interface Judge<T> {
  /** One scan by branches that were fitted without it. @throws {ScanRefused} */
  readonly judge: (by: FittedBranches, scan: Prepared) => Promise<T>;
  /** What the fit to all training scans knows of each of them by all others; absent where it knows nothing. */
  readonly leftOut?: () => Promise<readonly T[]>;
  /** Told of scans that cannot be judged; they are left out. */
  readonly onRefused: (scan: string, error: ScanRefused, from: ScanSource) => void;
}

/** What held-out scans are judged to be, and how they were held out. */
export interface HeldOut<T> extends Pick<Calibration, "kind" | "folds"> {
  /** One for each scan that could be judged. */
  readonly found: readonly T[];
}

/** Scans of their own where they are enough, else what the fit knows of each training scan by all others, else folds of those. */
export async function judgeHeldOut<T>(
  { whole, train, own, folds, source, fit }: HeldOutPlan,
  { judge, leftOut, onRefused }: Judge<T>,
  run: Run,
): Promise<HeldOut<T>> {
  const found: T[] = [];
  const judgeAll = async (by: FittedBranches, scans: readonly NamedScan[], words: string) => {
    const held = source(scans, words);
    for await (const prepared of held.walk()) {
      try {
        found.push(await judge(by, prepared));
      } catch (error) {
        if (!(error instanceof ScanRefused)) throw error;
        onRefused(prepared.name, error, held);
      }
    }
  };
  if (own.length >= LEAST_HELD_OUT) {
    await judgeAll(whole, own, "calibrating");
    return { kind: "split", folds: 0, found };
  }
  if (leftOut) {
    found.push(...await leftOut());
    await judgeAll(whole, own, "calibrating, scans of their own");
    return { kind: "leave-one-out", folds: train.length, found };
  }
  const count = Math.min(folds, train.length);
  const order = randomStream(run.seed, "calibration/folds").shuffle(train.map((_, i) => i));
  for (let fold = 0; fold < count; fold++) {
    const out = new Set(order.filter((_, i) => i % count === fold));
    const rest = train.filter((_, i) => !out.has(i)), held = train.filter((_, i) => out.has(i));
    using part = await fit(rest, `calibrating, fold ${fold + 1} of ${count}: `);
    await judgeAll(part, held, `calibrating, fold ${fold + 1} of ${count}: scoring`);
  }
  if (own.length > 0) await judgeAll(whole, own, "calibrating, scans of their own"); // too few alone: they join the folds
  return { kind: "cross", folds: count, found };
}

/** The scores of held-out scans as calibrations, of scans and of maps. */
export function calibrationOf({ kind, folds, found }: HeldOut<HeldOutScore>): {
  readonly scan: Calibration;
  readonly peak: Calibration;
} {
  const names = found.map(({ name }) => name), costs = found.map(({ cost }) => cost);
  const of = (scores: readonly number[]): Calibration => ({ kind, scores, names, folds, costs });
  return { scan: of(found.map(({ score }) => score)), peak: of(found.map(({ peak }) => peak)) };
}
