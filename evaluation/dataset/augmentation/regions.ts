/** Which piece is missing: pixels in the order in which a piece of a form grows. @module */
import type { RandomStream } from "../../../core/mod.ts";
import { between, closedCurve, smoothField } from "../synthetic/smooth_field.ts";
import type { RemovedForm } from "./options.ts";
import type { Part } from "./part.ts";
import { neighbours, pixelsOf } from "./picture.ts";

/** Pixels of the part that stay between a hole and the outline, at the least. */
const WALL = 5;
/** The fine roughness comes again after so many pixels. */
const TILE = 96;

/**
 * Up to `most` pixels of the part's main piece, in the order in which they go: each touches one before it, so that any number of the
 * first ones is one 8-connected piece. Fewer where the form finds no room. Its rim is rough on two scales, some pixels and a third of
 * the piece.
 */
export function growingRegion(part: Part, form: RemovedForm, most: number, stream: RandomStream): number[] {
  const { scan, piece, depth } = part, { width } = scan;
  const allowed = form === "inside" ? piece.map((v, pixel) => v === 1 && depth[pixel] > WALL ? 1 : 0) : piece;
  const radius = Math.sqrt(most / Math.PI), reach = Math.max(width, scan.height) / 2;
  const coarse = smoothField(stream, { spacing: Math.max(4, radius / 1.5), spread: 0.12 * radius, reach });
  const fine = smoothField(stream, { spacing: 2.2, spread: 1.4, reach: TILE / 2 });
  const wanted = startOf(part, form, allowed, radius, stream);
  if (!wanted) return [];
  const value = (pixel: number) => {
    const x = pixel % width, y = Math.floor(pixel / width);
    return wanted.grown(x, y) + coarse(x - reach, y - reach) + fine(x % TILE - TILE / 2, y % TILE - TILE / 2);
  };
  return inOrder(wanted.start, allowed, most, value, (pixel) => neighbours(pixel, scan));
}

/** Where a piece begins, and how it grows from there: smooth, in pixels. */
function startOf(part: Part, form: RemovedForm, allowed: Uint8Array, radius: number, stream: RandomStream) {
  const { width } = part.scan;
  // a hole begins where it has room on all sides, if there is such a place
  const deepest = part.depth.reduce((most, v, p) => allowed[p] === 1 ? Math.max(most, v) : most, 0);
  const room = Math.min(WALL + radius, 0.8 * deepest);
  const starts = (depth: number) => form === "inside" ? depth >= room : depth < 1.5;
  const places = pixelsOf(allowed).filter((p) => starts(part.depth[p]));
  if (places.length === 0) return undefined;
  if (form === "end") {
    const [cos, sin] = endDirection(part, stream);
    const along = (pixel: number) => pixel % width * cos + Math.floor(pixel / width) * sin;
    const start = places.reduce((best, pixel) => along(pixel) > along(best) ? pixel : best);
    return { start, grown: (x: number, y: number) => -(x * cos + y * sin) };
  }
  const start = places[stream.integer(places.length)];
  // a bite's centre lies before, on or behind the outline; both forms may be up to twice as long as wide
  const shift = form === "inside" ? 0 : between(stream, -0.4, 0.6) * radius, away = 2 * Math.PI * stream.uniform();
  const cx = start % width + shift * Math.cos(away), cy = Math.floor(start / width) + shift * Math.sin(away);
  const stretch = Math.sqrt(between(stream, 1, 2)), turn = Math.PI * stream.uniform();
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const edge = closedCurve(stream, { first: 2, last: 9, spread: 0.25 });
  return {
    start,
    grown: (x: number, y: number) => {
      const u = ((x - cx) * cos + (y - cy) * sin) / stretch, v = ((y - cy) * cos - (x - cx) * sin) * stretch;
      return Math.hypot(u, v) / (1 + Math.max(-0.6, edge(Math.atan2(v, u))));
    },
  };
}

/** A direction in the picture; the longer the part is one way, the likelier it is that its ends that way are meant. */
function endDirection({ scan: { width }, piece, count }: Part, stream: RandomStream): [number, number] {
  const mean = [0, 0], spread = [0, 0, 0];
  piece.forEach((v, pixel) => {
    mean[0] += v * (pixel % width) / count;
    mean[1] += v * Math.floor(pixel / width) / count;
  });
  piece.forEach((v, pixel) => {
    const x = pixel % width - mean[0], y = Math.floor(pixel / width) - mean[1];
    spread[0] += v * x * x / count;
    spread[1] += v * x * y / count;
    spread[2] += v * y * y / count;
  });
  // a round draw, mapped as the part's second moments map a circle
  const angle = 2 * Math.PI * stream.uniform(), [x, y] = [Math.cos(angle), Math.sin(angle)];
  const u = spread[0] * x + spread[1] * y, v = spread[1] * x + spread[2] * y, length = Math.hypot(u, v);
  return length > 0 ? [u / length, v / length] : [x, y];
}

/** The pixels that can be reached from `start`, the one of least value first among those that touch one before; ties to the smaller pixel. */
function inOrder(
  start: number,
  allowed: Uint8Array,
  most: number,
  value: (pixel: number) => number,
  around: (pixel: number) => number[],
): number[] {
  const seen = new Uint8Array(allowed.length), order: number[] = [];
  const heap: { pixel: number; value: number }[] = [];
  const before = (a: number, b: number) =>
    heap[a].value < heap[b].value || (heap[a].value === heap[b].value && heap[a].pixel < heap[b].pixel);
  const swap = (a: number, b: number) => [heap[a], heap[b]] = [heap[b], heap[a]];
  const push = (pixel: number) => {
    seen[pixel] = 1;
    heap.push({ pixel, value: value(pixel) });
    for (let at = heap.length - 1, up; at > 0 && before(at, up = (at - 1) >> 1); at = up) swap(at, up);
  };
  const pop = () => {
    const top = heap[0].pixel, last = heap.pop()!;
    if (heap.length > 0) heap[0] = last;
    for (let at = 0;;) {
      const left = 2 * at + 1, right = left + 1;
      if (left >= heap.length) return top;
      const down = right < heap.length && before(right, left) ? right : left;
      if (!before(down, at)) return top;
      swap(at, down);
      at = down;
    }
  };
  push(start);
  while (heap.length > 0 && order.length < most) {
    const pixel = pop();
    order.push(pixel);
    for (const other of around(pixel)) if (allowed[other] === 1 && seen[other] === 0) push(other);
  }
  return order;
}
