/** Rows that may lie in several buffers, where they are more than one binding holds; numbered through. @module */
import type { Rows } from "./rows.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

/** One block of rows and the number of its first row. */
export interface RowBlock {
  /** The rows. */
  readonly rows: Rows;
  /** Rows in the blocks before it. */
  readonly base: number;
}

/** Blocks of rows, all of the same columns. */
export interface RowBlocks {
  /** In order. */
  readonly blocks: readonly RowBlock[];
  /** Rows of all blocks together. */
  readonly count: number;
  /** Features of a row. */
  readonly columns: number;
  /** Floats from one row to the next. */
  readonly stride: number;
}

/** The blocks of a kernel's operand. @throws {ShapeMismatch} for unequal columns or no block at all */
export function rowBlocks(kernel: string, operand: Rows | readonly Rows[]): RowBlocks {
  const all: readonly Rows[] = "stride" in operand ? [operand] : operand;
  if (all.length === 0 || all.some(({ columns, stride }) => columns !== all[0].columns || stride !== all[0].stride)) {
    throw new ShapeMismatch(
      kernel,
      "one or more blocks of equal columns",
      `[${all.map(({ columns }) => columns).join(", ")}]`,
    );
  }
  let count = 0;
  const blocks = all.map((rows) => {
    const block = { rows, base: count };
    count += rows.count;
    return block;
  });
  return { blocks, count, columns: all[0].columns, stride: all[0].stride };
}
