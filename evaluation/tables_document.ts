/**
 * The document that `tables` gives: `uni3dad.tables/1`. @module
 *
 * One cell a figure: a method on a category (or the mean over categories), one form of the data set, one test set, one metric. Shares, not per
 * cent. Cells, differences and sweeps stand in the order in which people read them; methods keep the order of their first cell.
 */
import type { Interval } from "./bootstrap.ts";

/** The category of a cell that is a mean over categories. */
export const MEAN = "mean";

/** The paper's two forms of the data: as published, and with incomplete scans on top. */
export type TableDataset = "original" | "augmented";

/** All test scans, or those that the paper's validation split leaves. */
export type TableTestSet = "official" | "reduced";

/**
 * AU-PRO by its limit, or the area under the ROC curve of scan scores or of pixels. Up to 0.3 it is that of the published evaluation code, with
 * its 100 thresholds, so that it can stand beside published figures; the others are exact.
 */
export type TableMetric = "auPro@0.3" | "auPro@0.1" | "auPro@0.05" | "auPro@0.01" | "scanAuroc" | "pixelAuroc";

/** A figure that was printed elsewhere. */
export interface PublishedFigure {
  /** A share; of a mean cell over some of the categories, the mean of the same ones. */
  readonly value: number;
  /** Its name there, such as `BTF (FPFH)`. */
  readonly method: string;
  /** Where it stands, such as `uni-3dad table 3`. */
  readonly source: string;
  /** What it was measured on, which need not be what the cell was. */
  readonly testSet: TableTestSet;
  /** How it was taken over, such as `read`. */
  readonly confidence: string;
  /** Whether the cell's method is the published procedure; false where it takes its place with steps of its own, absent where nobody said. */
  readonly asPublished?: boolean;
}

/** One figure. */
export interface TableCell {
  /** `fpfh`, `fpfh+nearest-normal/ocsvm`; of the reconstruction branch alone the reconstructor's name, `nearest-normal`. */
  readonly method: string;
  /** Name of the option set. */
  readonly preset: string;
  /** A category's name, or {@linkcode MEAN} over all categories that this method has a figure of; every method has that cell. */
  readonly category: string;
  /** How many categories a mean is over. */
  readonly categories?: number;
  /** Which form of the data. */
  readonly dataset: TableDataset;
  /** Which test scans. */
  readonly testSet: TableTestSet;
  /** Which figure. */
  readonly metric: TableMetric;
  /** A share; null where the figure is not defined. */
  readonly value: number | null;
  /** 2.5 % and 97.5 % of the draws of the test scans; they are of exact curves, and moved to `value` where that is not. */
  readonly interval?: Interval;
  /** Test scans that the figure is of; of a mean, of its categories together. */
  readonly scans: { readonly good: number; readonly defective: number };
  /** What was published of the same method, where something was. */
  readonly published?: PublishedFigure;
  /** `value` minus the published one. */
  readonly difference?: number;
  /** Whether labels of defective scans were used to choose the method's options. */
  readonly tunedByLabels: boolean;
}

/** Two methods on the same test scans, compared by the bootstrap: `to` minus `from`. */
export interface CellDifference {
  /** Which form of the data. */
  readonly dataset: TableDataset;
  /** Which test scans. */
  readonly testSet: TableTestSet;
  /** A category's name, or {@linkcode MEAN}. */
  readonly category: string;
  /** Which figure. */
  readonly metric: TableMetric;
  /** Method and preset, as {@linkcode methodName} writes them. */
  readonly from: string;
  /** The other method, written likewise. */
  readonly to: string;
  /** Of the scans as they are; of exact curves, AU-PRO up to 0.3 too. */
  readonly difference: number;
  /** 2.5 % and 97.5 % of the draws. */
  readonly interval: Interval;
  /** Two-sided, of the draws. */
  readonly pValue: number;
}

/** A category's accuracy by the scale k between the branches. */
export interface Sweep {
  /** The category's name. */
  readonly category: string;
  /** Which form of the data. */
  readonly dataset: TableDataset;
  /** Which test scans. */
  readonly testSet: TableTestSet;
  /** The two-branch method that is swept. */
  readonly method: string;
  /** By k, ascending: the one in use, those of the paper's quantiles, and powers of √2 times the one in use. */
  readonly points: readonly {
    /** The quantile of both branches whose ratio k is, among 0, 0.05 … 1, the largest of several; null where it is that of none. */
    readonly q: number | null;
    readonly k: number;
    /** AU-PRO up to 0.3. */
    readonly auPro: number | null;
    /** AU-PRO up to 0.05. */
    readonly auProStrict: number | null;
  }[];
  /** The k in use, that of one of the points. */
  readonly chosen: number;
}

/** What the augmented form of a category was made of: incomplete scans that go with its test scans, as a defect type `incomplete`. */
export interface AugmentedForm {
  /** The category's name. */
  readonly category: string;
  /** Every choice comes from it. */
  readonly seed: number;
  /** Which normal scans pieces were taken from; they stay in the test set as they are. */
  readonly from: "test/good";
  /** How many of them. */
  readonly sources: number;
  /** Incomplete scans made of each. */
  readonly perSource: number;
  /** Incomplete scans in all. */
  readonly incomplete: number;
}

/** `uni3dad.tables/1`. */
export interface TablesDocument {
  /** Name and version of this form. */
  readonly schema: "uni3dad.tables/1";
  /** The driver's words, and whether the "GPU" was the processor. */
  readonly adapter: { readonly description: string; readonly software: boolean };
  /** The folder of the data, as given. */
  readonly data: string;
  /** All figures. */
  readonly cells: readonly TableCell[];
  /** Which differences between methods are real. */
  readonly differences: readonly CellDifference[];
  /** Where they were asked for. */
  readonly sweeps: readonly Sweep[];
  /** How incomplete scans were made, where the augmented form was asked for. */
  readonly augmented?: readonly AugmentedForm[];
  /** Inputs that were refused; the rest is in the cells. */
  readonly refused: readonly {
    readonly input: string;
    readonly error: { readonly code: string; readonly message: string };
  }[];
  /** Categories of the published tables that the folder lacks. */
  readonly missing: readonly string[];
}

/** A method with its preset, `fpfh default`: how differences name what they compare. */
export const methodName = ({ method, preset }: Pick<TableCell, "method" | "preset">): string => `${method} ${preset}`;
