/** A boundary between two branches as a path over two axes. @module */
import type { SquareRootAxis } from "./square_root_axis.ts";

type Place = readonly [x: number, y: number];

/** Units of the drawing between two corners of the path: straight lines are bent by the axes. */
const STEP = 4;

/**
 * Path data of a line, `n × 2` values: cut to what the axes cover, and drawn on through the strip of an axis that it meets. `left` and
 * `base` are where both axes start. Empty where nothing of it is to be seen.
 */
export function boundaryPath(
  line: Float32Array,
  { x, y }: { readonly x: SquareRootAxis; readonly y: SquareRootAxis },
  { left, base }: { readonly left: number; readonly base: number },
): string {
  const parts: Place[][] = [];
  for (let i = 0; i + 3 < line.length; i += 2) {
    const piece = cut([line[i], line[i + 1]], [line[i + 2], line[i + 3]], x.most, y.most);
    if (!piece) continue;
    const [start, end] = piece, last = parts.at(-1);
    if (last && last.at(-1)!.every((value, axis) => value === start[axis])) last.push(end);
    else parts.push([start, end]);
  }
  const drawn = ([across, up]: Place): Place => [left + x.at(across), base - y.at(up)];
  const outside = ([across, up]: Place): readonly Place[] =>
    up === 0 ? [[left + x.at(across), base]] : across === 0 ? [[left, base - y.at(up)]] : [];
  return parts.map((corners) => {
    const between = corners.slice(1).flatMap((corner, i) => bent(corners[i], corner, drawn));
    return "M" + [...outside(corners[0]), drawn(corners[0]), ...between, ...outside(corners.at(-1)!)]
      .map((place) => place.map((value) => value.toFixed(1)).join(" ")).join("L");
  }).join("");
}

/** Corners of a straight line as it is drawn, its start left out. They lie closest at its ends, where a root bends it most. */
function bent(start: Place, end: Place, drawn: (place: Place) => Place): readonly Place[] {
  const [x0, y0] = drawn(start), [x1, y1] = drawn(end), steps = Math.ceil(Math.hypot(x1 - x0, y1 - y0) / STEP);
  return Array.from({ length: Math.max(1, steps) }, (_, i) => {
    const share = i + 1 >= steps ? 1 : (1 - Math.cos((Math.PI * (i + 1)) / steps)) / 2;
    const between = (axis: 0 | 1) => Math.max(0, start[axis] + share * (end[axis] - start[axis]));
    return drawn([between(0), between(1)]);
  });
}

/** The part of a straight line with 0 ≤ x ≤ `mostX` and 0 ≤ y ≤ `mostY` (Liang and Barsky); values at a bound are that bound exactly. */
function cut(start: Place, end: Place, mostX: number, mostY: number): readonly [Place, Place] | undefined {
  let [first, last] = [0, 1];
  for (const [axis, most] of [mostX, mostY].entries()) {
    const way = end[axis] - start[axis];
    for (const [bound, sign] of [[0, -1], [most, 1]] as const) {
      const over = sign * (start[axis] - bound), speed = sign * way; // over + share · speed ≤ 0 is inside
      if (speed === 0 && over > 0) return undefined;
      if (speed > 0) last = Math.min(last, -over / speed);
      if (speed < 0) first = Math.max(first, -over / speed);
    }
  }
  if (first > last) return undefined;
  const at = (share: number): Place => {
    const value = (axis: 0 | 1, most: number) => {
      const exact = start[axis] + share * (end[axis] - start[axis]);
      return exact < 1e-9 * most ? 0 : Math.min(most, exact);
    };
    return [value(0, mostX), value(1, mostY)];
  };
  return [at(first), at(last)];
}
