/**
 * AU-PRO and pixel AUROC of one group of maps, from counts alone. @module
 *
 * PRO is the mean over components of the share that is found, FPR the share of normal places that are called anomalous. PRO changes
 * only at scores of anomalous places, so the normal places need no more than their number at and between those scores.
 * Source: Bergmann et al., "The MVTec 3D-AD Dataset", VISAPP 2022, and its evaluation code.
 */

/** The anomalous scores of a group, distinct and ascending (m of them), and how the normal ones lie among them. */
export interface ScoreCounts {
  /** `2m + 1` counts of normal places: at `2i + 1` those that equal score i, at `2i` those between the scores i − 1 and i. */
  readonly normal: Float64Array;
  /** m sums over the anomalous places of that score: 1 / size of the component a place belongs to. */
  readonly overlap: Float64Array;
  /** m counts of the anomalous places of that score. */
  readonly anomalous: Float64Array;
  /** How many components there are. */
  readonly components: number;
}

/** A curve by its corners, from (0, 0) to (1, 1); neither coordinate falls. */
export interface ProCurve {
  /** Share of the normal places that are called anomalous. */
  readonly fpr: Float64Array;
  /** Mean share of a component that is found. */
  readonly pro: Float64Array;
}

const OFFICIAL_THRESHOLDS = 100;

/** The exact curve: one corner a distinct score, so ties are straight diagonals, as in ROC. */
export function exactCurve({ normal, overlap, components }: ScoreCounts): ProCurve {
  const normals = sum(normal);
  const fpr = new Float64Array(normal.length + 1), pro = new Float64Array(normal.length + 1);
  let above = 0, found = 0;
  for (let corner = 1, interval = normal.length - 1; interval >= 0; corner++, interval--) {
    above += normal[interval];
    if (interval % 2 === 1) found += overlap[interval >> 1];
    fpr[corner] = above / normals;
    pro[corner] = Math.min(1, found / components);
  }
  return { fpr, pro };
}

/**
 * The curve of the published evaluation code, with its 100 thresholds: normal scores at evenly spread positions. Its FPR goes by
 * position, so ties overstate it, and below 0.01 it is one straight line.
 */
export function officialCurve({ normal, overlap, components }: ScoreCounts): ProCurve {
  const normals = sum(normal), last = OFFICIAL_THRESHOLDS;
  const foundAbove = new Float64Array(overlap.length + 1); // [i]: overlap of the scores from i on
  for (let i = overlap.length - 1; i >= 0; i--) foundAbove[i] = foundAbove[i + 1] + overlap[i];
  const fpr = new Float64Array(last + 1), pro = new Float64Array(last + 1);
  fpr[last] = pro[last] = 1;
  const step = (normals - 1) / (OFFICIAL_THRESHOLDS - 1);
  for (let threshold = 0, interval = 0, upTo = normal[0]; threshold < OFFICIAL_THRESHOLDS; threshold++) {
    const end = threshold === OFFICIAL_THRESHOLDS - 1;
    const position = end ? normals - 1 : Math.trunc(threshold * step); // NumPy's linspace, truncated
    while (upTo <= position) upTo += normal[++interval];
    const corner = last - 1 - threshold;
    fpr[corner] = 1 - (position + 1) / normals;
    pro[corner] = Math.min(1, foundAbove[(interval + 1) >> 1] / components); // strictly above the threshold
  }
  return { fpr, pro };
}

/** Area under the curve for FPR from 0 to `limit`, over `limit`: 1 is perfect, chance is `limit / 2`. */
export function areaUpTo({ fpr, pro }: ProCurve, limit: number): number {
  let area = 0;
  for (let i = 1; i < fpr.length && fpr[i - 1] < limit; i++) {
    const width = fpr[i] - fpr[i - 1];
    if (width <= 0) continue;
    const inside = Math.min(width, limit - fpr[i - 1]);
    const end = inside === width ? pro[i] : pro[i - 1] + ((pro[i] - pro[i - 1]) * inside) / width;
    area += ((pro[i - 1] + end) / 2) * inside;
  }
  return Math.min(1, area / limit);
}

/** Chance that an anomalous place scores above a normal one, ties half. */
export function placeAuroc({ normal, anomalous }: ScoreCounts): number {
  let below = 0, wins = 0;
  for (let i = 0; i < anomalous.length; i++) {
    below += normal[2 * i];
    wins += anomalous[i] * (below + normal[2 * i + 1] / 2);
    below += normal[2 * i + 1];
  }
  return wins / (sum(anomalous) * sum(normal));
}

/**
 * At most `most` corners of the curve from FPR 0 to `limit`, for a plot: the first, the last (interpolated at `limit`), and corners
 * at least `1 / (most − 2)` of the curve's length apart, so that no dropped corner would show.
 */
export function thinnedCurve({ fpr, pro }: ProCurve, limit: number, most: number): { fpr: number[]; pro: number[] } {
  let end = 1;
  while (fpr[end] < limit) end++;
  const endPro = pro[end - 1] + ((pro[end] - pro[end - 1]) * (limit - fpr[end - 1])) / (fpr[end] - fpr[end - 1]);
  const apart = (1 + endPro) / (most - 2);
  const thin = { fpr: [0], pro: [0] };
  for (let i = 1, lastFpr = 0, lastPro = 0; i < end; i++) {
    if ((fpr[i] - lastFpr) / limit + (pro[i] - lastPro) < apart) continue;
    thin.fpr.push(lastFpr = fpr[i]);
    thin.pro.push(lastPro = pro[i]);
  }
  thin.fpr.push(limit);
  thin.pro.push(endPro);
  return thin;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
