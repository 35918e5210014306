/** What a page draws a scan from: its pictures and points as JSON, `uni3dad.view/1`. @module */
import type { ScanFound } from "../core/mod.ts";
import type { BranchPictures } from "./branch_pictures.ts";
import { colourAt, type ColourScale, coverAt } from "./colour_scale.ts";
import type { ReportPictures, ReportPoints, ReportScan } from "./report_scan.ts";

/** The same fields with bytes as base64. */
type InBase64<T> = { readonly [Field in keyof T]: Extract<T[Field], Uint8Array> extends never ? T[Field] : string };

/** Pictures of one size, each a PNG file in base64. */
export interface ViewPictures extends InBase64<Omit<ReportPictures, "branches">> {
  /** What each branch says, and the whole shape; where the method has two. */
  readonly branches?: InBase64<Omit<BranchPictures, "partColours">>;
}

/** Points for a 3-D view, their bytes in base64: see {@linkcode ReportPoints}. */
export interface ViewPoints extends InBase64<Omit<ReportPoints, "missing">> {
  /** Points of the whole shape that the scan lacks, in the same steps, with red, green and blue of each; where there are any. */
  readonly missing?: InBase64<NonNullable<ReportPoints["missing"]>>;
}

/** A scan to draw, as JSON. */
export interface ScanView {
  /** Name and version of this form. */
  readonly schema: "uni3dad.view/1";
  /** What was decided. */
  readonly found: ScanFound;
  /**
   * CSS colours of equal steps from a score of 0 to `max`, each with its cover of what lies below as alpha, and the threshold that is marked
   * on the scale; null where none is known.
   */
  readonly scale: ColourScale & { readonly colours: readonly string[] };
  /** Regions are where the scores are above this; null where no threshold is known. */
  readonly mapThreshold: number | null;
  /** For the flat views. */
  readonly pictures: ViewPictures;
  /** For the 3-D view. */
  readonly points: ViewPoints;
  /** Pixel of each region's middle, in the order of `found.regions`, for the first ones. */
  readonly marks: ReportScan["marks"];
  /** Numbers, from 1, of the regions in which something is missing. */
  readonly lacking: ReportScan["lacking"];
}

/** Steps from one colour of a view's scale to the last. */
const STEPS = 64;

/** What a page draws `reported` from; places are regions above `mapThreshold`. */
export function scanView(
  { found, pictures, points, marks, lacking }: ReportScan,
  scale: ColourScale,
  mapThreshold: number | null,
): ScanView {
  const { branches, ...layers } = pictures, { missing, ...sampled } = points;
  return {
    schema: "uni3dad.view/1",
    found,
    scale: {
      ...scale,
      colours: Array.from({ length: STEPS + 1 }, (_, i) => cssColour(i / STEPS)),
    },
    mapThreshold,
    pictures: { ...inBase64(layers), ...(branches ? { branches: branchesInBase64(branches) } : {}) },
    points: { ...inBase64(sampled), ...(missing ? { missing: inBase64(missing) } : {}) },
    marks,
    lacking,
  };
}

const cssColour = (position: number) => `rgba(${colourAt(position).join(", ")}, ${coverAt(position).toFixed(4)})`;

/** Without the colours of the missing points, which the 3-D view has in its own order. */
function branchesInBase64({ partColours: _, ...pictures }: BranchPictures): ViewPictures["branches"] {
  return inBase64(pictures);
}

const inBase64 = <T extends object>(fields: T): InBase64<T> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, value instanceof Uint8Array ? value.toBase64() : value]),
  ) as InBase64<T>;
