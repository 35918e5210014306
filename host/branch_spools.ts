/** Maps of each branch by itself, on disk. @module */
import type { JudgedBranches, ScoreMap } from "../core/mod.ts";
import { GOOD, type NamedScore, type ScoredBranch } from "../evaluation/mod.ts";
import type { InputScan } from "./inputs.ts";
import { openSpool, type Spool } from "./spool.ts";

/** What was scored by each branch; its files are removed when it is disposed. */
export interface BranchSpools extends Disposable {
  /** The extractor's. */
  readonly feature: ScoredBranch;
  /** The reconstructor's. */
  readonly missing: ScoredBranch;
  /** Appends a scan; one without ground truth has its scores alone. */
  add(input: InputScan, scored: { readonly branches?: JudgedBranches; readonly truth?: Uint8Array }): Promise<void>;
}

/** Opens empty spools in the system's folder for temporary files. */
export async function openBranchSpools(): Promise<BranchSpools> {
  using owned = new DisposableStack();
  const feature = owned.use(await openSpool()), featureScans: NamedScore[] = [];
  const missing = owned.use(await openSpool()), missingScans: NamedScore[] = [];
  const kept = owned.move();
  return {
    feature: { maps: feature, scans: featureScans },
    missing: { maps: missing, scans: missingScans },
    async add({ name, defect = GOOD }, { branches, truth }) {
      if (!branches) return;
      const put = async ({ size, values, score }: ScoreMap, scans: NamedScore[], maps: Spool) => {
        scans.push({ name, defect, score });
        if (truth) await maps.add({ name, defect, width: size, height: size, scores: values, truth });
      };
      await put(branches.feature, featureScans, feature);
      await put(branches.missing, missingScans, missing);
    },
    [Symbol.dispose]: () => kept.dispose(),
  };
}
