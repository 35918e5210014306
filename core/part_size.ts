/**
 * How large a part is, and whether normal parts are as large: the wrong unit is seen before it is scored. @module
 *
 * Sizes are compared by their ratio, and leniently: defects change the size of a part by less than a factor 2, units by 10 and more.
 */
import { ScanRefused } from "./errors.ts";
import type { Scan } from "./scan.ts";
import { type Standing, tableFrame, toTable } from "./table_frame.ts";

/** Sizes of the parts that a model was fitted on, metres. */
export interface PartSizes {
  /** Of the smallest part. */
  readonly least: number;
  /** Of the largest. */
  readonly most: number;
}

/** Share of the points that may lie outside the box on each side of each axis, so that a few stray points don't count. */
const OUTSIDE = 0.02;

/** Factors beyond the normal sizes from which a scan gets a note, and from which it is refused. */
const NOTED = 1.5, REFUSED = 5;

/** How near to the normal sizes a misread unit brings a scan, for it to be named. */
const LIKE = 1.25;

/** What a scan's size is in normal sizes when its unit is taken for another one. */
const MISREAD: readonly (readonly [factor: number, words: string])[] = [
  [1e6, "micrometres read as metres"],
  [1000, "millimetres read as metres"],
  [100, "centimetres read as metres"],
  [1 / 0.0254, "inches read as metres"],
  [25.4, "millimetres read as inches"],
  [10, "millimetres read as centimetres"],
  [1 / 10, "centimetres read as millimetres"],
  [1 / 25.4, "inches read as millimetres"],
  [0.0254, "metres read as inches"],
  [1 / 1000, "metres read as millimetres"],
  [1e-6, "metres read as micrometres"],
];

/** Diagonal of the box along the table frame's axes that holds all but the outermost 2 % of the points at each side; metres. */
export function partSize(part: Standing): number {
  return spanOf(toTable(tableFrame(part), part.hostPoints), 4);
}

/** The least and the largest of the sizes; at least one is needed. */
export function partSizesOf(sizes: readonly number[]): PartSizes {
  return { least: Math.min(...sizes), most: Math.max(...sizes) };
}

/**
 * What people should know of a part's size: words where it is more than 1.5 times as large or as small as any normal part.
 * @throws {ScanRefused} `other-scale` beyond a factor 5
 */
export function sizeNote(scan: string, size: number, normal: PartSizes): string | undefined {
  const factor = Math.max(size / normal.most, normal.least / size);
  if (factor <= NOTED) return undefined;
  const sizes = `it is ${millimetres(size)} mm across, the model's normal scans are ${rangeWords(normal)}`;
  const unit = misreadAs(size, normal);
  if (factor > REFUSED) {
    throw new ScanRefused(
      scan,
      "other-scale",
      `${sizes}: ${
        unit ? `${unit}?` : "another unit, or another product;"
      } say the file's unit with --unit, or use a model of parts of this size`,
    );
  }
  const less = size < normal.least ? ", or a part of which much is missing" : "";
  return `${sizes}: another unit or scale${less}?`;
}

/** Why a scan of which nothing is left may be of another unit: the preparation's refusal, with both sizes. Others stay as they are. */
export function refusalWithSizes(error: unknown, { points, valid }: Scan, normal: PartSizes): unknown {
  if (!(error instanceof ScanRefused) || !["too-sparse", "too-far", "nothing-left"].includes(error.why)) return error;
  const span = spanOf(points.filter((_, i) => valid[Math.floor(i / 3)] === 1), 3);
  return new ScanRefused(
    error.scan,
    error.why,
    `${error.problem} (all that was measured spans ${millimetres(span)} mm, the parts of the model's normal scans ${
      rangeWords(normal)
    })`,
    { cause: error },
  );
}

function misreadAs(size: number, { least, most }: PartSizes): string | undefined {
  const ratio = Math.log(size / Math.sqrt(least * most));
  const off = ([factor]: typeof MISREAD[number]) => Math.abs(ratio - Math.log(factor));
  const nearest = MISREAD.reduce((a, b) => off(b) < off(a) ? b : a);
  const read = size / nearest[0];
  return read > least / LIKE && read < most * LIKE ? nearest[1] : undefined;
}

function spanOf(points: Float32Array, stride: number): number {
  const count = points.length / stride;
  const sides = [0, 1, 2].map((axis) => {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) values[i] = points[stride * i + axis];
    values.sort();
    const outside = Math.floor(OUTSIDE * count);
    return values[count - 1 - outside] - values[outside];
  });
  return Math.hypot(...sides);
}

const rangeWords = ({ least, most }: PartSizes) => {
  const [from, to] = [millimetres(least), millimetres(most)];
  return from === to ? `${from} mm` : `${from} to ${to} mm`;
};

/** Two digits that count, or all before the point. */
const millimetres = (metres: number) => {
  const value = 1000 * metres;
  return value >= 10 || value === 0 ? value.toFixed(0) : value.toPrecision(2);
};
