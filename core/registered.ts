/** A scan that was brought to normal scans. @module */
import type { Cloud, ColumnTargets, GpuBuffer } from "../kernels/mod.ts";
import type { Run } from "./run.ts";
import type { TableFrame } from "./table_frame.ts";

/** A normal scan that a scan was brought to roughly. */
export interface RoughAlignment {
  /** Its number in the registry. */
  readonly member: number;
  /** Mean distance of the scan's surface to its own, each point's cut at 1/18 of the extent; metres. */
  readonly cost: number;
  /** 16 floats: row-major 3 × 4, the scan's table frame → the member's, then four spare. */
  readonly motion: Float32Array;
}

/** A scan with the normal scans that it was brought to. Owns GPU memory. */
export interface Registration extends Disposable {
  /** Numbers of the normal scans in the registry, the nearest first. */
  readonly members: readonly number[];
  /** Mean distance of the scan's surface to those of the members, each point's cut at 1/18 of the extent; metres. */
  readonly cost: number;
  /** All normal scans that it was brought to at first, the nearest first: those of which it is a part may come after those it resembles. */
  readonly candidates: readonly RoughAlignment[];
  /** The scan's own table frame. */
  readonly frame: TableFrame;
  /** The scan's points in that frame. */
  readonly source: Cloud;
  /** `count × 4`: unit normals of those points in the same frame, of any sign. */
  readonly normals: GpuBuffer<"f32">;
  /** The members' surfaces, each in its own table frame. */
  readonly targets: ColumnTargets;
  /** `members × 16`: row-major 3 × 4, the scan's table frame → the member's, then four spare. */
  readonly motions: GpuBuffer<"f32">;
  /**
   * The normal scans that the scan's mirror image was brought to, the nearest first; motions of the scan itself, whose determinant is −1.
   * Found when it is asked for. Read back, in one wait: how near each came. @throws {RunAborted}
   */
  mirrored(run: Run): Promise<readonly RoughAlignment[]>;
  /** The surfaces of these normal scans, each in its own table frame, in the registry's columns; the caller disposes them. */
  surfacesOf(members: readonly number[]): ColumnTargets;
}
