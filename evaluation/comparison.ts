/**
 * Is one run better than another, or are the test scans too few to tell? @module
 *
 * Both runs' figures of the same draws of the same scans (`bootstrap.ts`) are subtracted, so that what is hard for both goes out of the
 * difference.
 */
import { type Bootstrap, bootstrap, type Interval, percentiles, type Resampled } from "./bootstrap.ts";
import type { ScanHistograms } from "./scan_histograms.ts";

/** How much larger a figure is in the second run. */
export interface Difference {
  /** Of the scans as they are; within the score grid's error of the difference of the exact figures. */
  readonly value: number;
  /** 2.5 % and 97.5 % of the draws. */
  readonly interval: Interval;
  /** Two-sided: twice the smaller share of the draws on either side of 0, 0 on both; at least 1 over the rounds, at most 1. */
  readonly p: number;
}

/** Differences of two runs; null where a figure is not defined. */
export interface Differences {
  /** How many scans both have: the others are left out. */
  readonly scans: number;
  /** Exact AU-PRO by limit. */
  readonly exact: Readonly<Record<string, Difference | null>>;
  /** Of pixels, all scans together. */
  readonly pixelAuroc: Difference | null;
  /** Of scan scores. */
  readonly scanAuroc: Difference | null;
}

/** Compares two runs of one category, `to` minus `from`. Where one lacks scans of the other, the common ones are drawn anew. */
export function compareRuns(from: Bootstrap, to: Bootstrap): Differences {
  const names = ({ histograms }: Bootstrap) => histograms.scans.map(({ name }) => name);
  const common = new Set(names(from)).intersection(new Set(names(to)));
  const [a, b] = [from, to].map((run) => {
    const same = run.drawn.rounds === from.drawn.rounds && run.drawn.seed === from.drawn.seed &&
      run.drawn.stream === from.drawn.stream;
    return same && names(run).length === common.size ? run : bootstrap(withScans(run.histograms, common), from.drawn);
  });
  return {
    scans: common.size,
    exact: Object.fromEntries(
      Object.entries(a.all.exact).map(([limit, figure]) => [limit, differenceOf(figure, b.all.exact[limit])]),
    ),
    pixelAuroc: differenceOf(a.all.pixelAuroc, b.all.pixelAuroc),
    scanAuroc: differenceOf(a.all.scanAuroc, b.all.scanAuroc),
  };
}

const withScans = ({ bins, scans }: ScanHistograms, names: ReadonlySet<string>): ScanHistograms => ({
  bins,
  scans: scans.filter(({ name }) => names.has(name)),
});

/** Compares a figure of two runs, `to` minus `from`, by the same draws of the same scans; null where no draw has it. */
export function differenceOf(from: Resampled, to: Resampled): Difference | null {
  const draws = to.draws.map((value, round) => value - from.draws[round]).filter((value) => !Number.isNaN(value));
  const interval = percentiles(draws);
  if (interval === null) return null;
  let atMost = 0, atLeast = 0;
  for (const value of draws) {
    if (value <= 0) atMost++;
    if (value >= 0) atLeast++;
  }
  const p = Math.min(1, Math.max(1, 2 * Math.min(atMost, atLeast)) / draws.length);
  return { value: to.value - from.value, interval, p };
}
