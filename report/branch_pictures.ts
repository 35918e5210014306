/** Pictures of what each branch of a method says of a scan, and of the shape that it should have been. @module */
import { type BranchMaps, type JudgedBranches, mapPixelOf, type Scan, type Scored } from "../core/mod.ts";
import { writePng } from "../formats/mod.ts";
import type { ColourScale, Rgb } from "./colour_scale.ts";
import { heatLayer } from "./heat_map.ts";
import type { MissingPart } from "./missing_part.ts";
import type { PictureGrid } from "./picture_grid.ts";
import { DARKEST, LIGHTEST, UNMEASURED } from "./relief.ts";
import { shapeRelief } from "./shape_relief.ts";

/** Both branches of a scan, as its report shows them. */
export interface ScanBranches extends Pick<Scored, "frame" | "camera"> {
  /** Each branch by itself, and the shape that the scan should have been. */
  readonly judged: JudgedBranches;
  /** What each branch adds to the fused map when the other says nothing, in that map's unit. */
  readonly shares: BranchMaps;
  /** What the scan lacks. */
  readonly part: MissingPart;
}

/** RGBA pictures as PNG files; those of the map's size lie over the scan's picture at `square`. */
export interface BranchPictures {
  /** Where the map lies, in pixels of the scan's picture. */
  readonly square: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** What surfaces that look odd add to the score; of the map's size. */
  readonly surface: Uint8Array;
  /** What missing material adds to it; of the map's size. */
  readonly missing: Uint8Array;
  /** The whole shape, translucent, of the map's size; where there is one. */
  readonly whole?: Uint8Array;
  /** The part of it that the scan lacks, of the picture's size; where there is one. */
  readonly part?: Uint8Array;
  /** Red, green and blue of each point of the missing part, so that other views are shaded as the picture is. */
  readonly partColours: Uint8Array;
}

/** How much the whole shape covers the scan's picture. */
const WHOLE_COVER = 165;

/** Stripes tell the missing part from everything else that has a colour, whoever sees it: so wide, so far apart, in pixels. */
const STRIPE = 3, STRIPES_APART = 10;

/** Colours of the darkest and of the lightest grey of a whole shape: a blue that is lighter than the one of low scores. */
const DARK: Rgb = [14, 58, 120], LIGHT: Rgb = [112, 178, 240];

/** Grey of a missing place whose shape has no point near. */
const PLAIN = 128;

/** The pictures of a scan over its picture's grid. */
export function branchPictures(
  scan: Scan,
  { judged: { shape }, shares, part, frame, camera }: ScanBranches,
  scale: ColourScale,
  grid: PictureGrid,
): BranchPictures {
  const { size, side, left, top } = frame, { width, height, place } = grid;
  const ofMap = (values: Uint8Array) => writePng({ width: size, height: size, channels: 4, values });
  const everyPixel = { place: Int32Array.from({ length: size * size }, (_, i) => i) };
  const heat = ({ values }: BranchMaps["feature"]) => ofMap(heatLayer({ scores: values, scale }, everyPixel));
  const greys = shape && camera ? shapeRelief(shape, camera, frame) : undefined;
  const greyAt = (pixel: number) => {
    const grey = greys?.[mapPixelOf(frame, [pixel % scan.width, Math.floor(pixel / scan.width)])] ?? UNMEASURED;
    return grey === UNMEASURED ? PLAIN : grey;
  };
  const isMissing = (pixel: number) => part.regionAt[place[pixel]] > 0;
  const [across, down] = [width / scan.width, height / scan.height];
  return {
    square: { x: -left * across, y: -top * down, width: side * across, height: side * down },
    surface: heat(shares.feature),
    missing: heat(shares.missing),
    ...(greys ? { whole: ofMap(wholeLayer(greys)) } : {}),
    ...(part.regionAt.some((region) => region > 0)
      ? { part: writePng({ width, height, channels: 4, values: partLayer(grid, isMissing, (i) => greyAt(place[i])) }) }
      : {}),
    partColours: Uint8Array.from(Array.from(part.pixels, (pixel) => shapeColour(greyAt(pixel))).flat()),
  };
}

/** The colour of a whole shape where its relief has this grey. */
function shapeColour(grey: number): Rgb {
  const light = Math.min(1, Math.max(0, (grey - DARKEST) / (LIGHTEST - DARKEST)));
  const mixed = (channel: 0 | 1 | 2) => Math.round(DARK[channel] + (LIGHT[channel] - DARK[channel]) * light);
  return [mixed(0), mixed(1), mixed(2)];
}

function wholeLayer(greys: Uint8Array): Uint8Array {
  const layer = new Uint8Array(4 * greys.length);
  for (const [i, grey] of greys.entries()) {
    if (grey !== UNMEASURED) layer.set([...shapeColour(grey), WHOLE_COVER], 4 * i);
  }
  return layer;
}

function partLayer(
  { width, place }: PictureGrid,
  inside: (pixel: number) => boolean,
  greyAt: (pixel: number) => number,
): Uint8Array {
  const layer = new Uint8Array(4 * place.length);
  for (let i = 0; i < place.length; i++) {
    if (!inside(i)) continue;
    const striped = (i % width + Math.floor(i / width)) % STRIPES_APART < STRIPE;
    const colour = shapeColour(greyAt(i));
    layer.set(striped ? colour.map((part) => Math.round((part + 255) / 2)) : colour, 4 * i);
    layer[4 * i + 3] = 255;
  }
  return layer;
}
