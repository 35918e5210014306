/** The measuring rig and how a part lies in it: camera, projector, tilted table, pose. @module */
import type { RandomStream } from "../../../core/mod.ts";
import type { Product } from "./product.ts";
import { between } from "./smooth_field.ts";
import type { Floor } from "./surface.ts";

/** x, y, z. */
export type Vector = readonly [number, number, number];
/** 3 × 3, by rows. */
type Matrix = readonly [Vector, Vector, Vector];

/** What the shorter side of the picture sees of the table, metres. */
const VIEW = 0.12;
/** Focal length that the calibration file names, metres; only its ratio to the pixels matters. */
const FOCUS = 0.0125;

/** A pinhole camera looking along +z at a table about 0.65 m away, and a projector beside it. Camera's frame, metres. */
export interface Rig {
  readonly width: number;
  readonly height: number;
  /** Pixel column, row of the optical axis; pixel centres are whole numbers. */
  readonly centre: readonly [number, number];
  /** x/z (and y/z) from one pixel to the next. */
  readonly step: number;
  /** Distance from one measured place to the next on the table. */
  readonly pitch: number;
  /** Where the optical axis meets the table. */
  readonly origin: Vector;
  /** Columns: the table's x, y and its normal, which points to the camera. */
  readonly table: Matrix;
  readonly projector: Vector;
}

/** How one part lies on the table: turned, shifted, and tilted about its own axes. Radians, metres. */
export interface Pose {
  readonly yaw: number;
  readonly shiftX: number;
  readonly shiftY: number;
  readonly tiltX: number;
  readonly tiltY: number;
}

/** The rig seen from the part's frame. */
export interface View {
  readonly camera: Vector;
  readonly projector: Vector;
  /** The camera's axes. */
  readonly right: Vector;
  readonly down: Vector;
  readonly forward: Vector;
  readonly floor: Floor;
}

const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const transposed = ([a, b, c]: Matrix): Matrix => [[a[0], b[0], c[0]], [a[1], b[1], c[1]], [a[2], b[2], c[2]]];
const applied = (m: Matrix, v: Vector): Vector => [dot(m[0], v), dot(m[1], v), dot(m[2], v)];
const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

function product(a: Matrix, b: Matrix): Matrix {
  const columns = transposed(b);
  const row = (v: Vector): Vector => [dot(v, columns[0]), dot(v, columns[1]), dot(v, columns[2])];
  return [row(a[0]), row(a[1]), row(a[2])];
}

function aboutX(angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [[1, 0, 0], [0, c, -s], [0, s, c]];
}

function aboutY(angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [[c, 0, s], [0, 1, 0], [-s, 0, c]];
}

function aboutZ(angle: number): Matrix {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return [[c, -s, 0], [s, c, 0], [0, 0, 1]];
}

/** The rig of one data set: it is drawn once and stays as it is from scan to scan. */
export function drawRig(stream: RandomStream, width: number, height: number): Rig {
  const distance = between(stream, 0.645, 0.655);
  const tilt = between(stream, 0.015, 0.045), direction = 2 * Math.PI * stream.uniform();
  const pitch = VIEW / Math.min(width, height);
  // The table's y is z × x: with +z towards the camera it points against the picture's rows.
  const upright: Matrix = [[1, 0, 0], [0, -1, 0], [0, 0, -1]];
  return {
    width,
    height,
    centre: [(width - 1) / 2, (height - 1) / 2],
    step: pitch / distance,
    pitch,
    origin: [0, 0, distance],
    table: product(product(aboutX(tilt * Math.cos(direction)), aboutY(tilt * Math.sin(direction))), upright),
    projector: [between(stream, 0.13, 0.15), between(stream, -0.04, 0.04), 0.03],
  };
}

/** One part's pose: any turn, up to 5 mm from the middle, the product's tilt. */
export function drawPose(stream: RandomStream, { tilt }: Product): Pose {
  return {
    yaw: 2 * Math.PI * stream.uniform(),
    shiftX: between(stream, -0.005, 0.005),
    shiftY: between(stream, -0.005, 0.005),
    tiltX: between(stream, -tilt, tilt),
    tiltY: between(stream, -tilt, tilt),
  };
}

/** The rig in the frame of a part of radius `reach`, whose base touches the table with its lowest rim. */
export function viewOf(rig: Rig, pose: Pose, reach: number): View {
  const tilted = product(aboutX(pose.tiltX), aboutY(pose.tiltY));
  const [rx, ry, rz] = tilted[2];
  const lift = reach * Math.hypot(rx, ry);
  const axes = product(rig.table, product(aboutZ(pose.yaw), tilted));
  const offset = applied(rig.table, [pose.shiftX, pose.shiftY, lift]);
  const origin: Vector = [rig.origin[0] + offset[0], rig.origin[1] + offset[1], rig.origin[2] + offset[2]];
  const toPart = transposed(axes);
  return {
    camera: applied(toPart, minus([0, 0, 0], origin)),
    projector: applied(toPart, minus(rig.projector, origin)),
    right: axes[0],
    down: axes[1],
    forward: axes[2],
    floor: { a: -rx / rz, b: -ry / rz, c: -lift / rz },
  };
}

/** `calibration/camera_parameters.json` as MVTec 3D-AD has it; without distortion the division model is a pinhole. */
export function cameraParameters({ width, height, centre, step }: Rig): Readonly<Record<string, number | string>> {
  return {
    camera_type: "area_scan_division",
    focus: FOCUS,
    kappa: 0,
    sx: FOCUS * step,
    sy: FOCUS * step,
    cx: centre[0],
    cy: centre[1],
    image_width: width,
    image_height: height,
  };
}
