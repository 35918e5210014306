/** What the report keeps of a scan: pictures and few points, so that the scan itself can be let go. @module */
import type { Explanation, MapFrame, Region, Scan, ScanFound, ScoreMap } from "../core/mod.ts";
import { writePng } from "../formats/mod.ts";
import { type BranchPictures, branchPictures, type ScanBranches } from "./branch_pictures.ts";
import type { ColourScale } from "./colour_scale.ts";
import { type PackedPatches, packPatches } from "./explained_patches.ts";
import { heatLayer, type HeatMap, outlineLayers } from "./heat_map.ts";
import type { MissingPart } from "./missing_part.ts";
import { type PictureGrid, pictureGrid } from "./picture_grid.ts";
import { type PlanePlaces, planePlaces } from "./plane_places.ts";
import { samplePoints } from "./point_sample.ts";
import { quantiser } from "./quantised_points.ts";
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
  /** Both branches, where the method has two. */
  readonly branches?: ScanBranches;
  /** The map that was made of both branches, where its fuser draws a boundary in their plane. */
  readonly fused?: ScoreMap;
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
  /** Outline of what is missing; where something is. */
  readonly missing?: Uint8Array;
  /** What each branch says, and the whole shape; where the method has two. */
  readonly branches?: BranchPictures;
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
  /** Points of the whole shape that the scan lacks, in the same steps, at most 2000, with red, green and blue of each; where there are any. */
  readonly missing?: { readonly count: number; readonly positions: Uint8Array; readonly colours: Uint8Array };
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
  /** Numbers, from 1, of the regions in which something is missing. */
  readonly lacking: readonly number[];
  /** Why its places are marked, for who asks; not every scan has it. */
  readonly patches?: PackedPatches;
  /** Its places in the plane of both branches, where the fuser draws a boundary there. */
  readonly places?: PlanePlaces;
}

/** Points in a 3-D view, and longest side of a picture: with them a scan takes about a third of a megabyte of the report. */
const MOST_POINTS = 8000, LONGEST_PICTURE = 480;

/** Points of the missing part in a 3-D view. */
const MOST_MISSING = 2000;

/** Regions that are listed and numbered; the smallest peaks come last. */
export const MOST_REGIONS = 12;

/** Takes what the report needs of a scan. */
export function reportScan(
  { found, scan, scores, scale, mapThreshold, explained, branches, fused }: ScanToReport,
): ReportScan {
  const grid = pictureGrid(scan, LONGEST_PICTURE), { width, height } = grid;
  const grey = relief(scan, grid), part = branches?.part;
  const map: HeatMap = { scan, scores, scale, threshold: mapThreshold, truth: scan.truth, missing: part?.regionAt };
  const png = (channels: 1 | 4, values: Uint8Array) => writePng({ width, height, channels, values });
  const { regions, truth, missing } = outlineLayers(map, grid);
  const ofBranches = branches && branchPictures(scan, branches, scale, grid);
  return {
    found,
    pictures: {
      width,
      height,
      relief: png(1, grey),
      heat: png(4, heatLayer(map, grid)),
      ...(regions ? { regions: png(4, regions) } : {}),
      ...(truth ? { truth: png(4, truth) } : {}),
      ...(missing ? { missing: png(4, missing) } : {}),
      ...(ofBranches ? { branches: ofBranches } : {}),
    },
    points: pointsOf(
      scan,
      scores,
      (place) => grey[grid.pixelOf(place)],
      part && ofBranches && { points: part.points, colours: ofBranches.partColours },
    ),
    marks: found.regions.slice(0, MOST_REGIONS).map((region, index) =>
      region.branch === "reconstruction" && part
        ? markInside(part, index + 1, grid) ?? markOf(region, scan, grid)
        : markOf(region, scan, grid)
    ),
    lacking: part ? found.regions.flatMap((_, index) => part.regionAt.includes(index + 1) ? [index + 1] : []) : [],
    ...(explained ? { patches: packPatches(explained.explanation, explained.frame) } : {}),
    ...(branches && fused ? { places: planePlaces(branches.judged, fused, mapThreshold) } : {}),
  };
}

function pointsOf(
  scan: Scan,
  scores: Float32Array,
  greyOf: (place: number) => number,
  part?: { readonly points: Float32Array; readonly colours: Uint8Array },
): ReportPoints {
  const places = samplePoints(scan, scores, MOST_POINTS), count = places.length;
  const gone = part ? evenly(part.points.length / 3, MOST_MISSING) : [];
  const quantised = quantiser(scan.points, places, part?.points ?? new Float32Array(), gone);
  const mostScore = places.reduce((most, place) => Math.max(most, scores[place]), 0);
  const shares = new DataView(new ArrayBuffer(2 * count));
  places.forEach((place, i) => {
    shares.setUint16(2 * i, mostScore > 0 ? Math.round((65535 * Math.max(0, scores[place])) / mostScore) : 0, true);
  });
  const { originMm, stepMm } = quantised;
  return {
    count,
    positions: quantised.positions(scan.points, places),
    originMm,
    stepMm,
    scores: new Uint8Array(shares.buffer),
    mostScore,
    greys: Uint8Array.from(places, greyOf),
    ...(part && gone.length > 0
      ? {
        missing: {
          count: gone.length,
          positions: quantised.positions(part.points, gone),
          colours: Uint8Array.from(gone.flatMap((i) => [...part.colours.subarray(3 * i, 3 * i + 3)])),
        },
      }
      : {}),
  };
}

/** At most `most` of the numbers below `count`, evenly. */
const evenly = (count: number, most: number): readonly number[] =>
  Array.from({ length: Math.min(count, most) }, (_, i) => Math.floor((i * count) / Math.min(count, most)));

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

/** The pixel of a region's missing part that is nearest to that part's middle; undefined where the picture shows none of it. */
function markInside({ regionAt }: MissingPart, region: number, { width, place }: PictureGrid) {
  const inside = Array.from(place.keys()).filter((i) => regionAt[place[i]] === region);
  const mean = (of: (i: number) => number) => inside.reduce((sum, i) => sum + of(i), 0) / inside.length;
  const column = (i: number) => i % width, row = (i: number) => Math.floor(i / width), x = mean(column), y = mean(row);
  const off = (i: number) => Math.hypot(column(i) - x, row(i) - y);
  if (inside.length === 0) return undefined;
  const nearest = inside.reduce((least, i) => off(i) < off(least) ? i : least);
  return { x: column(nearest), y: row(nearest) };
}
