/**
 * The plane of both branches: normal places, the fuser's boundary, and the places of each scan. @module
 *
 * Source: figure 6 of Liu et al., "Uni-3DAD" (2024). Both axes are square-rooted: most places lie near 0, and S2 is 0 at most of them.
 */
import type { FusionPlane } from "../core/mod.ts";
import { boundaryPath } from "./boundary_path.ts";
import { escapeHtml } from "./escape.ts";
import { counted, significant } from "./figures.ts";
import type { PlanePlaces } from "./plane_places.ts";
import type { ReportScan } from "./report_scan.ts";
import { type SquareRootAxis, squareRootAxis, STRIP } from "./square_root_axis.ts";

/** The plane with the same axes for all scans of a page. */
export interface PlaneChart {
  /** What all scans share, once a page: axes, normal places and boundary; not shown by itself. */
  readonly ground: string;
  /** The folded plane of a scan; empty where no branch says anything of it. */
  readonly ofScan: (scan: ReportScan) => string;
}

const WIDTH = 620, HEIGHT = 400, LEFT = 60, RIGHT = 14, TOP = 12, BOTTOM = 46;
const ACROSS = WIDTH - LEFT - RIGHT, UP = HEIGHT - TOP - BOTTOM, BASE = TOP + UP;

/** How far the boundary may make an axis longer than places need; of a flat line one end lies far away. */
const MOST_ROOM = 4;

/** k·S1 to the right, S2 upwards. */
interface Axes {
  readonly x: SquareRootAxis;
  readonly y: SquareRootAxis;
}

/** The plane of a page; undefined where the fuser draws none, or no scan has places. */
export function planeChart(plane: FusionPlane | undefined, scans: readonly ReportScan[]): PlaneChart | undefined {
  if (!plane) return undefined;
  const drawn = ({ places }: ReportScan) => places && places.count > 0 ? scaled(places, plane.scale) : undefined;
  const shown = scans.flatMap((scan) => drawn(scan) ?? []);
  if (shown.length === 0) return undefined;
  const axes = axesOf(plane, shown);
  return {
    ground: ground(plane, axes),
    ofScan: (scan) => {
      const values = drawn(scan);
      return values && scan.places ? folded(scan.found.input, scan.places, values, axes) : "";
    },
  };
}

/** x and y of drawn places in the plane. */
const scaled = ({ values }: PlanePlaces, scale: number) =>
  values.map((value, i) => i % 2 === 0 ? scale * value : value);

function axesOf({ normal, boundary }: FusionPlane, places: readonly Float32Array[]): Axes {
  const largest = (sets: readonly Float32Array[], axis: number) =>
    sets.reduce((most, set) => set.reduce((most, value, i) => i % 2 === axis ? Math.max(most, value) : most, most), 0);
  const [x, y] = [ACROSS, UP].map((length, axis) => {
    const most = largest([normal, ...places], axis), line = largest(boundary, axis);
    const needed = most > 0 ? Math.max(most, Math.min(line, MOST_ROOM * most)) : line;
    return squareRootAxis(needed > 0 ? 1.05 * needed : 1, length);
  });
  return { x, y };
}

function ground({ scale, normal, boundary }: FusionPlane, axes: Axes): string {
  const lines = boundary.map((corners) => boundaryPath(corners, axes, { left: LEFT, base: BASE }));
  return `<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><g id="plane-ground">` +
    `<g class="plane-strip"><rect x="${LEFT}" y="${TOP}" width="${STRIP}" height="${UP}"/>` +
    `<rect x="${LEFT}" y="${BASE - STRIP}" width="${ACROSS}" height="${STRIP}"/></g>${grid(axes)}${
      words(axes, scale)
    }` +
    `<path class="plane-dots normal" d="${dots(normal, axes, "outer")}"/></g>` +
    `<path id="plane-boundary" class="plane-boundary" d="${lines.join("")}"/></defs></svg>`;
}

function grid({ x, y }: Axes): string {
  const upright = x.ticks.map((tick) => `M${(LEFT + x.at(tick)).toFixed(1)} ${TOP}V${BASE}`);
  const level = y.ticks.map((tick) => `M${LEFT} ${(BASE - y.at(tick)).toFixed(1)}H${LEFT + ACROSS}`);
  return `<path class="plane-grid" d="${upright.join("")}${level.join("")}"/>`;
}

function words({ x, y }: Axes, scale: number): string {
  const below = (across: number, value: number) =>
    `<text x="${(LEFT + across).toFixed(1)}" y="${BASE + 17}">${value}</text>`;
  const beside = (up: number, value: number) =>
    `<text x="${LEFT - 6}" y="${(BASE - up + 4).toFixed(1)}" text-anchor="end">${value}</text>`;
  return `<g class="plane-words">${below(STRIP / 2, 0)}${beside(STRIP / 2, 0)}` +
    x.ticks.map((tick) => below(x.at(tick), tick)).join("") + y.ticks.map((tick) => beside(y.at(tick), tick)).join("") +
    `<text x="${LEFT + (STRIP + ACROSS) / 2}" y="${HEIGHT - 8}">k·S1, odd surface (k = ${significant(scale)})</text>` +
    `<text transform="translate(15 ${TOP + (UP - STRIP) / 2}) rotate(-90)">S2, missing, mm</text></g>`;
}

/** Which half of the strips a set's dots have: normal places the outer one, those of a scan the inner one. */
type Half = Parameters<SquareRootAxis["dotAt"]>[2];

/** Path data of dots, `n × 2` values: lines of no length, which round ends make visible. */
function dots(values: Float32Array, axes: Axes, half: Half): string {
  let path = "";
  for (let i = 0; i < values.length / 2; i++) path += `M${dotAt(values, i, axes, half).join(" ")}h0`;
  return path;
}

/** Where the `i`-th dot of a set is drawn. */
const dotAt = (values: Float32Array, i: number, { x, y }: Axes, half: Half): readonly string[] =>
  [LEFT + x.dotAt(values[2 * i], i, half), BASE - y.dotAt(values[2 * i + 1], i, half)].map((at) => at.toFixed(1));

function folded(input: string, places: PlanePlaces, values: Float32Array, axes: Axes): string {
  const { count, beyond, drawnBeyond } = places, drawn = values.length / 2;
  const share = beyond === null
    ? counted(count, "place")
    : `${beyond} of ${counted(count, "place")} beyond the map's threshold`;
  const [across, up] = dotAt(values, 0, axes, "inner"), split = 2 * drawnBeyond;
  const highest = `highest place: k·S1 ${significant(values[0])}, S2 ${significant(values[1])} mm`;
  const key = (kind: string, words: string) => `<span class="plane-key ${kind}"></span> ${words}<br>`;
  return `<details class="plane"><summary>Both branches in one plane: ${share}</summary>
<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${
    escapeHtml(`plane of both branches of ${input}: ${share}; ${highest}`)
  }"><use href="#plane-ground"/><path class="plane-dots within" d="${dots(values.subarray(split), axes, "inner")}"/>` +
    `<path class="plane-dots beyond" d="${
      dots(values.subarray(0, split), axes, "inner")
    }"/><use href="#plane-boundary"/>` +
    `<circle class="plane-highest" cx="${across}" cy="${up}" r="7"/></svg><figcaption>${
      key("normal", "places of held-out normal scans") + key("boundary", "the fuser's boundary") +
      key("within", "places of this scan") +
      (beyond === null ? "" : key("beyond", "those beyond the map's threshold")) + key("highest", `its ${highest}`)
    }${
      drawn < count ? `${drawn} of its ${count} places are drawn: the highest, and an even sample of the others.` : ""
    }</figcaption></figure></details>`;
}

/** How to read the plane. */
export const planeNotes = (): string =>
  `\n<p><b>Both branches in one plane</b>: a dot is a place, further right the odder its surface is (S1, which the factor k brings to the scale
of S2), further up the more is missing there (S2, millimetres). Where a branch says nothing the dot lies in the strip along the axis, spread so that
dots can be told apart: normal places in its outer half, those of the scan in its inner half. Axes are square-rooted, the same for all scans.
Normal places lie around the origin, and the boundary is what the fuser learned from them: the further out a place lies, seen from that line, the
higher its score. The map's threshold is a like line further out, which few normal scans reach.</p>`;
