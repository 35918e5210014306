/** What the report keeps of a scan: pictures and few points, so that the scan itself can be let go. @module */
import type { Explanation, MapFrame, Region, Scan, ScanFound } from "../core/mod.ts";
import { writePng } from "../formats/mod.ts";
import type { ColourScale } from "./colour_scale.ts";
import { type PackedPatches, packPatches } from "./explained_patches.ts";
import { heatLayer, type HeatMap, outlineLayers } from "./heat_map.ts";
import { type PictureGrid, pictureGrid } from "./picture_grid.ts";
import { samplePoints } from "./point_sample.ts";
import { relief } from "./relief.ts";

/** A scan to report on. */
export interface ScanToReport {
  /** What was decided. */
  readonly found: ScanFound;
  /** The scan itself; it is not kept. */
  readonly scan: Scan;
  /** One score a place of the scan, `width × height`. */
  readonly scores: Float32Array;
  /** The run's colours. */
  readonly scale: ColourScale;
  /** Regions are where the scores are above this; null where no threshold is known. */
  readonly mapThreshold: number | null;
  /** What stands behind the scores, with how its map lies over the scan; where the method can tell. */
  readonly explained?: { readonly explanation: Explanation; readonly frame: MapFrame };
}

/** Pictures of one size, one above the other, as PNG files. */
export interface ReportPictures {
  /** Pixels of each. */
  readonly width: number;
  /** Pixels of each. */
  readonly height: number;
  /** The shaded scan, grey. */
  readonly relief: Uint8Array;
  /** Its scores in colour, transparent at 0. */
  readonly heat: Uint8Array;
  /** Outlines of its regions; where a threshold is known. */
  readonly regions?: Uint8Array;
  /** Outline of its ground truth; where there is one. */
  readonly truth?: Uint8Array;
}

/** Points for the 3-D view, quantised. */
export interface ReportPoints {
  /** At most 8000. */
  readonly count: number;
  /** `count × 3` int16 as little-endian bytes: steps of `stepMm` from `originMm`. */
  readonly positions: Uint8Array;
  /** Middle of the points' box, millimetres. */
  readonly originMm: readonly [number, number, number];
  /** What one step of a position is, millimetres. */
  readonly stepMm: number;
  /** `count` scores as uint16, little-endian: 65535 is `mostScore`. */
  readonly scores: Uint8Array;
  /** Largest score of the points. */
  readonly mostScore: number;
  /** `count` grey values of the relief, so that the view is shaded as the picture is. */
  readonly greys: Uint8Array;
}

/** One scan of the report. */
export interface ReportScan {
  /** What was decided. */
  readonly found: ScanFound;
  /** For its card. */
  readonly pictures: ReportPictures;
  /** For its 3-D view. */
  readonly points: ReportPoints;
  /** Pixel of each region's middle, in the order of `found.regions`, for the first ones. */
  readonly marks: readonly { readonly x: number; readonly y: number }[];
  /** Why its places are marked, for who asks; not every scan has it. */
  readonly patches?: PackedPatches;
}

/** Points in a 3-D view, and longest side of a picture: with them a scan takes about a third of a megabyte of the report. */
const MOST_POINTS = 8000, LONGEST_PICTURE = 480;

/** Regions that are listed and numbered; the smallest peaks come last. */
export const MOST_REGIONS = 12;

/** Takes what the report needs of a scan. */
export function reportScan({ found, scan, scores, scale, mapThreshold, explained }: ScanToReport): ReportScan {
  const grid = pictureGrid(scan, LONGEST_PICTURE), { width, height } = grid;
  const grey = relief(scan, grid);
  const map: HeatMap = { scan, scores, scale, threshold: mapThreshold, truth: scan.truth };
  const png = (channels: 1 | 4, values: Uint8Array) => writePng({ width, height, channels, values });
  const { regions, truth } = outlineLayers(map, grid);
  return {
    found,
    pictures: {
      width,
      height,
      relief: png(1, grey),
      heat: png(4, heatLayer(map, grid)),
      ...(regions ? { regions: png(4, regions) } : {}),
      ...(truth ? { truth: png(4, truth) } : {}),
    },
    points: pointsOf(scan, scores, (place) => grey[grid.pixelOf(place)]),
    marks: found.regions.slice(0, MOST_REGIONS).map((region) => markOf(region, scan, grid)),
    ...(explained ? { patches: packPatches(explained.explanation, explained.frame) } : {}),
  };
}

function pointsOf(scan: Scan, scores: Float32Array, greyOf: (place: number) => number): ReportPoints {
  const places = samplePoints(scan, scores, MOST_POINTS), count = places.length;
  const originMm: [number, number, number] = [0, 0, 0];
  let reach = 0;
  for (const axis of [0, 1, 2]) {
    let least = Infinity, most = -Infinity;
    for (const place of places) {
      const mm = 1000 * scan.points[3 * place + axis];
      least = Math.min(least, mm), most = Math.max(most, mm);
    }
    if (count === 0) continue;
    originMm[axis] = (least + most) / 2;
    reach = Math.max(reach, (most - least) / 2);
  }
  const stepMm = reach > 0 ? reach / 32767 : 1;
  const mostScore = places.reduce((most, place) => Math.max(most, scores[place]), 0);
  const positions = new DataView(new ArrayBuffer(6 * count)), quantised = new DataView(new ArrayBuffer(2 * count));
  places.forEach((place, i) => {
    for (const axis of [0, 1, 2]) {
      const steps = (1000 * scan.points[3 * place + axis] - originMm[axis]) / stepMm;
      positions.setInt16(6 * i + 2 * axis, Math.round(steps), true);
    }
    quantised.setUint16(2 * i, mostScore > 0 ? Math.round((65535 * Math.max(0, scores[place])) / mostScore) : 0, true);
  });
  return {
    count,
    positions: new Uint8Array(positions.buffer),
    originMm,
    stepMm,
    scores: new Uint8Array(quantised.buffer),
    mostScore,
    greys: Uint8Array.from(places, greyOf),
  };
}

/** The measured pixel that is nearest to a region's middle. */
function markOf({ centreMm }: Region, { points }: Scan, { width, place, measured }: PictureGrid) {
  let least = Infinity, nearest = 0;
  for (let i = 0; i < place.length; i++) {
    if (!measured[i]) continue;
    const at = 3 * place[i];
    const d = Math.hypot(...centreMm.map((mm, axis) => points[at + axis] - mm / 1000));
    if (d < least) [least, nearest] = [d, i];
  }
  return { x: nearest % width, y: Math.floor(nearest / width) };
}
