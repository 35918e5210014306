/** A scan made ready for the branches. @module */
import type { GpuBuffer } from "../kernels/mod.ts";
import type { Camera } from "./camera.ts";
import type { Registration } from "./registered.ts";

/** How the square map lies over the scan's own grid. */
export interface MapFrame {
  /** Side of the map in pixels. */
  readonly size: number;
  /** Size of the scan. */
  readonly width: number;
  /** Its rows. */
  readonly height: number;
  /** Side of the square of source pixels that the map covers. */
  readonly side: number;
  /** Where the scan's first row and column lie in that square. */
  readonly top: number;
  /** Columns before the scan's first. */
  readonly left: number;
}

/** A plane n·p + d = 0 with |n| = 1, in metres. */
export interface Plane {
  /** The n. */
  readonly normal: readonly [number, number, number];
  /** The d, metres. */
  readonly offset: number;
}

/** The scan without its background, square, at map resolution; its points lie on the GPU and on the host. */
export interface Prepared extends Disposable {
  /** The scan's name. */
  readonly name: string;
  /** SHA-256 of the scan's points, where it is known; of a normal scan with a pasted defect still the normal one's: what learned that knows this. */
  readonly digest?: string;
  /** How its maps lie over the scan. */
  readonly frame: MapFrame;
  /** Points that are left; at least 1. */
  readonly count: number;
  /** `count × 4` on the GPU: x, y, z in metres and 0, in row-major order of their pixels. */
  readonly points: GpuBuffer<"f32">;
  /** `size²` on the GPU: the point of each map pixel, 0xffffffff where there is none. */
  readonly pointOf: GpuBuffer<"u32">;
  /** The same on the host: `count × 3` metres. */
  readonly hostPoints: Float32Array;
  /** Row-major map pixel of each point, ascending. */
  readonly pixels: Uint32Array;
  /** Index of the source pixel (row-major in the scan) of each point. */
  readonly sourcePixels: Uint32Array;
  /** Where the map's pixels look, found from all that was measured; absent where it can't be told. */
  readonly camera?: Camera;
  /** Ground truth at map resolution, `size²`, 0 or 1; where the scan has one. */
  readonly truth?: Uint8Array;
  /** The background's plane, where one was fitted. */
  readonly plane?: Plane;
  /** The normal scans that it was brought to, where a plugin asked for that and there was one like it; the pipeline owns it. */
  readonly registration?: Registration;
}

/** One score a map pixel; higher is more anomalous, 0 where there is nothing to say, never NaN. */
export interface ScoreMap {
  /** Side of the map in pixels. */
  readonly size: number;
  /** `size²`, row-major. */
  readonly values: Float32Array;
  /** The scan's score; where a method defines none, the map's maximum. */
  readonly score: number;
}
