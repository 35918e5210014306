/** One scan of the report: pictures, decision, regions, 3-D view. @module */
import type { ScanFound } from "../core/mod.ts";
import { colourAt, type ColourScale, coverAt, positionOn } from "./colour_scale.ts";
import { escapeHtml, fileLink, pngAddress, scriptJson } from "./escape.ts";
import { area, counted, place, significant } from "./figures.ts";
import { branchLayers, decidedSentence, missingOverScan, regionWords } from "./html_branches.ts";
import type { PlaneChart } from "./html_plane.ts";
import { badge, decisionData, P_VALUE_WORDS, truthWords } from "./html_summary.ts";
import { MOST_REGIONS, type ReportPictures, type ReportPoints, type ReportScan } from "./report_scan.ts";
import { totalArea } from "./summary.ts";

/** The card of a scan; `id` is its anchor, `plane` where the page has one. */
export function scanCard(scan: ReportScan, id: string, scale: ColourScale, plane?: PlaneChart): string {
  const { found, pictures, points, marks, patches, lacking } = scan;
  const truth = found.truth === undefined ? "" : `<span>truth: ${truthWords(found)}</span>`;
  return `<article class="card" id="${id}" ${decisionData(found)}>
<header>${badge(found)}<h3>${escapeHtml(found.input)}</h3>${truth}<a href="#top">back to the table</a></header>
<p>${decisionWords(found)}${decidedSentence(found)}</p>${notesOf(found)}
<div class="body">
<figure>${reliefPicture(pictures, id, found)}<figcaption>The scan as measured, shaded; black has no measurement.${
    pictures.missing ? " Striped blue is missing." : ""
  }</figcaption></figure>
<figure>${mapPicture(pictures, marks, id, found, patches !== undefined)}${colourBar(scale)}${
    patches
      ? `<output class="why needs-scripts" id="why-${id}">Click a place of the map to read why it is marked.</output>`
      : ""
  }</figure>
<div class="found">${regionTable(found, lacking)}${fileLinks(found)}
<p class="needs-scripts"><button type="button" class="open-view" aria-expanded="false" aria-controls="space-${id}" data-points="points-${id}">Open 3-D view</button></p></div>
<div class="space" id="space-${id}" hidden></div>${plane?.ofScan(scan) ?? ""}
</div>
<script type="application/json" id="points-${id}">${scriptJson(viewData(points, found))}</script>${
    patches
      ? `<script type="application/json" id="patches-${id}">${
        scriptJson({ ...patches, table: patches.table.toBase64() })
      }</script>`
      : ""
  }
</article>`;
}

function decisionWords({ score, threshold, thresholdOrigin, pValue }: ScanFound): string {
  const words = threshold === null
    ? `Score <b>${significant(score)}</b>; no threshold is known (${
      escapeHtml(thresholdOrigin)
    }), so nothing is decided.`
    : `Score <b>${significant(score)}</b>, ${score > threshold ? "above" : "not above"} the threshold <b>${
      significant(threshold)
    }</b>.`;
  return pValue === null
    ? words
    : `${words} <span title="${P_VALUE_WORDS}">p-value <b>${significant(pValue)}</b></span>.`;
}

const notesOf = ({ notes }: ScanFound) => notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join("");

function reliefPicture(pictures: ReportPictures, id: string, { input }: ScanFound): string {
  const { width, height, relief } = pictures;
  return `<svg class="picture" viewBox="0 0 ${width} ${height}" role="img" aria-label="${
    escapeHtml(`shaded picture of ${input}`)
  }"><image id="relief-${id}" width="${width}" height="${height}" href="${pngAddress(relief)}"/>${
    missingOverScan(pictures, id)
  }</svg>`;
}

function mapPicture(
  pictures: ReportPictures,
  marks: ReportScan["marks"],
  id: string,
  { input }: ScanFound,
  isExplained: boolean,
): string {
  const { width, height, heat, truth, regions } = pictures;
  const size = Math.max(width, height) / 26;
  const layer = (kind: string, bytes: Uint8Array | undefined) =>
    bytes ? `<image class="${kind}" width="${width}" height="${height}" href="${pngAddress(bytes)}"/>` : "";
  const numbers = marks.map(({ x, y }, i) =>
    `<text x="${x + size}" y="${y - size / 2}" style="font-size:${size}px;stroke-width:${size / 5}px">${i + 1}</text>`
  );
  const [asked, words] = isExplained
    ? [` tabindex="0" data-why="patches-${id}" aria-describedby="why-${id}"`, "; arrow keys move over its places"]
    : ["", ""];
  return `<svg class="picture" viewBox="0 0 ${width} ${height}" role="img"${asked} aria-label="${
    escapeHtml(`score map of ${input}${words}`)
  }"><use href="#relief-${id}"/>${layer("heat", heat)}${branchLayers(pictures, id)}${layer("truth", truth)}${
    layer("regions", regions)
  }<g class="regions">${numbers.join("")}</g>${isExplained ? askedMark(size) : ""}</svg>`;
}

/** The ring around the place that is asked for. */
const askedMark = (size: number) => {
  const ring = `<circle r="${(size / 2).toFixed(1)}"/>`;
  return `<g class="why-mark" visibility="hidden">${ring}${ring}</g>`;
};

/** The gradient that all colour bars of the page are filled with. */
export function scaleGradient(): string {
  const stops = Array.from({ length: 17 }, (_, i) => {
    const [red, green, blue] = colourAt(i / 16);
    return `<stop offset="${i / 16}" stop-color="rgb(${red},${green},${blue})" stop-opacity="${
      coverAt(i / 16).toFixed(3)
    }"/>`;
  });
  return `<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs><linearGradient id="scale-fill">${
    stops.join("")
  }</linearGradient></defs></svg>`;
}

const BAR = 400;

/** The colour bar: what a colour over grey means, with the map's threshold on it. */
export function colourBar(scale: ColourScale): string {
  const { max, threshold } = scale;
  const at = threshold === null ? null : BAR * positionOn(scale, threshold);
  const mark = at === null ? "" : `<line class="mark" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="0" y2="18"/>` +
    `<text x="${at.toFixed(1)}" y="31" text-anchor="middle">threshold ${significant(threshold)}</text>`;
  return `<div class="scale"><svg viewBox="0 0 ${BAR} 34" role="img" aria-label="colour scale of the scores">` +
    `<rect y="3" width="${BAR}" height="12" fill="#8a8a8a"/><rect y="3" width="${BAR}" height="12" fill="url(#scale-fill)"/>${mark}` +
    `<text x="0" y="31">0</text><text x="${BAR}" y="31" text-anchor="end">≥ ${significant(max)}</text></svg></div>`;
}

function regionTable({ regions, decidedBy }: ScanFound, lacking: readonly number[]): string {
  if (regions.length === 0) return `<p class="quiet">No place is above the map's threshold.</p>`;
  const [head, what] = decidedBy === null
    ? ["", () => ""]
    : [`<th>What</th>`, (i: number) => `<td>${regionWords(regions[i], i + 1, lacking)}</td>`];
  const rows = regions.slice(0, MOST_REGIONS).map(({ areaMm2, centreMm, peak, branch }, i) =>
    `<tr><td class="number">${i + 1}</td>${what(i)}<td class="number">${area(areaMm2)}</td><td class="number">${
      place(centreMm)
    }</td><td class="number" title="largest score in the region, ${branch} branch">${significant(peak)}</td></tr>`
  );
  const rest = regions.slice(MOST_REGIONS);
  const more = rest.length === 0
    ? ""
    : `<p class="quiet small">and ${counted(rest.length, "region")} with lower peaks, ${
      area(totalArea(rest))
    } mm² together</p>`;
  return `<div class="scroll"><table class="small"><thead><tr><th class="number">Region</th>${head}<th class="number">Area, mm²</th>` +
    `<th class="number" title="middle of the region in the camera's frame: x to the right, y down, z away">x, y, z, mm</th>` +
    `<th class="number">Peak</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>${more}`;
}

function fileLinks({ files }: ScanFound): string {
  const links = Object.entries(files).map(([kind, path]) => `<a href="${fileLink(path)}">${escapeHtml(kind)}</a>`);
  return links.length === 0 ? "" : `<p class="small">Files: ${links.join(", ")}</p>`;
}

/** What the page's script draws a view from. */
function viewData(
  { positions, scores, greys, originMm, stepMm, missing, ...rest }: ReportPoints,
  { regions }: ScanFound,
) {
  return {
    ...rest,
    originMm,
    stepMm,
    positions: positions.toBase64(),
    scores: scores.toBase64(),
    greys: greys.toBase64(),
    marks: regions.slice(0, MOST_REGIONS).map(({ centreMm }) => centreMm),
    ...(missing
      ? {
        missing: {
          count: missing.count,
          positions: missing.positions.toBase64(),
          colours: missing.colours.toBase64(),
        },
      }
      : {}),
  };
}

/** The colour scale as the page's script uses it: red, green, blue and cover at even steps from 0 to `max`. */
export function scaleData({ max }: ColourScale): unknown {
  const steps = 64;
  return { max, colours: Array.from({ length: steps + 1 }, (_, i) => [...colourAt(i / steps), coverAt(i / steps)]) };
}

/** The words above all cards that tell what the map's colours and lines are. */
export function mapLegend(scale: ColourScale): string {
  return `Colour is the score of a place on one scale for all scans, 0 to ${significant(scale.max)}. ${
    scale.threshold === null ? "" : `Places above ${significant(scale.threshold)} are regions, outlined in white.`
  }`;
}
