/** The rim of a missing piece: pixels that go with it, and pixels that stay. @module */
import type { RandomStream } from "../../../core/mod.ts";
import type { Part } from "./part.ts";
import { largestPiece, neighbours, piecesOf, pixelDistance, pixelsOf, type Size } from "./picture.ts";

/** Share of the part's pixels that may be cut off with a piece, as crumbs between it and the outline. */
const CRUMBS = 0.004;
/** Chance that a pixel of the rest is lost, at one and at two pixels from the cut. */
const LOST = [0.3, 0.08];
/** Chance that a pixel of the piece survives, at one and at two pixels from the rest. */
const KEPT = [0.12, 0.05];

/** What each pixel of a scan draws, once: so the piece can be made larger without its rim changing everywhere. */
export interface RimLuck {
  readonly lost: Float64Array;
  readonly kept: Float64Array;
}

/** Uniform numbers for each pixel. */
export const drawLuck = (stream: RandomStream, pixels: number): RimLuck => ({
  lost: Float64Array.from({ length: pixels }, () => stream.uniform()),
  kept: Float64Array.from({ length: pixels }, () => stream.uniform()),
});

/**
 * The pixels that are missing when the piece `region` goes: crumbs go with it, pixels of the rest are lost at the rim, specks stay.
 * On the main piece they are one 8-connected piece; islands that stand in it are missing too. `lost` are pixels of the rim that give no
 * return. Undefined where the rest would fall apart.
 */
export function roughRim(
  { scan, foreground, piece, islands, nearest, count }: Part,
  region: readonly number[],
  luck: RimLuck,
): { missing: Uint8Array; lost: Uint8Array } | undefined {
  const missing = new Uint8Array(piece.length), lost = new Uint8Array(piece.length);
  for (const pixel of region) missing[pixel] = 1;
  const rest = piece.map((v, pixel) => v & (1 - missing[pixel]));
  const crumbs = piecesOf(rest, scan).sort((a, b) => b.length - a.length).slice(1).flat();
  if (crumbs.length > CRUMBS * count) return undefined;
  for (const pixel of crumbs) [missing[pixel], rest[pixel]] = [1, 0];
  const wentAway = missing.slice(), gone: number[] = [];
  for (const pixel of rimOf(missing, rest, scan)) {
    const chances = missing[pixel] === 1 ? KEPT : LOST;
    const chance = chances[nearestRing(missing[pixel] === 1 ? rest : wentAway, pixel, scan)] ?? 0;
    if (missing[pixel] === 0) {
      if (luck.lost[pixel] < chance) gone.push(pixel);
    } else if (luck.kept[pixel] < chance && staysWhole(missing, pixel, scan)) missing[pixel] = 0;
  }
  for (const pixel of gone) {
    if (neighbours(pixel, scan).some((other) => missing[other] === 1)) missing[pixel] = lost[pixel] = 1;
  }
  for (const island of islands) {
    const inside = island.filter((pixel) => missing[nearest[pixel]] === 1).length;
    if (2 * inside > island.length) { for (const pixel of island) missing[pixel] = 1; }
  }
  restoreThreads(missing, foreground, scan);
  const largest = largestPiece(missing.map((v, pixel) => v & piece[pixel]), scan);
  for (const pixel of region) missing[pixel] &= largest[pixel];
  for (const pixel of [...crumbs, ...gone]) missing[pixel] &= largest[pixel];
  return { missing, lost: lost.map((v, pixel) => v & missing[pixel]) };
}

/**
 * Gives pixels back that are missing only as a thread: a piece is two pixels wide everywhere, or a mask that is sampled at map resolution
 * would fall into many.
 */
function restoreThreads(missing: Uint8Array, foreground: Uint8Array, { width, height }: Size): void {
  const isThere = (row: number, column: number) => {
    const pixel = row * width + column;
    return row < 0 || column < 0 || row >= height || column >= width ||
      (foreground[pixel] === 1 && missing[pixel] === 0);
  };
  const corners = [[-1, -1], [-1, 0], [0, -1], [0, 0]];
  for (let left = pixelsOf(missing), before = -1; left.length !== before;) {
    before = left.length;
    const threads = left.filter((pixel) => {
      const column = pixel % width, row = (pixel - column) / width;
      return !corners.some(([down, across]) =>
        corners.every(([r, c]) => !isThere(row + down - r, column + across - c))
      );
    });
    for (const pixel of threads) missing[pixel] = 0;
    left = left.filter((pixel) => missing[pixel] === 1);
  }
}

/** The pixels of both pictures that lie within two pixels of the other one, ascending. */
function rimOf(missing: Uint8Array, rest: Uint8Array, size: Size): number[] {
  const rim = new Uint8Array(missing.length);
  for (let pixel = 0; pixel < missing.length; pixel++) {
    if (missing[pixel] === 0) continue;
    for (const other of within(pixel, LOST.length, size)) if (rest[other] === 1) rim[pixel] = rim[other] = 1;
  }
  return pixelsOf(rim);
}

/** How many whole pixels lie between a pixel and the nearest flagged one; infinite where that is too far to count. */
function nearestRing(flags: Uint8Array, pixel: number, size: Size): number {
  let nearest = Infinity;
  for (const other of within(pixel, LOST.length, size)) {
    if (flags[other] === 1) nearest = Math.min(nearest, Math.round(pixelDistance(pixel, other, size.width)) - 1);
  }
  return nearest;
}

/** The pixels at most so many columns and rows away, the pixel too. */
function* within(pixel: number, reach: number, { width, height }: Size): Iterable<number> {
  const column = pixel % width, row = (pixel - column) / width;
  for (let r = Math.max(0, row - reach); r <= Math.min(height - 1, row + reach); r++) {
    for (let c = Math.max(0, column - reach); c <= Math.min(width - 1, column + reach); c++) yield r * width + c;
  }
}

/** Whether the flagged pixels around one hang together without it, so that a piece stays one when it leaves. */
function staysWhole(flags: Uint8Array, pixel: number, size: Size): boolean {
  const around = neighbours(pixel, size).filter((other) => flags[other] === 1);
  const reached = around.slice(0, 1);
  for (let next = 0; next < reached.length; next++) {
    for (const other of around) {
      if (!reached.includes(other) && pixelDistance(reached[next], other, size.width) < 1.5) reached.push(other);
    }
  }
  return around.length > 0 && reached.length === around.length;
}
