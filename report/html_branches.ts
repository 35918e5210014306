/** What the report says and shows of methods with two branches: which one decided, the whole shape, and what is missing. @module */
import type { Region, ScanFound } from "../core/mod.ts";
import { pngAddress } from "./escape.ts";
import { decidedWords } from "./summary.ts";
import type { ReportPictures, ReportScan } from "./report_scan.ts";

/** Whether the scans were judged by two branches. */
export const haveBranches = (scans: readonly ReportScan[]): boolean => scans.some(({ pictures }) => pictures.branches);

/** What of the maps is shown, and whether missing parts are: switches that work without scripts, as the page's style reads them. */
export function branchSwitches(): string {
  const map = (id: string, words: string, title: string, checked = "") =>
    `<label title="${title}"><input type="radio" name="map" id="map-${id}"${checked}> ${words}</label>`;
  return `<span class="choices" role="radiogroup" aria-label="What the maps show">The maps show ${
    [
      map("fused", "both branches", "the score that decides, made of both branches", " checked"),
      map("surface", "S1, surface", "what surfaces that look odd add to the score"),
      map("missing", "S2, missing", "what missing material adds to the score"),
      map("whole", "scan + whole shape", "the scan under the shape that it should have been"),
      map("scan", "scan", "the scan alone"),
    ].join("")
  }</span>`;
}

/** The switch of the missing parts, for the row of lines on the maps. */
export const missingSwitch = (): string =>
  `<label><input type="checkbox" id="missing-part" checked> <span class="key missing"></span> missing part</label>`;

/** The missing part over the shaded scan; empty where nothing is missing. The maps show the same pictures again. */
export function missingOverScan({ width, height, missing, branches }: ReportPictures, id: string): string {
  if (!branches?.part || !missing) return "";
  const image = (kind: string, bytes: Uint8Array) =>
    `<image id="${kind}-${id}" width="${width}" height="${height}" href="${pngAddress(bytes)}"/>`;
  return `<g class="missing-part">${image("part", branches.part)}${image("line", missing)}</g>`;
}

/** The layers of a map between the shaded scan and its outlines. */
export function branchLayers({ missing, branches }: ReportPictures, id: string): string {
  if (!branches) return "";
  const { square: { x, y, width, height }, surface, missing: share, whole, part } = branches;
  const at = [x, y, width, height].map((value) => Number(value.toFixed(2)));
  const image = (kind: string, bytes: Uint8Array | undefined) =>
    bytes
      ? `<image class="${kind}" x="${at[0]}" y="${at[1]}" width="${at[2]}" height="${
        at[3]
      }" preserveAspectRatio="none" href="${pngAddress(bytes)}"/>`
      : "";
  return image("share-surface", surface) + image("share-missing", share) + image("whole-shape", whole) +
    (part && missing
      ? `<g class="missing-part"><use class="part-filled" href="#part-${id}"/><use href="#line-${id}"/></g>`
      : "");
}

/** The sentence that says which branch decided; empty where there is one. */
export function decidedSentence(found: ScanFound): string {
  const words = decidedWords(found);
  if (words !== undefined) return ` Decided by: <b>${words}</b>.`;
  if (found.decidedBy === null) return "";
  return ` Its highest place comes from the <b>${
    found.decidedBy === "feature" ? "surface" : "missing-part"
  }</b> branch.`;
}

/** What a region is: `missing`, `surface`, or a surface that lacks something as well. */
export function regionWords({ branch }: Region, number: number, lacking: readonly number[]): string {
  return branch === "reconstruction" ? "missing" : lacking.includes(number) ? "surface, partly missing" : "surface";
}

/** What is above all cards: the colours of the missing part and of the branches. */
export const branchLegend = (): string =>
  `<p class="quiet"><span class="key missing"></span> Striped blue is what is missing: the part of the whole normal shape that the scan lacks, shaded by the shape's own depth. ` +
  `S1 (odd surfaces) and S2 (missing material) are shown as what each adds to the score, on the same colours.</p>`;

/** How to read what the branches say. */
export const branchNotes = (): string =>
  `\n<p><b>Branches</b>: one looks for surfaces that normal scans don't have (S1), the other lays a whole normal shape over the scan and looks
for what the scan lacks of it (S2). The score is made of both. A region is <b>missing</b> or <b>surface</b> by the branch that adds more at its peak. The area
of what is missing is the one that it had across the viewing direction, and its middle is where it should have been.</p>`;
