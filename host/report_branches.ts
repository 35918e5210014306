/** What the report shows of a scan's branches. @module */
import { type Detected, type Scan, toOwnResolution } from "../core/mod.ts";
import { type CloudBranches, missingPart, type ScanBranches } from "../report/mod.ts";

/** Both branches with what each adds to the fused map, and what the scan lacks; undefined for methods with one. */
export function branchesToReport(
  scan: Scan,
  { scored: { frame, camera }, branches: judged, shares, labels }: Detected,
): ScanBranches | undefined {
  if (!judged || !shares) return undefined;
  const part = missingPart(scan, labels, judged, { frame, camera });
  return { judged, shares, part, frame, camera };
}

/** Both maps at the scan's own resolution. */
export const cloudBranches = ({ judged: { feature, missing }, frame, part }: ScanBranches): CloudBranches => ({
  feature: toOwnResolution(feature.values, frame),
  missing: toOwnResolution(missing.values, frame),
  part,
});
