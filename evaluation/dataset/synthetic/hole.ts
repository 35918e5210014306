/** Holes: a round pit, from a quarter of the part's thickness to right through it. @module */
import { type Damage, LEAST_PIXELS, placeOn, unchanged, type Workpiece } from "./damage.ts";
import { between, logBetween } from "./smooth_field.ts";
import { floorAt, heightAt, nodesWithin, placeOf } from "./surface.ts";

/** A pit with steep sides, radius 0.02 to 0.06 of the extent. Most of its bottom lies in the shadow of its wall. */
export function hole(piece: Workpiece): Damage {
  const { extent, pitch, stream } = piece;
  const radius = Math.max(logBetween(stream, 0.02, 0.06) * extent, LEAST_PIXELS * pitch / 2);
  const deep = between(stream, 0.25, 1.2);
  const { surface, changed } = unchanged(piece.surface);
  const place = placeOn(piece, 1.5 * radius);
  const top = heightAt(piece.surface, ...place), bottom = top - deep * (top - floorAt(surface.floor, ...place));
  nodesWithin(surface, place, radius, (node) => {
    if (!surface.present[node]) return;
    surface.heights[node] = Math.min(
      surface.heights[node],
      Math.max(floorAt(surface.floor, ...placeOf(surface, node)), bottom),
    );
    changed[node] = 1;
  });
  return { surface, changed, parameters: { radius, deep: Math.min(1, deep), x: place[0], y: place[1] } };
}
