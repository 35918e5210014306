/** What the paper's tables are made of; `paper_tables.ts` fills it, and each rendering writes it out. @module */
import type { TableCell, TableDataset, TableMetric } from "../evaluation/mod.ts";

/** A table with a block for each form of the data and each test set. */
export interface PaperTable {
  /** Its number in the paper and what it compares. */
  readonly title: string;
  /** Heads of the columns of figures. */
  readonly columns: readonly string[];
  /** Those that have cells. */
  readonly blocks: readonly PaperBlock[];
  /** What its marks and numbers mean, a sentence each. */
  readonly notes: readonly string[];
}

/** One form of the data on one test set. */
export interface PaperBlock {
  /** Which form of the data. */
  readonly dataset: TableDataset;
  /** Such as `original, the official test set, mean of 10 categories`. */
  readonly title: string;
  /** Good and defective test scans of each column, `17+68`. */
  readonly scans: readonly string[];
  /** One a method. */
  readonly rows: readonly PaperRow[];
}

/** A method of a table. */
export interface PaperRow {
  /** Measured, and where something of the method is published, the published figures and the differences below it. */
  readonly lines: readonly PaperLine[];
}

/** A line of a row, each text in its column. */
export interface PaperLine {
  readonly kind: "measured" | "published" | "difference";
  readonly label: string;
  readonly texts: readonly string[];
  /** What stands right behind a figure: how it compares with the row above, and of how few categories it is; mostly empty. */
  readonly marks: readonly string[];
  /** Whether a figure is the block's highest; of measured ones, where there are several. */
  readonly best: readonly boolean[];
  /** What is known of a figure besides, empty where nothing is. */
  readonly hints: readonly string[];
}

/** A column of figures: a category by one metric, or the mean by each. */
export interface FigureColumn {
  readonly head: string;
  readonly category: string;
  readonly metric: TableMetric;
}

/** A method of the document, with what its name is made of. */
export interface TableMethod {
  readonly method: string;
  readonly preset: string;
  /** What people read: the name, with the preset where there are several. */
  readonly label: string;
  /** Null in the reconstruction branch alone. */
  readonly extractor: string | null;
  /** Null in the feature branch alone. */
  readonly reconstructor: string | null;
  /** Null in either branch alone. */
  readonly fuser: string | null;
}

/** Finds a cell of a block. */
export type CellOf = (method: TableMethod, column: FigureColumn) => TableCell | undefined;
