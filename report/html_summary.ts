/** The report's head: what the batch came to, and the table of all scans. @module */
import { type DetectDocument, isFound, type ScanFailed, type ScanFound } from "../core/mod.ts";
import { escapeHtml } from "./escape.ts";
import { ABSENT, area, percent, place, seconds, significant } from "./figures.ts";
import { decidedWords, largestRegion, summaryOf, totalArea, verdictOf } from "./summary.ts";

/** What a p-value is, for people who meet one here first. */
export const P_VALUE_WORDS =
  "share of held-out normal scans that score at least as high, (1 + count) / (1 + number of scans): small means unusual";

/** The large figures under the title. */
export function tiles(document: DetectDocument): string {
  const { found, failed, anomalous, good, defective, falseAlarms, missed } = summaryOf(document);
  const tile = (value: string, words: string, kind = "") => `<div class="tile ${kind}"><b>${value}</b>${words}</div>`;
  const share = (part: number, all: number) => `of ${all} (${percent(part / all)} %)`;
  return `<div class="tiles">${
    [
      tile(String(anomalous), `anomalous of ${found.length}`, anomalous > 0 ? "bad" : ""),
      tile(String(found.length - anomalous), "normal"),
      ...(failed.length > 0 ? [tile(String(failed.length), "refused, not judged", "warn")] : []),
      ...(good > 0 ? [tile(String(falseAlarms), `false alarms ${share(falseAlarms, good)}`)] : []),
      ...(defective > 0 ? [tile(String(missed), `defects missed ${share(missed, defective)}`)] : []),
    ].join("")
  }</div>`;
}

/** All scans, one a row, each linked to its card where it has one. */
export function scanTable({ scans }: DetectDocument, cardOf: (scan: ScanFound) => string | undefined): string {
  const withTruth = scans.some((scan) => isFound(scan) && scan.truth !== undefined);
  const withBranches = scans.some((scan) => isFound(scan) && scan.decidedBy !== null);
  const head = (words: string, kind = "", title = "") =>
    `<th scope="col" class="${kind}"${
      title ? ` title="${escapeHtml(title)}"` : ""
    }><button type="button">${words}</button></th>`;
  const heads = [
    head("Decision"),
    head("Scan"),
    ...(withBranches ? [head("Decided by", "", "which branch the map's highest place comes from")] : []),
    ...(withTruth ? [head("Truth", "", "what the data set says")] : []),
    head("Score", "number", "the higher, the less the scan looks like a normal one"),
    head("× threshold", "number", "score over threshold: above 1 is anomalous"),
    head("p-value", "number", P_VALUE_WORDS),
    head("Regions", "number", "connected places above the map's threshold"),
    head("Area, mm²", "number", "surface of all regions"),
    head("Largest at x, y, z, mm", "number", "middle of the largest region in the camera's frame"),
    head("Seconds", "number"),
  ];
  const rows = scans.map((scan) =>
    isFound(scan) ? foundRow(scan, { withTruth, withBranches }, cardOf(scan)) : failedRow(scan, heads.length)
  );
  return `<div class="scroll"><table id="scans"><thead><tr>${heads.join("")}</tr></thead><tbody>${
    rows.join("\n")
  }</tbody></table></div>`;
}

function foundRow(
  scan: ScanFound,
  { withTruth, withBranches }: { readonly withTruth: boolean; readonly withBranches: boolean },
  card: string | undefined,
): string {
  const { input, score, pValue, threshold, decision, regions } = scan;
  const name = escapeHtml(input), shown = name.replaceAll("/", "/<wbr>"), largest = largestRegion(regions);
  const ratio = threshold !== null && threshold > 0 ? score / threshold : null;
  const number = (value: number | null, words: string) =>
    `<td class="number" data-value="${value ?? ""}">${words}</td>`;
  return `<tr ${decisionData(scan)}>` + [
    `<td data-value="${decision}">${badge(scan)}</td>`,
    `<td class="name" data-value="${name}">${card ? `<a href="#${card}">${shown}</a>` : shown}</td>`,
    ...(withBranches ? [`<td data-value="${decidedWords(scan) ?? ""}">${decidedWords(scan) ?? ABSENT}</td>`] : []),
    ...(withTruth ? [`<td data-value="${escapeHtml(scan.truth ?? "")}">${truthWords(scan)}</td>`] : []),
    number(score, significant(score)),
    number(ratio, ratio === null ? ABSENT : ratio.toFixed(2)),
    number(pValue, significant(pValue)),
    number(regions.length, String(regions.length)),
    number(totalArea(regions), regions.length === 0 ? ABSENT : area(totalArea(regions))),
    number(largest?.areaMm2 ?? null, largest ? place(largest.centreMm) : ABSENT),
    number(scan.seconds, seconds(scan.seconds)),
  ].join("") + "</tr>";
}

function failedRow({ input, error }: ScanFailed, columns: number): string {
  const name = escapeHtml(input);
  return `<tr data-decision="refused"><td data-value="refused"><span class="badge refused">refused</span></td>` +
    `<td class="name" data-value="${name}">${name}</td>` +
    `<td colspan="${columns - 2}" class="small">${escapeHtml(error.message)} <span class="quiet">[${
      escapeHtml(error.code)
    }]</span></td></tr>`;
}

/** Attributes by which rows and cards are filtered. */
export function decisionData(scan: ScanFound): string {
  const verdict = verdictOf(scan);
  return `data-decision="${scan.decision}"${verdict === undefined || verdict === "right" ? "" : " data-wrong"}`;
}

/** The decision as a coloured word. */
export function badge({ decision }: ScanFound): string {
  return `<span class="badge ${decision}">${decision}</span>`;
}

/** What the data set says, and whether the decision agrees. */
export function truthWords(scan: ScanFound): string {
  const verdict = verdictOf(scan);
  if (verdict === undefined) return ABSENT;
  const truth = escapeHtml(scan.truth ?? "");
  return verdict === "right" ? truth : `${truth} <span class="badge wrong">${verdict}</span>`;
}
