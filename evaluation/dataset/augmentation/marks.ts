/** The mask of a missing piece: one region, whatever drop-outs divided the piece before. @module */
import type { Part } from "./part.ts";
import { nearestFlagged, piecesOf, pixelDistance } from "./picture.ts";

/** Distances, pixels, over which missing pixels are joined: the first that makes one region of them is taken. */
const REACHES = [2, 3, 4, 6, 8];

/**
 * The missing pixels, and where they hang together only across drop-outs of the intact scan, those drop-outs too: the piece was there as
 * well, and a mask of specks would count each as a region. What cannot be joined is not marked.
 */
export function markOf({ scan, foreground, piece, table }: Part, missing: Uint8Array): Uint8Array {
  const isGap = (pixel: number) => foreground[pixel] === 0 && table[pixel] === 0;
  let mask = missing;
  for (const reach of REACHES) {
    if (piecesOf(mask, scan).length === 1) return mask;
    const wide = within(missing, reach, scan), narrow = within(wide.map((v) => 1 - v), reach, scan);
    mask = missing.map((v, pixel) => v === 1 || (narrow[pixel] === 0 && isGap(pixel)) ? 1 : 0);
  }
  const whole = new Uint8Array(mask.length);
  const main = piecesOf(mask, scan).find((pixels) =>
    pixels.some((pixel) => piece[pixel] === 1 && missing[pixel] === 1)
  );
  for (const pixel of main ?? []) whole[pixel] = 1;
  return whole;
}

/** The pixels at most so far from a flagged one. */
function within(
  flags: Uint8Array,
  reach: number,
  size: { readonly width: number; readonly height: number },
): Uint8Array {
  return Uint8Array.from(
    nearestFlagged(flags, size),
    (other, pixel) => other >= 0 && pixelDistance(pixel, other, size.width) <= reach ? 1 : 0,
  );
}
