/** A piece taken out of a normal scan: the scan as it would look without it, and where it is missing. @module */
import { type RandomStream, ScanRefused } from "../../../core/mod.ts";
import { between, logBetween } from "../synthetic/smooth_field.ts";
import { type DropOuts, lostBehind } from "./dropouts.ts";
import { FORMS, formsOf, type RemovedForm, SIZE_CLASSES, type SizeClass } from "./options.ts";
import { markOf } from "./marks.ts";
import type { Part } from "./part.ts";
import { pixelDistance, pixelsOf } from "./picture.ts";
import { growingRegion } from "./regions.ts";
import { drawLuck, roughRim } from "./rims.ts";
import { tableBehind } from "./table_behind.ts";

/** A scan that lacks a piece. */
export interface Incomplete {
  /** As a scan's: three coordinates a pixel, metres, 0 0 0 where there is no return. */
  readonly points: Float32Array;
  /** 1 where the intact scan shows the part and this one lacks it: one 8-connected piece of its main piece, and what stands in it. */
  readonly missing: Uint8Array;
  /** The ground truth: one 8-connected region, see {@linkcode markOf}. */
  readonly mask: Uint8Array;
  /** The form that was taken: another one where the part has no room for that asked for. */
  readonly form: RemovedForm;
  /** Missing pixels as a share of the part's. */
  readonly share: number;
}

/** Pixels of the smallest piece. */
const FEWEST = 6;
/** Draws of a form before another one is tried. */
const DRAWS = 12;
/** Sizes that are tried of one draw until rim and crumbs leave the share within its class. */
const SIZES = 8;
/** Pixels around a piece in which the marks that it left on the table go with it: its foot, its shadow. */
const AROUND = 40;
/** Lengths of shadows as shares of the height of what casts them. */
const SLANTS = [0.15, 0.4] as const;

/**
 * Takes a piece of a class of size out of a scan's part.
 * @throws {ScanRefused} when no form fits into the part
 */
export function removeRegion(
  part: Part,
  { size, form }: { size: SizeClass; form: RemovedForm },
  dropOuts: DropOuts,
  stream: RandomStream,
): Incomplete {
  const forms = [form, ...FORMS.filter((other) => other !== form && formsOf(size).includes(other))];
  for (const form of forms) {
    for (let draw = 0; draw < DRAWS; draw++) {
      const taken = takePiece(part, size, form, stream);
      if (taken) return { ...emptied(part, taken, dropOuts, stream), form };
    }
  }
  throw new ScanRefused(
    part.scan.name,
    "no-room",
    `its part of ${part.count} pixels leaves no room for a missing piece of ${size} %; use scans of a higher resolution`,
  );
}

/** The missing pixels of one draw, with a share within the class; undefined where it fails. */
function takePiece(part: Part, size: SizeClass, form: RemovedForm, stream: RandomStream) {
  const { count } = part, [lower, most] = SIZE_CLASSES[size], least = Math.max(lower, FEWEST / count);
  if (least >= most) return undefined;
  const wanted = Math.round(logBetween(stream, least, most) * count);
  const order = growingRegion(part, form, Math.floor(most * count), stream);
  const luck = drawLuck(stream, part.piece.length);
  let pixels = wanted;
  for (let round = 0; round < SIZES && pixels > 0 && pixels <= order.length; round++) {
    const rim = roughRim(part, order.slice(0, pixels), luck);
    if (!rim) return undefined;
    const found = rim.missing.reduce((sum, v) => sum + v, 0);
    if (found >= least * count && found < most * count && Math.abs(found - wanted) < Math.max(3, 0.02 * wanted)) {
      return { ...rim, share: found / count };
    }
    pixels += wanted - found;
  }
  return undefined;
}

/** The scan without the missing pixels. */
function emptied(
  part: Part,
  { missing, lost, share }: { missing: Uint8Array; lost: Uint8Array; share: number },
  dropOuts: DropOuts,
  stream: RandomStream,
): Omit<Incomplete, "form"> {
  const { scan, foreground, plane } = part;
  const points = scan.points.slice();
  const cleared = pixelsOf(missing.map((v, pixel) => v === 1 || isMark(part, missing, pixel) ? 1 : 0));
  const rest = foreground.map((v, pixel) => v & (1 - missing[pixel]));
  const dark = plane
    ? lostBehind(part, rest, cleared, dropOuts, between(stream, ...SLANTS), stream)
    : new Set<number>();
  const behind = tableBehind(part, cleared, stream);
  for (const pixel of cleared) {
    const seen = behind(pixel);
    points.set(seen && lost[pixel] === 0 && !dark.has(pixel) ? seen : [0, 0, 0], 3 * pixel);
  }
  return { points, missing, mask: markOf(part, missing), share };
}

/** Whether a pixel beside the part shows what the missing piece did to the table: its foot, its shadow, its rim's drop-outs. */
const isMark = ({ scan, foreground, nearest, table, plane }: Part, missing: Uint8Array, pixel: number): boolean =>
  plane !== undefined && foreground[pixel] === 0 && table[pixel] === 0 && missing[nearest[pixel]] === 1 &&
  pixelDistance(pixel, nearest[pixel], scan.width) <= AROUND;
