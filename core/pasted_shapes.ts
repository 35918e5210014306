/**
 * What the defects that are pasted on normal scans look like: how far each point moves along its viewing ray, which points go. @module
 *
 * Lengths are shares of the part's size, so that a part of 5 mm and one of 1 m get like defects; none is less than a few pixels wide, nor
 * lost in the sensor's noise.
 */
import { type PartView, pointsAround } from "./part_view.ts";
import type { RandomStream } from "./random.ts";

/** The kinds of defect that can be pasted. */
export const defectKinds = ["dent", "bump", "scratch", "hole", "contamination", "bend", "cut"] as const;

/** One of {@linkcode defectKinds}. */
export type DefectKind = typeof defectKinds[number];

/** A defect as a change of a view's points. */
export interface PastedShape {
  /** `count`: metres along the viewing ray, positive away from the sensor; 0 where nothing moves. */
  readonly shift: Float64Array;
  /** `count`: 1 where the point goes. */
  readonly gone: Uint8Array;
}

/** Displacements up to this are not seen, metres: twice the noise, at least 0.2 % of the part's size. */
export const visibleShift = ({ noise, size }: PartView): number => Math.max(2 * noise, 0.002 * size);

/** A random defect of that kind on the part's main piece; undefined where none was found that fits. */
export function pastedShape(kind: DefectKind, part: PartView, random: RandomStream): PastedShape | undefined {
  return shapes[kind](part, random);
}

const shapes: Readonly<Record<DefectKind, (part: PartView, random: RandomStream) => PastedShape | undefined>> = {
  dent: (part, random) => dentOrBump(part, random, 1),
  bump: (part, random) => dentOrBump(part, random, -1),
  scratch,
  hole,
  contamination,
  bend,
  cut: (part, random) => random.uniform() < 0.4 ? cutEnd(part, random) : bite(part, random),
};

const between = (random: RandomStream, low: number, high: number) => low + (high - low) * random.uniform();
const logBetween = (random: RandomStream, low: number, high: number) => low * (high / low) ** random.uniform();

/** Log-uniform between two shares of the part's size, but well above the noise; with the visible shift, which is taken back later. */
const depthOf = (part: PartView, random: RandomStream, low: number, high: number) =>
  Math.max(logBetween(random, low, high) * part.size, 3 * visibleShift(part)) + visibleShift(part);

const radiusOf = (part: PartView, random: RandomStream, low: number, high: number) =>
  Math.max(logBetween(random, low, high) * part.size, 2.5 * part.pitch);

const nothing = ({ pixels }: PartView): PastedShape => ({
  shift: new Float64Array(pixels.length),
  gone: new Uint8Array(pixels.length),
});

/** Deviation of a closed outline from a circle, of the direction in radians: about `spread`, of four harmonics. */
function outline(random: RandomStream, spread: number): (direction: number) => number {
  const harmonics = Array.from({ length: 4 }, (_, k) => ({
    turns: k + 2,
    high: random.normal() * spread / (k + 2),
    phase: 2 * Math.PI * random.uniform(),
  }));
  return (direction) =>
    harmonics.reduce((sum, { turns, high, phase }) => sum + high * Math.cos(turns * direction + phase), 0);
}

/** Places tried for a round defect. */
const TRIES = 16;

/**
 * A random place of the piece around which a disc of `radius` is well filled with points near in depth: not at the rim, not on a flank
 * that the sensor hardly sees. The best of some tries where none is.
 */
function centreFor(part: PartView, random: RandomStream, radius: number): number {
  const { places, piece, pitch } = part;
  const full = Math.PI * (radius / pitch) ** 2;
  let best = piece[0], most = -1;
  for (let tries = 0; tries < TRIES && most < 0.6 * full; tries++) {
    const centre = piece[random.integer(piece.length)];
    let inside = 0;
    for (const i of piece) {
      const du = places[3 * i] - places[3 * centre], dv = places[3 * i + 1] - places[3 * centre + 1];
      const dw = places[3 * i + 2] - places[3 * centre + 2];
      if (du * du + dv * dv + dw * dw < radius * radius) inside++;
    }
    if (inside > most) [best, most] = [centre, inside];
  }
  return best;
}

/**
 * Calls `each` for the points of the piece within a stretched, uneven ball around a well-seen place, with 0 at its middle to 1 at its rim
 * and the offset across the ray, metres.
 */
function overBall(
  part: PartView,
  random: RandomStream,
  { radius, spread }: { radius: number; spread: number },
  each: (point: number, share: number, du: number, dv: number) => void,
): void {
  const { places, piece } = part;
  const centre = centreFor(part, random, radius);
  const stretch = between(random, 1, 1.4), direction = Math.PI * random.uniform(), edge = outline(random, spread);
  const [cos, sin] = [Math.cos(direction), Math.sin(direction)];
  for (const i of piece) {
    const du = places[3 * i] - places[3 * centre], dv = places[3 * i + 1] - places[3 * centre + 1];
    const dw = places[3 * i + 2] - places[3 * centre + 2];
    const along = (cos * du + sin * dv) / stretch, across = (cos * dv - sin * du) * stretch;
    const share = Math.hypot(along, across, dw) / (radius * Math.max(0.4, 1 + edge(Math.atan2(across, along))));
    if (share < 1) each(i, share, du, dv);
  }
}

/** (1 − r²)², r from 0 to 1. */
const hill = (share: number) => (1 - share * share) ** 2;

function dentOrBump(part: PartView, random: RandomStream, sign: 1 | -1): PastedShape {
  const shape = nothing(part);
  const radius = radiusOf(part, random, 0.03, 0.12);
  // a smooth surface is pushed in no deeper than it is wide
  const depth = Math.max(Math.min(depthOf(part, random, 0.013, 0.05), 0.6 * radius), 4 * visibleShift(part));
  overBall(part, random, { radius, spread: 0.1 }, (i, share) => shape.shift[i] = sign * depth * hill(share));
  return shape;
}

/** A pit with steep sides. From its middle, which lies in shadow, nothing comes back. */
function hole(part: PartView, random: RandomStream): PastedShape {
  const shape = nothing(part);
  const radius = radiusOf(part, random, 0.025, 0.07), depth = depthOf(part, random, 0.03, 0.1);
  const dark = between(random, 0.3, 0.65);
  overBall(part, random, { radius, spread: 0.1 }, (i, share) => {
    shape.shift[i] = depth * Math.min(1, (1 - share) / 0.35);
    shape.gone[i] = share < dark ? 1 : 0;
  });
  return shape;
}

/** A rough cap with an uneven outline and an edge. */
function contamination(part: PartView, random: RandomStream): PastedShape {
  const shape = nothing(part);
  const radius = radiusOf(part, random, 0.025, 0.08), high = depthOf(part, random, 0.01, 0.04);
  const waves = Array.from({ length: 5 }, () => {
    const length = between(random, Math.max(0.3 * radius, 2 * part.pitch), Math.max(0.9 * radius, 4 * part.pitch));
    const direction = 2 * Math.PI * random.uniform(), phase = 2 * Math.PI * random.uniform();
    const [u, v] = [Math.cos(direction), Math.sin(direction)].map((value) => 2 * Math.PI * value / length);
    return (du: number, dv: number) => 0.13 * Math.cos(u * du + v * dv + phase);
  });
  overBall(part, random, { radius, spread: 0.2 }, (i, share, du, dv) => {
    const rough = waves.reduce((sum, wave) => sum + wave(du, dv), 1);
    shape.shift[i] = -high * Math.sqrt(hill(share)) * Math.max(0.2, rough); // the root makes the sides steep
  });
  return shape;
}

/** Curves tried for a scratch, and the step along one, pixels. */
const CURVES = 30, STRIDE = 0.5;
/** A scratch runs over at least this many pixels, and not over jumps of more than so many pitches. */
const LEAST_LENGTH = 6, JUMP = 5;

/** A groove of one or two pixels along a random curve of 10 to 40. */
function scratch(part: PartView, random: RandomStream): PastedShape | undefined {
  const { side, pointAt, pixels } = part;
  const length = between(random, 10, 40), half = between(random, 0.5, 1), depth = depthOf(part, random, 0.008, 0.025);
  let curve: [number, number][] = [];
  for (let tries = 0; tries < CURVES && curve.length * STRIDE < length - 1; tries++) {
    const next = scratchCurve(part, random, length);
    if (next.length > curve.length) curve = next;
  }
  if (curve.length * STRIDE < LEAST_LENGTH) return undefined;
  const shape = nothing(part);
  for (const [x, y] of curve) {
    const middle = pointAt[Math.round(y) * side + Math.round(x)];
    for (const i of [middle, ...pointsAround(part, pixels[middle])]) {
      if (apart(part, middle, i) > JUMP * part.pitch) continue;
      const away = Math.hypot(pixels[i] % side - x, Math.floor(pixels[i] / side) - y);
      shape.shift[i] = Math.max(shape.shift[i], depth * Math.min(1, Math.max(0, half + 0.5 - away)));
    }
  }
  return shape;
}

/** Column and row of places along a random walk both ways from a point of the piece; each way ends where it would leave the surface. */
function scratchCurve(part: PartView, random: RandomStream, length: number): [number, number][] {
  const { side, pointAt, pixels, piece, pitch } = part;
  const start = piece[random.integer(piece.length)], direction = 2 * Math.PI * random.uniform();
  const curve: [number, number][] = [[pixels[start] % side, Math.floor(pixels[start] / side)]];
  for (const way of [0, Math.PI]) {
    let [x, y, heading, last] = [...curve[0], direction + way, start];
    for (let along = STRIDE; along < length / 2; along += STRIDE) {
      heading += 0.06 * random.normal();
      [x, y] = [x + STRIDE * Math.cos(heading), y + STRIDE * Math.sin(heading)];
      const [column, row] = [Math.round(x), Math.round(y)];
      const next = column < 0 || row < 0 || column >= side || row >= side ? -1 : pointAt[row * side + column];
      if (next < 0 || apart(part, last, next) > JUMP * pitch) break;
      curve.push([x, y]);
      last = next;
    }
  }
  return curve;
}

const apart = ({ places }: PartView, a: number, b: number) =>
  Math.hypot(
    places[3 * a] - places[3 * b],
    places[3 * a + 1] - places[3 * b + 1],
    places[3 * a + 2] - places[3 * b + 2],
  );

/** Coordinates of the piece's points along a random direction across the ray, and at right angles to it, metres. */
function alongDirection({ places, piece }: PartView, random: RandomStream) {
  const direction = 2 * Math.PI * random.uniform(), [cos, sin] = [Math.cos(direction), Math.sin(direction)];
  const along = Float64Array.from(piece, (i) => cos * places[3 * i] + sin * places[3 * i + 1]);
  const across = Float64Array.from(piece, (i) => cos * places[3 * i + 1] - sin * places[3 * i]);
  return { along, across };
}

/** The value above which `share` of the values lie. */
const upper = (values: Float64Array, share: number) => values.toSorted()[Math.floor((1 - share) * (values.length - 1))];

/** Least and most turn of a bend, degrees. A short end, which would hardly move, is turned further. */
const TURN = [4, 12], MOST_TURN = 40;
/** What the tip of a bend moves at least, drawn between these shares of the part's size. */
const LEAST_TIP = [0.02, 0.06];

/** An end of the part, or a tongue of it, turned about an axis across the ray. */
function bend(part: PartView, random: RandomStream): PastedShape | undefined {
  const shape = nothing(part);
  const { along, across } = alongDirection(part, random);
  const axis = upper(along, logBetween(random, 0.05, 0.3)), reach = upper(along, 0.001) - axis;
  if (!(reach > 0)) return undefined;
  const wanted = Math.tan(between(random, TURN[0], TURN[1]) * Math.PI / 180);
  const least = depthOf(part, random, LEAST_TIP[0], LEAST_TIP[1]) / Math.max(reach, part.pitch);
  const rise = Math.max(wanted, Math.min(least, Math.tan(MOST_TURN * Math.PI / 180)));
  const sign = random.uniform() < 0.5 ? 1 : -1;
  const end = Float64Array.from(across.filter((_, k) => along[k] > axis));
  const tongue = random.uniform() < 0.5, middle = upper(end, random.uniform());
  const half = tongue ? Math.max(between(random, 0.06, 0.15) * part.size, 3 * part.pitch) : Infinity;
  part.piece.forEach((i, k) => {
    const inside = Math.min(1, Math.max(0, (half - Math.abs(across[k] - middle)) / (2 * part.pitch)));
    shape.shift[i] = sign * rise * Math.max(0, along[k] - axis) * inside;
  });
  return shape;
}

/** One end gone, along a slightly uneven edge. */
function cutEnd(part: PartView, random: RandomStream): PastedShape {
  const shape = nothing(part);
  const { along, across } = alongDirection(part, random);
  const edge = upper(along, logBetween(random, 0.02, 0.08)), uneven = 0.008 * part.size * random.uniform();
  const waves = [0.06, 0.15].map((share) => ({
    per: 2 * Math.PI / (share * part.size),
    phase: 2 * Math.PI * random.uniform(),
  }));
  part.piece.forEach((i, k) => {
    const wave = waves.reduce((sum, { per, phase }) => sum + Math.cos(per * across[k] + phase), 0);
    shape.gone[i] = along[k] > edge + uneven * wave ? 1 : 0;
  });
  return shape;
}

/** A bite out of the outline. */
function bite(part: PartView, random: RandomStream): PastedShape {
  const shape = nothing(part);
  const { along, across } = alongDirection(part, random);
  const outermost = along.indexOf(Math.max(...along));
  const radius = radiusOf(part, random, 0.05, 0.13), edge = outline(random, 0.2);
  part.piece.forEach((i, k) => {
    const [a, b] = [along[k] - along[outermost], across[k] - across[outermost]];
    shape.gone[i] = Math.hypot(a, b) < radius * Math.max(0.4, 1 + edge(Math.atan2(b, a))) ? 1 : 0;
  });
  return shape;
}
