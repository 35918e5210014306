/** A scan that was brought to normal scans. @module */
import type { Cloud, ColumnTargets, GpuBuffer } from "../kernels/mod.ts";
import type { TableFrame } from "./table_frame.ts";

/** A scan with the normal scans that it was brought to. Owns GPU memory. */
export interface Registration extends Disposable {
  /** Numbers of the normal scans in the registry, the nearest first. */
  readonly members: readonly number[];
  /** Mean distance of the scan's surface to those of the members, each point's cut at 1/18 of the extent; metres. */
  readonly cost: number;
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
}
