/** What a scan and its ground truth are. @module */

/** A ground-truth mask on a scan's own grid. */
export interface Mask {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Row-major; 1 where the place is anomalous, else 0. */
  readonly values: Uint8Array;
}

/** One scan: points in metres in the camera's frame (+x right, +y down, +z away), on a grid or unorganised (`height` 1). */
export interface Scan {
  /** What the scan is called in tables and file names, such as `bent/005`. */
  readonly name: string;
  /** Columns; all points where the scan is unorganised. */
  readonly width: number;
  /** Rows; 1 where the scan is unorganised. */
  readonly height: number;
  /** `width × height × 3`, row-major, x y z interleaved, metres; 0 0 0 where there is no measurement. */
  readonly points: Float32Array;
  /** `width × height`; 1 where the place holds a measurement. */
  readonly valid: Uint8Array;
  /** The ground truth where it is known; its size is the scan's. */
  readonly truth?: Mask;
  /** SHA-256 of `points`, where whoever loaded the scan took it; a copy with other points must not have it. */
  readonly digest?: string;
}
