/** What is seen where a piece was: the table, as uneven and as full of gaps as elsewhere in the scan. @module */
import { planeDistance, preparePresets, type RandomStream, rayOf } from "../../../core/mod.ts";
import type { Part } from "./part.ts";
import { pixelsOf } from "./picture.ts";

/** Places from which the table is copied are chosen among so many. */
const TRIES = 24;
/** The table's points stay within this of the plane, metres, so that they are removed with it. */
const MOST = 0.9 * preparePresets.default.planeRemove;

/** The point that is seen at a pixel once nothing stands before the table; undefined where it gives no return. */
export type TableBehind = (pixel: number) => readonly [number, number, number] | undefined;

/**
 * The table behind the pixels `cleared`: the plane, raised and lowered by the table's trend around the place and by what another place
 * of the table has besides its trend. That place is the same shift away for all pixels where it can be, so wrinkles, and the
 * pattern of drop-outs, stay whole. Without a table nothing is seen.
 */
export function tableBehind(part: Part, cleared: readonly number[], stream: RandomStream): TableBehind {
  const { scan, plane, camera, table, trend } = part, { width, height, points, valid } = scan;
  const places = pixelsOf(table);
  if (!plane || places.length === 0) return () => undefined;
  const shifted = (pixel: number, [across, down]: readonly [number, number]) => {
    const column = pixel % width + across, row = Math.floor(pixel / width) + down;
    const other = row * width + column;
    return column >= 0 && row >= 0 && column < width && row < height && table[other] === 1 ? other : undefined;
  };
  const middle = cleared[cleared.length >> 1];
  const shifts = Array.from({ length: TRIES }, () => {
    const place = places[stream.integer(places.length)];
    const shift = [place % width - middle % width, Math.floor(place / width) - Math.floor(middle / width)] as const;
    return { shift, hits: cleared.reduce((sum, pixel) => sum + (shifted(pixel, shift) === undefined ? 0 : 1), 0) };
  });
  const { shift } = shifts.reduce((best, one) => one.hits > best.hits ? one : best);
  return (pixel) => {
    const other = shifted(pixel, shift) ?? places[stream.integer(places.length)];
    if (valid[other] === 0) return undefined;
    const rise = trend[pixel] + planeDistance(plane, points, 3 * other) - trend[other];
    const distance = Math.max(-MOST, Math.min(MOST, rise));
    const ray = camera && rayOf(camera, pixel % width + 0.5, Math.floor(pixel / width) + 0.5);
    if (!ray) return undefined;
    const { normal: [a, b, c], offset } = plane, { from, along } = ray;
    const slope = a * along[0] + b * along[1] + c * along[2];
    const t = (distance - offset - (a * from[0] + b * from[1] + c * from[2])) / slope;
    const point = [from[0] + t * along[0], from[1] + t * along[1], from[2] + t * along[2]] as const;
    return point.every(Number.isFinite) && (t > 0 || !camera.central) ? point : undefined;
  };
}
