/** Contamination: something that sticks to the part, in some scans with a crumb beside it on the table. @module */
import type { RandomStream } from "../../../core/mod.ts";
import { type Damage, LEAST_PIXELS, placeOn, unchanged, type Workpiece } from "./damage.ts";
import { between, closedCurve, hill, logBetween, smoothField } from "./smooth_field.ts";
import { nodesWithin, partNodes, placeOf, type Surface } from "./surface.ts";

/** Share of the scans that have a crumb too. */
const CRUMBS = 0.4;

/** Adds a rough cap of `high` with an uneven outline of about `radius` on the nodes that `on` accepts. */
function addCap(
  { surface, changed }: Pick<Damage, "surface" | "changed">,
  [x, y]: readonly [number, number],
  { radius, high, stream }: { radius: number; high: number; stream: RandomStream },
  on: (node: number) => boolean,
): void {
  const outline = closedCurve(stream, { first: 2, last: 6, spread: 0.2 });
  const rough = smoothField(stream, { spacing: Math.max(0.0008, radius / 3), spread: 0.12, reach: 1.6 * radius });
  nodesWithin(surface, [x, y], 1.6 * radius, (node, squared) => {
    if (!on(node)) return;
    const [dx, dy] = placeOf(surface, node).map((at, axis) => at - (axis === 0 ? x : y));
    const edge = radius * (1 + outline(Math.atan2(dy, dx)));
    if (squared >= edge * edge) return;
    // The square root makes the side steep, so that the cap has an edge.
    const cap = Math.sqrt(hill(squared, edge));
    surface.heights[node] += high * cap * Math.max(0.2, 1 + rough(dx, dy));
    changed[node] = 1;
  });
}

/** A place on the table `gap` beyond the part's outline, seen from the origin in a random direction. */
function placeBeside(surface: Surface, stream: RandomStream, gap: number): [number, number] {
  const direction = 2 * Math.PI * stream.uniform();
  const [cos, sin] = [Math.cos(direction), Math.sin(direction)];
  let outline = 0;
  for (const node of partNodes(surface)) {
    const [x, y] = placeOf(surface, node);
    // The part's farthest reach along the direction within a strip as wide as the gap.
    if (Math.abs(x * sin - y * cos) < gap) outline = Math.max(outline, x * cos + y * sin);
  }
  return [(outline + gap) * cos, (outline + gap) * sin];
}

/** A cap of height 0.01 to 0.04 of the extent over a blob of radius 0.02 to 0.06; crumbs are 0.04 to 0.08 high. */
export function contamination(piece: Workpiece): Damage {
  const { extent, pitch, stream } = piece;
  const radius = Math.max(logBetween(stream, 0.02, 0.06) * extent, LEAST_PIXELS * pitch / 1.5);
  const high = logBetween(stream, 0.01, 0.04) * extent;
  const damaged = unchanged(piece.surface);
  const { surface } = damaged;
  const place = placeOn(piece, radius);
  addCap(damaged, place, { radius, high, stream }, (node) => surface.present[node] === 1);
  const parameters: Record<string, number> = { radius, high, x: place[0], y: place[1] };
  if (stream.uniform() < CRUMBS) {
    const crumb = Math.max(between(stream, 0.03, 0.05) * extent, LEAST_PIXELS * pitch / 1.5);
    const crumbHigh = between(stream, 0.04, 0.08) * extent;
    const [x, y] = placeBeside(surface, stream, crumb * 1.5 + between(stream, 0.0015, 0.004));
    addCap(damaged, [x, y], { radius: crumb, high: crumbHigh, stream }, (node) => surface.present[node] === 0);
    Object.assign(parameters, { crumbRadius: crumb, crumbHigh, crumbX: x, crumbY: y });
  }
  return { ...damaged, parameters };
}
