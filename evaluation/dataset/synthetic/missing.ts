/** Missing regions: a piece of the part is gone and the table is seen in its place. @module */
import { type Damage, placeOn, unchanged, type Workpiece } from "./damage.ts";
import { between, closedCurve, smoothField } from "./smooth_field.ts";
import { floorAt, partNodes, placeOf } from "./surface.ts";

/**
 * How far a place is from being removed: a piece grows from small values to large ones.
 * `bite` grows from a place on the outline, `chord` from one side, `inside` from a place within the part.
 */
function growth(piece: Workpiece, form: "bite" | "chord" | "inside"): (x: number, y: number) => number {
  const { surface, stream, extent } = piece;
  if (form === "chord") {
    const direction = 2 * Math.PI * stream.uniform(), [cos, sin] = [Math.cos(direction), Math.sin(direction)];
    const edge = smoothField(stream, { spacing: 0.006, spread: 0.0006, reach: surface.reach });
    return (x, y) => edge(x, y) - x * cos - y * sin;
  }
  const [cx, cy] = form === "bite" ? outlinePlace(piece) : placeOn(piece, 0.13 * extent);
  const edge = closedCurve(stream, { first: 2, last: 8, spread: 0.1 });
  return (x, y) => Math.hypot(x - cx, y - cy) / (1 + edge(Math.atan2(y - cy, x - cx)));
}

/** The part's outermost place in a random direction from the origin. */
function outlinePlace({ surface, stream }: Workpiece): [number, number] {
  const direction = 2 * Math.PI * stream.uniform(), [cos, sin] = [Math.cos(direction), Math.sin(direction)];
  let best: [number, number] = [0, 0], farthest = 0;
  for (const node of partNodes(surface)) {
    const [x, y] = placeOf(surface, node), along = x * cos + y * sin;
    if (along > farthest && Math.abs(x * sin - y * cos) < 2 * surface.cell) [best, farthest] = [[x, y], along];
  }
  return best;
}

/** Removes 6 to 28 % of the part's area (6 to 12 % from inside), seen from above, so that it is within 5 to 30 % in the picture. */
export function missing(piece: Workpiece): Damage {
  const { stream } = piece;
  const form = (["bite", "bite", "chord", "inside"] as const)[stream.integer(4)];
  const share = form === "inside" ? between(stream, 0.06, 0.12) : between(stream, 0.06, 0.28);
  const { surface, changed } = unchanged(piece.surface);
  const grown = growth(piece, form);
  const nodes = partNodes(surface);
  const order = Float64Array.from(nodes, (node) => grown(...placeOf(surface, node)));
  const limit = order.toSorted()[Math.round(share * nodes.length)];
  nodes.forEach((node, i) => {
    if (order[i] >= limit) return;
    surface.heights[node] = floorAt(surface.floor, ...placeOf(surface, node));
    changed[node] = 1;
  });
  return { surface, changed, parameters: { form, share } };
}
