/**
 * What papers print for methods that we have too, with where each figure stands. @module
 *
 * The figures are data, `published_figures.json`: one series a method, data set, metric and source. Where two tables of one paper print
 * a figure differently (Shape-guided on tire: 97 in Table 3, 96.9 in Table 4) the first one counts.
 */
import figures from "./published_figures.json" with { type: "json" };

/**
 * What a figure was measured on: `original` and `augmented` with the reduced test set, which lacks five scans of each type;
 * `original-full` with the official one. They are not comparable scan for scan.
 */
export type PublishedDataset = "original" | "augmented" | "original-full";

/** AU-PRO up to a false-positive rate of 0.3 at map resolution, or the AUROC of whole scans. */
export type PublishedMetric = "au_pro_0.3" | "i_auroc";

/** One of our methods: names of its plugins and of its preset. */
export interface NamedMethod {
  readonly extractor: string;
  readonly reconstructor?: string;
  readonly fuser?: string;
  readonly preset: string;
}

/** A figure as a paper prints it. */
export interface Published {
  /** What the paper calls the method. */
  readonly method: string;
  /** A share, 0 to 1. */
  readonly value: number;
  /** The table that it stands in. */
  readonly source: string;
  /** Whether it was read there, or recalled and found to agree with the printed mean. */
  readonly confidence: "read" | "recalled, mean checks";
  /** Whether ours is the published procedure; otherwise it takes its place with steps or shapes of its own. */
  readonly asPublished: boolean;
}

interface Series {
  readonly method: string;
  readonly dataset: PublishedDataset;
  readonly metric: PublishedMetric;
  readonly source: string;
  readonly confidence: Published["confidence"];
  readonly values: readonly number[];
}

/** What papers call our methods: by the extractor, then by the fuser, whatever the reconstructor. */
const NAMES: Readonly<Record<string, { readonly alone: string; readonly fused: Readonly<Record<string, string>> }>> = {
  "fpfh": { alone: "BTF (FPFH)", fused: { "mean-std": "BTF+GAN (mean/std sum)", "ocsvm": "Uni-3DAD" } },
  "m3dm": { alone: "M3DM (3D)", fused: { "ocsvm": "M3DM + GAN" } },
  "shape-guided": { alone: "Shape-guided (3D)", fused: { "ocsvm": "Shape-guided + GAN" } },
};

/** Presets that are published procedures: the code's and the text's. */
const PUBLISHED_PRESETS = ["reference", "paper"];
/** The reconstructor of the published methods with two branches. */
const PUBLISHED_RECONSTRUCTOR = "sp-gan";

/**
 * The published figure that stands beside one of ours; undefined where there is none. `category` is one of the ten of MVTec 3D-AD, or
 * `mean` for the printed mean of the ten: it is for the caller to know that a folder of that name holds that product.
 */
export function publishedFor(
  { extractor, reconstructor, fuser, preset }: NamedMethod,
  dataset: PublishedDataset,
  metric: PublishedMetric,
  category: string,
): Published | undefined {
  const names = NAMES[extractor], method = fuser === undefined ? names?.alone : names?.fused[fuser];
  const found = (figures.series as readonly Series[]).find((series) =>
    series.method === method && series.dataset === dataset && series.metric === metric
  );
  const value = found?.values[figures.categories.indexOf(category)];
  if (found === undefined || value === undefined) return undefined;
  const asPublished = PUBLISHED_PRESETS.includes(preset) &&
    [undefined, PUBLISHED_RECONSTRUCTOR].includes(reconstructor);
  return { method: found.method, value, source: found.source, confidence: found.confidence, asPublished };
}
