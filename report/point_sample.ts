/** Few enough points of a scan for a view that turns smoothly. @module */
import type { Scan } from "../core/mod.ts";

/** Share of the view that the part gets before its background; the method gives scores above 0 on the part alone. */
const SHARE_OF_PART = 0.85;

/** At most `most` measured places, ascending: evenly spread, and denser where there are scores. */
export function samplePoints(scan: Scan, scores: Float32Array, most: number): Uint32Array {
  const { valid } = scan;
  let onPart = 0, elsewhere = 0;
  for (let i = 0; i < valid.length; i++) {
    if (valid[i]) scores[i] > 0 ? onPart++ : elsewhere++;
  }
  const forPart = Math.max(Math.floor(most * SHARE_OF_PART), most - elsewhere);
  const part = thinned(scan, onPart, forPart, (i) => valid[i] === 1 && scores[i] > 0);
  const rest = thinned(scan, elsewhere, most - part.length, (i) => valid[i] === 1 && !(scores[i] > 0));
  return Uint32Array.from([...part, ...rest]).sort();
}

/** Of the `count` places that are `wanted`, those on an even lattice of rows and columns, as fine as `most` allows. */
function thinned(
  { width, height }: Scan,
  count: number,
  most: number,
  wanted: (place: number) => boolean,
): readonly number[] {
  for (let stride = Math.max(1, Math.sqrt(count / most));; stride *= 1.02) {
    const rows = height === 1 ? [0] : lattice(height, stride);
    const columns = lattice(width, height === 1 ? stride ** 2 : stride);
    const kept = rows.flatMap((r) => columns.map((c) => r * width + c)).filter(wanted);
    if (kept.length <= most) return kept;
  }
}

/** Every `stride`-th of the numbers below `length`; all of them for 1. */
function lattice(length: number, stride: number): readonly number[] {
  return Array.from({ length: Math.floor(length / stride) }, (_, k) => Math.ceil((k + 1) * stride) - 1);
}
