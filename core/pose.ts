/**
 * Whether normal scans cover a scan's pose: p-values and thresholds say nothing of scans unlike all that calibrated them. @module
 *
 * The measure is the cost of registration: how far a scan's surface is from those of the normal scans most like it, once it was
 * brought to them. Normal scans that were left out in turn tell how far normal ones are. Each point's distance is cut, so where normal
 * scans differ much, or are coarse, no scan can be many times as far: how much of that limit a scan takes up tells there.
 */
import type { Pose } from "./detect_document.ts";
import { type FittedBranches, type Model, registryOf } from "./fitted_model.ts";
import { CAP } from "./registration.ts";

/** How much farther than the farthest normal scan a scan may be, and how many times the usual distance is far out. */
const SLACK = 1.1, FAR = 4;

/** Far out, too: this share of the limit, and this share of what the farthest normal scan leaves of it; of copies, a larger share. */
const MOST_SHARE = 0.55, BEYOND = 0.25, FROM_COPIES = 0.6;

/** Metres: sensors and sampling put even twins so far apart, where normal scans are copies of each other. */
const TWINS = 5e-5;

/** What registration says of a scan's pose, and the sentence for people where no normal scan covers it. */
export interface PoseJudged {
  /** Null where there is nothing to compare, or nothing to compare with. */
  readonly pose: Pose | null;
  /** Without a full stop; absent where the pose is covered. */
  readonly note?: string;
}

/** What is known of normal scans, and of the method, for {@linkcode judgePose}. */
interface PoseFacts {
  /** The method has a reconstructor: a scan that fits no normal one is anomalous whatever it scores, and the note says that. */
  readonly wholeShapes?: boolean;
  /** What a scan costs of which no point is near any normal surface, metres. */
  readonly limit?: number;
}

/** The pose of a scan of that cost (metres; null: not registered) as a model sees it. */
export function poseIn(model: FittedBranches & Pick<Partial<Model>, "calibration">, cost: number | null): PoseJudged {
  const registry = registryOf(model);
  return judgePose(model.calibration?.scan.costs, cost, {
    wholeShapes: model.reconstruction !== undefined,
    limit: registry && CAP * registry.extent,
  });
}

/** Compares a scan's cost of registration with those of held-out normal scans, all in metres; null where one was not registered. */
export function judgePose(
  normalCosts: readonly (number | null)[] = [],
  cost: number | null,
  { wholeShapes = false, limit }: PoseFacts = {},
): PoseJudged {
  const normal = normalCosts.filter((value) => value !== null).sort((a, b) => a - b);
  if (cost === null || normal.length === 0) return { pose: null };
  const most = Math.max(normal[normal.length - 1], TWINS), usual = Math.max(normal[normal.length >> 1], TWINS);
  const covered = cost <= SLACK * most, fits = covered || cost <= farOut(most, usual, limit);
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

/** The cost beyond which no normal scan is like a scan. Copies of one scan don't tell how far others may be: the limit alone does. */
function farOut(most: number, usual: number, limit: number | undefined): number {
  if (limit === undefined) return FAR * usual;
  if (most <= TWINS) return FROM_COPIES * limit;
  return Math.min(FAR * usual, Math.max(MOST_SHARE * limit, most + BEYOND * (limit - most)));
}
