/** Colours of scores, as the server's scale says them. @module */
import type { DecodedPoints } from "./decode_points.ts";

/** Red, green and blue from 0 to 255, and how much of what lies below is covered, from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, cover: number];

/** Reads `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.5)`. @throws {RangeError} of anything else */
export function parseColour(css: string): Colour {
  const parts = /^rgba?\(([^)]*)\)$/.exec(css)?.[1].split(",").map(Number) ?? [];
  if (parts.length < 3 || parts.length > 4 || parts.some((part) => !Number.isFinite(part))) {
    throw new RangeError(`Cannot read the colour "${css}"`);
  }
  return [parts[0], parts[1], parts[2], parts[3] ?? 1];
}

/** The colour of a score among colours of equal steps from 0 to `max`. */
export const colourOf = (score: number, max: number, colours: readonly Colour[]): Colour =>
  colours[Math.round((colours.length - 1) * Math.min(1, Math.max(0, score / max)))];

/** How points are coloured. */
export interface Colouring {
  /** Score of the last colour. */
  readonly max: number;
  /** Colours of equal steps from 0 to `max`. */
  readonly colours: readonly Colour[];
  /** Points above it have their score's colour in full. */
  readonly threshold: number;
  /** Whether points that are not above it stay grey. */
  readonly onlyAbove: boolean;
}

/** A colour a point, and which are above the threshold. */
export interface ColouredPoints {
  /** CSS colours. */
  readonly colours: readonly string[];
  /** Numbers of the points above the threshold. */
  readonly above: readonly number[];
}

/** Colours points as the picture is: shaded grey under the score's colour; in full above the threshold. */
export function colourPoints(
  { count, scores, greys }: DecodedPoints,
  { max, colours, threshold, onlyAbove }: Colouring,
): ColouredPoints {
  const above: number[] = [], painted: string[] = [];
  for (let i = 0; i < count; i++) {
    const isAbove = scores[i] > threshold, [red, green, blue, covered] = colourOf(scores[i], max, colours);
    const cover = isAbove ? 1 : onlyAbove ? 0 : covered, grey = greys[i];
    const mixed = (part: number) => Math.round(grey + (part - grey) * cover);
    if (isAbove) above.push(i);
    painted.push(`rgb(${mixed(red)},${mixed(green)},${mixed(blue)})`);
  }
  return { colours: painted, above };
}
