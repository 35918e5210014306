/** The part of a normal scan, as pieces are cut from it: which pixels it has, where its outline is, what lies around it. @module */
import {
  type Camera,
  fitCamera,
  foregroundOf,
  type Plane,
  planeDistance,
  preparePresets,
  type Scan,
} from "../../../core/mod.ts";
import { boxSums, largestPiece, nearestFlagged, piecesOf, pixelDistance, pixelsOf } from "./picture.ts";

/** A normal scan and its part. All pictures are of the scan's size. */
export interface Part {
  readonly scan: Scan;
  /** 1 where the part was found, specks and lesser pieces too. */
  readonly foreground: Uint8Array;
  /** Pixels of the part. */
  readonly count: number;
  /** 1 on its main piece: what is damaged. */
  readonly piece: Uint8Array;
  /** Pieces that drop-outs divide from the main piece, each as its pixels: they go with what they stand in. */
  readonly islands: readonly (readonly number[])[];
  /** Distance in pixels from each pixel of the piece to what is not the part; drop-outs within the part are no outline. */
  readonly depth: Float64Array;
  /** The pixel of the piece that is nearest to each pixel. */
  readonly nearest: Int32Array;
  /** 1 where the table is seen as well as it is anywhere, so neither at the part nor in its shadow. */
  readonly table: Uint8Array;
  /** The table's mean distance to its plane around each pixel, metres. */
  readonly trend: Float64Array;
  /** The table's plane, where one was found; its normal points to the sensor. */
  readonly plane?: Plane;
  /** Where pixels look, in the scan's own pixels. */
  readonly camera?: Camera;
}

/** A gap within the part shows the table behind it where more than this share of its pixels do. */
const OPEN = 0.1;
/** Without a table, gaps below this share of the part's pixels are drop-outs. */
const DROP_OUT = 0.005;
/** A piece farther from the main piece than this, pixels, is a thing of its own. */
const DIVIDED = 12;
/** Pixels beside the part where the table is not taken for undisturbed. */
const BESIDE = 6;
/** Half of the square over which the table's returns are counted, pixels. */
const AROUND = 3;
/** Standard deviations and pixels by which those returns may be fewer than usual. */
const UNUSUAL = 3, SPECK = 2;

/** Finds the part of a normal scan. @throws {ScanRefused} as `foregroundOf` does */
export function partOf(scan: Scan, seed: number): Part {
  const { width } = scan;
  const found = foregroundOf(scan, preparePresets.default, seed);
  const { foreground } = found, plane = found.plane && towardsSensor(found.plane);
  const piece = largestPiece(foreground, scan), count = foreground.reduce((sum, v) => sum + v, 0);
  const nearest = nearestFlagged(piece, scan);
  const islands = piecesOf(foreground.map((v, pixel) => v & (1 - piece[pixel])), scan)
    .filter((island) => island.some((pixel) => pixelDistance(pixel, nearest[pixel], width) < DIVIDED));
  const outside = outsideOf(scan, foreground, plane);
  const edge = nearestFlagged(outside, scan);
  const depth = Float64Array.from(edge, (other, pixel) => other < 0 ? Infinity : pixelDistance(pixel, other, width));
  const table = tableOf(scan, foreground, plane);
  return {
    scan,
    foreground,
    count,
    piece,
    islands,
    depth,
    nearest,
    table,
    trend: trendOf(scan, table, plane),
    plane,
    camera: cameraOf(scan),
  };
}

/** 1 where the part is not, and where something else is seen than its own drop-outs. */
function outsideOf(
  { width, height, valid, points }: Scan,
  foreground: Uint8Array,
  plane: Plane | undefined,
): Uint8Array {
  const outside = foreground.map((v) => 1 - v), count = foreground.reduce((sum, v) => sum + v, 0);
  const isTable = (pixel: number) => valid[pixel] === 1 && Math.abs(planeDistance(plane!, points, 3 * pixel)) < FLAT;
  for (const gap of piecesOf(outside, { width, height })) {
    const atBorder = gap.some((pixel) => {
      const column = pixel % width, row = Math.floor(pixel / width);
      return column === 0 || row === 0 || column === width - 1 || row === height - 1;
    });
    const isOpen = plane ? gap.filter(isTable).length > OPEN * gap.length : gap.length > DROP_OUT * count;
    if (!atBorder && !isOpen) { for (const pixel of gap) outside[pixel] = 0; }
  }
  return outside;
}

/** The same plane with its normal against the direction of view, so that what stands on it has positive distances. */
const towardsSensor = ({ normal: [x, y, z], offset }: Plane): Plane =>
  z <= 0 ? { normal: [x, y, z], offset } : { normal: [-x, -y, -z], offset: -offset };

/** Away from the part, where the table gives as many returns as it usually does, and so do all places around: so in no shadow. */
function tableOf(scan: Scan, foreground: Uint8Array, plane: Plane | undefined): Uint8Array {
  if (!plane) return new Uint8Array(foreground.length);
  const { valid, points, width } = scan;
  const near = nearestFlagged(foreground, scan);
  const away = Uint8Array.from(near, (other, pixel) => pixelDistance(pixel, other, width) > BESIDE ? 1 : 0);
  const flat = Uint8Array.from(
    away,
    (v, pixel) => v === 1 && valid[pixel] === 1 && Math.abs(planeDistance(plane, points, 3 * pixel)) < FLAT ? 1 : 0,
  );
  const places = boxSums(away, scan, AROUND), returns = boxSums(flat, scan, AROUND);
  const rates = Float64Array.from(pixelsOf(away), (p) => returns[p] / places[p]);
  const usual = rates.length === 0 ? 0 : rates.toSorted()[rates.length >> 1];
  const fewest = (n: number) => usual * n - UNUSUAL * Math.sqrt(usual * (1 - usual) * n) - SPECK;
  const poor = away.map((v, p) => v === 1 && (returns[p] === 0 || returns[p] < fewest(places[p])) ? 1 : 0);
  const around = boxSums(poor, scan, AROUND + 1); // a shadow's outermost pixels have full squares beside them
  return away.map((v, pixel) => v === 1 && around[pixel] === 0 ? 1 : 0);
}

/** Returns nearer to the plane than this are the table's, metres: what preparation removes with it. */
const FLAT = preparePresets.default.planeRemove;

/** The trend is a mean over squares of twice so many pixels, the smaller ones where they hold enough returns. */
const REACHES = [256, 64, 16, 6];
/** Returns that make a square's mean count for half. */
const ENOUGH = 24;

function trendOf(scan: Scan, table: Uint8Array, plane: Plane | undefined): Float64Array {
  const trend = new Float64Array(table.length);
  if (!plane) return trend;
  const counted = table.map((v, pixel) => v & scan.valid[pixel]);
  const rises = Float64Array.from(counted, (v, pixel) => v === 1 ? planeDistance(plane, scan.points, 3 * pixel) : 0);
  for (const reach of REACHES) {
    const rise = boxSums(rises, scan, reach), count = boxSums(counted, scan, reach);
    // as a weighted mean, so that the trend has no steps where squares begin to hold returns
    trend.forEach((coarse, pixel) => trend[pixel] = (ENOUGH * coarse + rise[pixel]) / (ENOUGH + count[pixel]));
  }
  return trend;
}

/** At most so many returns tell where pixels look. */
const CAMERA_SAMPLE = 20_000;

function cameraOf({ width, points, valid }: Scan): Camera | undefined {
  const stride = Math.max(1, Math.floor(valid.length / CAMERA_SAMPLE)), seen: number[] = [];
  for (let pixel = 0; pixel < valid.length; pixel += stride) if (valid[pixel] === 1) seen.push(pixel);
  return fitCamera(
    Float64Array.from(seen.flatMap((i) => [points[3 * i], points[3 * i + 1], points[3 * i + 2]])),
    Float64Array.from(seen.flatMap((i) => [i % width + 0.5, Math.floor(i / width) + 0.5])),
  );
}
