/** The one colour scale that all pictures of a run share. @module */

/** Colours of scores from 0 to `max`; a score above `max` has the last one. */
export interface ColourScale {
  /** Score of the last colour, above 0. */
  readonly max: number;
  /** The map's threshold, marked on the bar; null where none is known. */
  readonly threshold: number | null;
}

/** An opaque colour, each part from 0 to 255. */
export type Rgb = readonly [number, number, number];

/** Dark violet to pale yellow: lightness rises all the way, so the order survives colour blindness and a grey print. */
const CONTROL_POINTS: readonly Rgb[] = [
  [42, 34, 118],
  [112, 36, 152],
  [190, 48, 118],
  [242, 122, 48],
  [254, 228, 88],
];

/** How strongly the largest score covers the picture below it. */
const MOST_COVER = 0.88;

/** A scale from 0 to `max`, which must be above 0. @throws {RangeError} */
export function colourScale({ max, threshold = null }: { max: number; threshold?: number | null }): ColourScale {
  if (!(max > 0 && max < Infinity)) {
    throw new RangeError(`Cannot make a colour scale up to ${max}: it must end at a positive, finite score`);
  }
  return { max, threshold };
}

/** Where a score lies on the scale, 0 to 1. A score that is no number lies at 0. */
export function positionOn({ max }: ColourScale, score: number): number {
  return score > 0 ? Math.min(1, score / max) : 0;
}

/** The colour at a position from 0 to 1, linear between the control points. */
export function colourAt(position: number): Rgb {
  const at = Math.min(1, Math.max(0, position)) * (CONTROL_POINTS.length - 1);
  const low = Math.min(CONTROL_POINTS.length - 2, Math.floor(at)), part = at - low;
  const [from, to] = [CONTROL_POINTS[low], CONTROL_POINTS[low + 1]];
  const mixed = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * part);
  return [mixed(0), mixed(1), mixed(2)];
}

/** How much of the picture below a position from 0 to 1 is covered: nothing at 0, so that quiet places show the relief. */
export function coverAt(position: number): number {
  const at = Math.min(1, Math.max(0, position));
  return MOST_COVER * Math.min(1, 1.6 * at ** 1.25);
}
