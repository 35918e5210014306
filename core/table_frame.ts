/**
 * The frame in which scans of one product are compared: upright on the table, whatever the camera's tilt. @module
 *
 * z is the height over the table, x the camera's x laid on the table, y = z × x; the origin lies at the table's height below the mean
 * of the part's points. Without a table z points to the sensor and the origin is the mean itself.
 */
/** A rigid motion camera → table: p ↦ R (p − origin). */
export interface TableFrame {
  /** R, 3 × 3 row-major: the axes x, y, z of the table frame in camera coordinates. */
  readonly axes: readonly number[];
  /** In camera coordinates, metres. */
  readonly origin: readonly [number, number, number];
}

/** What a table frame is found from. */
export interface Standing {
  /** `count × 3` metres in the camera's frame. */
  readonly hostPoints: Float32Array;
  /** How many points. */
  readonly count: number;
  /** The table n·p + d = 0, |n| = 1, where there is one. */
  readonly plane?: { readonly normal: readonly [number, number, number]; readonly offset: number };
}

/** The table frame of a scan. */
export function tableFrame({ hostPoints, count, plane }: Standing): TableFrame {
  const mean: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < 3 * count; i++) mean[i % 3] += hostPoints[i] / count;
  const z = up(plane?.normal ?? [0, 0, -1]);
  const along = Math.abs(z[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0]; // a table on edge has no camera x on it
  const x = unit(along.map((value, i) => value - dot(along, z) * z[i]));
  const y = [z[1] * x[2] - z[2] * x[1], z[2] * x[0] - z[0] * x[2], z[0] * x[1] - z[1] * x[0]];
  const height = plane ? (dot(plane.normal, mean) + plane.offset) * Math.sign(dot(plane.normal, z)) : 0;
  return {
    axes: [...x, ...y, ...z],
    origin: [mean[0] - height * z[0], mean[1] - height * z[1], mean[2] - height * z[2]],
  };
}

/** `count × 3` points in the camera's frame to `count × 4` in the table's, the fourth is 0. */
export function toTable({ axes, origin }: TableFrame, points: Float32Array): Float32Array<ArrayBuffer> {
  return move(points, 3, axes, origin);
}

/** `count × 4` directions in the camera's frame to the table's. */
export function directionsToTable({ axes }: TableFrame, directions: Float32Array): Float32Array<ArrayBuffer> {
  return move(directions, 4, axes, [0, 0, 0]);
}

function move(points: Float32Array, stride: number, axes: readonly number[], origin: readonly number[]) {
  const count = points.length / stride, moved = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const a = points[stride * i] - origin[0], b = points[stride * i + 1] - origin[1];
    const c = points[stride * i + 2] - origin[2];
    for (let axis = 0; axis < 3; axis++) {
      moved[4 * i + axis] = axes[3 * axis] * a + axes[3 * axis + 1] * b + axes[3 * axis + 2] * c;
    }
  }
  return moved;
}

/** Of the two directions of a plane's normal the one to the sensor, which looks along the camera's +z. */
const up = (normal: readonly number[]) => unit(normal.map((value) => normal[2] > 0 ? -value : value));
const dot = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const unit = (a: readonly number[]) => a.map((value) => value / Math.sqrt(dot(a, a)));
