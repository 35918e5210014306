/**
 * Whether normal scans cover a scan's pose: p-values and thresholds say nothing of scans unlike all that calibrated them. @module
 *
 * The measure is the cost of registration: how far a scan's surface is from those of the normal scans most like it, once it was
 * brought to them. Normal scans that were left out in turn tell how far normal ones are.
 */
import type { Pose } from "./detect_document.ts";

/** How much farther than the farthest normal scan a scan may be, and how many times the usual distance is far out. */
const SLACK = 1.1, FAR = 3;

/** Metres: sensors and sampling put even twins so far apart, where normal scans are copies of each other. */
const TWINS = 5e-5;

/** What registration says of a scan's pose, and the sentence for people where no normal scan covers it. */
export interface PoseJudged {
  /** Null where there is nothing to compare, or nothing to compare with. */
  readonly pose: Pose | null;
  /** Without a full stop; absent where the pose is covered. */
  readonly note?: string;
}

/**
 * Compares a scan's cost of registration with those of held-out normal scans, all in metres; null where one was not registered. With
 * `wholeShapes` a scan that fits no normal one is anomalous whatever it scores, and the note says that.
 */
export function judgePose(
  normalCosts: readonly (number | null)[] = [],
  cost: number | null,
  { wholeShapes = false }: { readonly wholeShapes?: boolean } = {},
): PoseJudged {
  const normal = normalCosts.filter((value) => value !== null).sort((a, b) => a - b);
  if (cost === null || normal.length === 0) return { pose: null };
  const most = Math.max(normal[normal.length - 1], TWINS), usual = Math.max(normal[normal.length >> 1], TWINS);
  const covered = cost <= SLACK * most, fits = covered || cost <= FAR * usual;
  const pose = { costMm: 1000 * cost, covered, fits };
  if (covered) return { pose };
  const strange = "another product, a part upside down, or a pose that no normal scan has";
  const far = fits
    ? "no normal scan has its pose: its p-value is not to be relied on"
    : wholeShapes
    ? `no normal shape fits: ${strange}; it is anomalous whatever it scores`
    : `it is unlike every normal scan: ${strange}: its p-value is not to be relied on`;
  return {
    pose,
    note: `${far} (${(1000 * cost).toFixed(2)} mm from the nearest normal surfaces, ` +
      `normal scans at most ${(1000 * most).toFixed(2)} mm)`,
  };
}
