/** Pictures of one scan: its relief, and the scores over it. @module */
import type { Mask, Scan } from "../core/mod.ts";
import { writePng } from "../formats/mod.ts";
import { colourAt, type ColourScale, coverAt, positionOn, type Rgb } from "./colour_scale.ts";
import { outline } from "./outline.ts";
import { type PictureGrid, pictureGrid } from "./picture_grid.ts";
import { relief } from "./relief.ts";

/** Line around what is above the threshold. */
export const REGION_COLOUR: Rgb = [255, 255, 255];
/** Line around the ground truth: a hue that the scale has not. */
export const TRUTH_COLOUR: Rgb = [0, 204, 255];
/** Line around what is missing: light, as the heat has no light blue. */
export const MISSING_COLOUR: Rgb = [158, 214, 255];

/** A scan with its scores. */
export interface HeatMap {
  /** What is shown. */
  readonly scan: Scan;
  /** One score a place of the scan, `width × height`. */
  readonly scores: Float32Array;
  /** The run's colours. */
  readonly scale: ColourScale;
  /** Places above it are outlined; null outlines nothing. */
  readonly threshold: number | null;
  /** Ground truth on the scan's grid, outlined where there is one. */
  readonly truth?: Mask;
  /** Above 0 where the scan lacks something, on its grid, outlined where given. */
  readonly missing?: Uint32Array;
}

/** Steps of the scale in a picture; neighbouring ones cannot be told apart, and the files are smaller. */
const STEPS = 64;

/** The shaded scan alone as a grey PNG, at most 800 pixels a side. */
export function picturePng(scan: Scan): Uint8Array {
  const grid = pictureGrid(scan);
  return writePng({ width: grid.width, height: grid.height, channels: 1, values: relief(scan, grid) });
}

/**
 * The shaded scan under its scores as an RGB PNG, at most 800 pixels a side: regions are outlined in white, the ground truth in cyan, what
 * is missing in light blue.
 */
export function heatMapPng(map: HeatMap): Uint8Array {
  const { scan } = map;
  const grid = pictureGrid(scan), { width, height } = grid;
  const grey = relief(scan, grid), values = new Uint8Array(3 * width * height);
  const layers = [heatLayer(map, grid), ...Object.values(outlineLayers(map, grid))];
  for (let i = 0; i < width * height; i++) {
    values.fill(grey[i], 3 * i, 3 * i + 3);
    for (const layer of layers) {
      const cover = layer[4 * i + 3] / 255;
      for (let channel = 0; cover > 0 && channel < 3; channel++) {
        const below = values[3 * i + channel];
        values[3 * i + channel] = Math.round(below + (layer[4 * i + channel] - below) * cover);
      }
    }
  }
  return writePng({ width, height, channels: 3, values });
}

/** RGBA of the scores: transparent where there is nothing to say. Places without measurement are coloured too, for what is missing. */
export function heatLayer(
  { scores, scale }: Pick<HeatMap, "scores" | "scale">,
  { place }: Pick<PictureGrid, "place">,
): Uint8Array {
  const layer = new Uint8Array(4 * place.length);
  for (let i = 0; i < place.length; i++) {
    const step = place[i] < 0 ? 0 : Math.round(STEPS * positionOn(scale, scores[place[i]]));
    if (step === 0) continue;
    layer.set(colourAt(step / STEPS), 4 * i);
    layer[4 * i + 3] = Math.round(255 * coverAt(step / STEPS));
  }
  return layer;
}

/** RGBA pictures of the outlines that a scan has. */
interface OutlineLayers {
  readonly missing?: Uint8Array;
  readonly truth?: Uint8Array;
  readonly regions?: Uint8Array;
}

/** The outlines of a scan, transparent elsewhere. */
export function outlineLayers({ scores, threshold, truth, missing }: HeatMap, grid: PictureGrid): OutlineLayers {
  const { place } = grid;
  return {
    ...(missing?.some((region) => region > 0)
      ? { missing: inColour(MISSING_COLOUR, outline(grid, (i) => missing[place[i]] > 0, "inner")) }
      : {}),
    ...(truth ? { truth: inColour(TRUTH_COLOUR, outline(grid, (i) => truth.values[place[i]] === 1, "inner")) } : {}),
    ...(threshold === null
      ? {}
      : { regions: inColour(REGION_COLOUR, outline(grid, (i) => scores[place[i]] > threshold, "outer")) }),
  };
}

function inColour(colour: Rgb, line: Uint8Array): Uint8Array {
  const layer = new Uint8Array(4 * line.length);
  for (const [i, on] of line.entries()) {
    if (on) layer.set([...colour, 255], 4 * i);
  }
  return layer;
}
