/** The normal scans that others are brought to. @module */
import type { ColumnShape } from "../kernels/mod.ts";
import type { ModelFolder } from "./model_folder.ts";
import type { Prepared } from "./prepared.ts";
import type { Registration } from "./registered.ts";
import type { Run } from "./run.ts";

/** The normal scans that others are brought to. Owns GPU memory. */
export interface ScanRegistry extends Disposable {
  /** The scans' names, in the order of their numbers. */
  readonly names: readonly string[];
  /** Median over the scans of the part's largest |x| or |y| in the table frame, metres. */
  readonly extent: number;
  /** How the x-y plane of the table frame is cut into columns. */
  readonly columns: ColumnShape;
  /**
   * Brings a scan to the normal scans most like it, itself (`without`, by name) left out; undefined where there is none. Read back, in
   * one wait: how near each candidate came. @throws {RunAborted}
   */
  register(scan: Prepared, run: Run, options?: { readonly without?: string }): Promise<Registration | undefined>;
  /** Keeps what {@linkcode loadRegistry} needs. */
  save(model: ModelFolder): void;
}
