/** Figures of groups of scans: of each defect type, each size of the missing piece, each branch. @module */
import { type Bootstrap, intervalsOf } from "./bootstrap.ts";
import { SIZE_CLASSES } from "./dataset/augmentation/options.ts";
import type { AuPro, BranchFigures, DefectMetrics } from "./evaluate_document.ts";
import { GOOD, type MapMetrics, mapMetrics, scanAuroc, type ScoredMap, type ScoredMaps } from "./metrics/mod.ts";
import type { NamedScore } from "./scan_histograms.ts";

const none: AuPro = { exact: {}, official: {} };

/** Both AU-PROs of metrics; none of nothing. */
export const auProOf = (metrics: MapMetrics | undefined): AuPro =>
  metrics ? { exact: metrics.exact, official: metrics.official } : none;

/** Each defect type with the good scans. */
export function defectFigures(
  byDefect: ReadonlyMap<string, MapMetrics | undefined>,
  scans: readonly Pick<NamedScore, "defect" | "score">[],
  bootstrap?: Bootstrap,
): Record<string, DefectMetrics> {
  const byScan = scanAuroc(scans).byDefect, figures: Record<string, DefectMetrics> = {};
  for (const [defect, metrics] of byDefect) {
    const drawn = bootstrap?.byDefect.get(defect);
    figures[defect] = {
      scans: scans.filter((scan) => scan.defect === defect).length,
      auPro: auProOf(metrics),
      pixelAuroc: metrics?.pixelAuroc ?? NaN,
      scanAuroc: byScan.get(defect) ?? null,
      ...(drawn ? { intervals: intervalsOf(drawn) } : {}),
    };
  }
  return figures;
}

/**
 * Each size of the missing piece with the good scans, the smallest first; a defective scan without a size is in none. The maps are walked
 * twice. @throws what {@linkcode mapMetrics} throws
 */
export async function sizeFigures(
  maps: ScoredMaps,
  scans: readonly NamedScore[],
  sizes: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<Record<string, DefectMetrics>> {
  const relabelled = <T extends Pick<ScoredMap, "defect" | "name">>(one: T): T[] => {
    const size = one.defect === GOOD ? GOOD : sizes.get(one.name ?? "");
    return size === undefined ? [] : [{ ...one, defect: size }];
  };
  const bySize = {
    async *walk() {
      for await (const map of maps.walk()) yield* relabelled(map);
    },
  };
  const { byDefect } = await mapMetrics(bySize, { signal });
  const figures = defectFigures(byDefect, scans.flatMap(relabelled));
  const order = Object.keys(SIZE_CLASSES);
  return Object.fromEntries(Object.entries(figures).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

/** What one branch scored by itself, at map resolution. */
export interface ScoredBranch {
  /** Its maps. */
  readonly maps: ScoredMaps;
  /** The scores of its maps. */
  readonly scans: readonly NamedScore[];
}

/** The figures of a branch. @throws what {@linkcode mapMetrics} throws */
export async function branchFigures(
  { maps, scans }: ScoredBranch,
  sizes: ReadonlyMap<string, string> | undefined,
  signal?: AbortSignal,
): Promise<BranchFigures> {
  const { all, byDefect } = await mapMetrics(maps, { signal });
  return {
    auPro: auProOf(all),
    pixelAuroc: all?.pixelAuroc ?? NaN,
    scanAuroc: scanAuroc(scans).all ?? null,
    byDefect: defectFigures(byDefect, scans),
    ...(sizes ? { bySize: await sizeFigures(maps, scans, sizes, signal) } : {}),
  };
}
