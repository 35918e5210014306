/** The main piece of a scan: the part itself, without crumbs and remains of a table. @module */
import { pitchOf } from "./camera.ts";
import { densityClusters } from "./density_clusters.ts";
import type { Prepared } from "./prepared.ts";

/** Points nearer than this share of the part's extent, or so many pixels of a coarse map, belong together, where so many are within it. */
const JOINED = 1 / 12, PIXELS = 3, DENSE = 8;

/**
 * Which points of a scan belong to its main piece, the largest one, 1 or 0 each: remains of the table and crumbs are no part of a
 * shape. Pieces of one part, divided by a strip of drop-outs, are one. `extent` is half the size of a part, metres.
 */
export function mainPiece(
  { hostPoints, count, camera }: Pick<Prepared, "hostPoints" | "count" | "camera">,
  extent: number,
): Uint8Array {
  const radius = Math.max(JOINED * extent, camera ? PIXELS * pitchOf(camera, hostPoints) : 0);
  const labels = densityClusters(hostPoints, Uint32Array.from({ length: count }, (_, i) => i), radius, DENSE);
  const sizes = new Map<number, number>();
  for (const label of labels) if (label >= 0) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const [largest] = [...sizes].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [undefined];
  return Uint8Array.from(labels, (label) => largest === undefined || label === largest ? 1 : 0);
}
