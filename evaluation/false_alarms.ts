/** Do normal scans raise as many alarms as the calibration says, and how many defective ones do? @module */
import { clopperPearson, DEFAULT_ALPHA, reachableAlpha } from "../core/mod.ts";

/** How often normal test scans raised an alarm at one stated rate. */
export interface FalseAlarmRate {
  /** At most this share should. */
  readonly stated: number;
  /** The least rate that the calibration scans can promise: below it there is never an alarm. */
  readonly reachable: number;
  /** The share that did. */
  readonly seen: number;
  /** Lower end of the 95 % interval of the rate behind `seen` (Clopper and Pearson 1934). */
  readonly lower: number;
  /** Its upper end. */
  readonly upper: number;
}

/** One good test scan, as its model judges it. */
export interface JudgedGood {
  /** Share of normal scans that score at least as high. */
  readonly pValue: number;
  /** Places of the map above the regions' threshold, as a share of the places of the part; null where there is no threshold. */
  readonly flagged: number | null;
}

/** One defective test scan, as its model judges it. */
export interface JudgedDefective {
  /** Its defect type. */
  readonly defect: string;
  /** Share of normal scans that score at least as high. */
  readonly pValue: number;
}

/** How many defective scans of a type are found. */
export interface FoundShare {
  /** Test scans of the type. */
  readonly scans: number;
  /** The share that raised an alarm at the default rate. */
  readonly found: number;
  /** Lower end of the 95 % interval of the rate behind `found` (Clopper and Pearson 1934). */
  readonly lower: number;
  /** Its upper end. */
  readonly upper: number;
}

/** Stated against seen false-alarm rates. */
export interface FalseAlarms {
  /** Good test scans. */
  readonly scans: number;
  /** Mean share of a part that is marked as anomalous at the default rate; null where that is out of reach. */
  readonly flagged: number | null;
  /** By the stated rate: "0.01", "0.05", "0.1". */
  readonly rates: Readonly<Record<string, FalseAlarmRate>>;
  /** Alarms among defective test scans, by type. */
  readonly found: Readonly<Record<string, FoundShare>>;
}

/** The rates that are told. */
export const STATED_RATES: readonly number[] = [0.01, 0.05, 0.1];

/**
 * Counts the alarms among good test scans, p ≤ stated rate, and among defective ones. `calibrationScans` is the number of scans behind
 * the p-values. Undefined without a good scan.
 */
export function falseAlarmsOf(
  good: readonly JudgedGood[],
  calibrationScans: number,
  defective: readonly JudgedDefective[] = [],
): FalseAlarms | undefined {
  const scans = good.length, pValues = good.map(({ pValue }) => pValue);
  if (scans === 0) return undefined;
  const flagged = good.map(({ flagged }) => flagged).filter((share) => share !== null);
  return {
    scans,
    flagged: flagged.length === 0 ? null : flagged.reduce((sum, share) => sum + share, 0) / flagged.length,
    rates: Object.fromEntries(STATED_RATES.map((stated) => {
      const alarms = pValues.filter((p) => p <= stated).length;
      const reachable = reachableAlpha(calibrationScans);
      return [String(stated), { stated, reachable, seen: alarms / scans, ...clopperPearson(alarms, scans) }];
    })),
    found: Object.fromEntries([...Map.groupBy(defective, ({ defect }) => defect)].map(([defect, judged]) => {
      const found = judged.filter(({ pValue }) => pValue <= DEFAULT_ALPHA).length;
      return [defect, {
        scans: judged.length,
        found: found / judged.length,
        ...clopperPearson(found, judged.length),
      }];
    })),
  };
}
