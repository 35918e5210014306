/** What the report shows of a scan's branches. @module */
import { type Detected, type Model, type Run, type Scan, type ScoreMap, toOwnResolution } from "../core/mod.ts";
import { type CloudBranches, missingPart, type ScanBranches } from "../report/mod.ts";

/** Both branches with what each adds to the fused map, and what the scan lacks; undefined for methods with one. @throws {RunAborted} */
export async function branchesToReport(
  { fuser }: Model,
  scan: Scan,
  { scored: { branches: judged, frame, camera }, labels }: Detected,
  run: Run,
): Promise<ScanBranches | undefined> {
  if (!fuser || !judged) return undefined;
  const silent: ScoreMap = { size: frame.size, values: new Float32Array(frame.size ** 2), score: 0 };
  const feature = await fuser.fuse({ feature: judged.feature, missing: silent }, run);
  const missing = await fuser.fuse({ feature: silent, missing: judged.missing }, run);
  const part = missingPart(scan, labels, judged, { frame, camera });
  return { judged, shares: { feature, missing }, part, frame, camera };
}

/** Both maps at the scan's own resolution. */
export const cloudBranches = ({ judged: { feature, missing }, frame, part }: ScanBranches): CloudBranches => ({
  feature: toOwnResolution(feature.values, frame),
  missing: toOwnResolution(missing.values, frame),
  part,
});
