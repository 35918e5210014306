/** The report: one HTML file with everything in it. @module */
import type { Calibration, DetectDocument, FusionPlane, ScanFound } from "../core/mod.ts";
import type { EvaluateRun } from "../evaluation/mod.ts";
import type { ColourScale } from "./colour_scale.ts";
import { escapeHtml, scriptJson } from "./escape.ts";
import { counted, percent, significant } from "./figures.ts";
import { accuracyPanels, scoresPanel } from "./html_accuracy.ts";
import { branchLegend, branchNotes, branchSwitches, haveBranches, missingSwitch } from "./html_branches.ts";
import { mapLegend, scaleData, scaleGradient, scanCard } from "./html_card.ts";
import { planeChart, planeNotes } from "./html_plane.ts";
import { P_VALUE_WORDS, scanTable, tiles } from "./html_summary.ts";
import { branchStyle } from "./page_branches.ts";
import { planeStyle } from "./page_plane.ts";
import { pageScript } from "./page_script.ts";
import { pageStyle } from "./page_style.ts";
import type { ReportScan } from "./report_scan.ts";
import { summaryOf } from "./summary.ts";

/** What a report tells. */
export interface Report {
  /** Decisions and what they come from. */
  readonly detect: DetectDocument;
  /** Metrics, where the scans have ground truth. */
  readonly evaluate?: EvaluateRun;
  /** The scans that get a card; the table has all of the document. */
  readonly scans: readonly ReportScan[];
  /** The run's colours, those of the scans' pictures. */
  readonly scale: ColourScale;
  /** Scores of held-out normal scans, for the histogram. */
  readonly calibration?: Calibration;
  /** The plane of both branches, where the fuser draws a boundary there. */
  readonly plane?: FusionPlane;
  /** The run's seed, one of its facts. */
  readonly seed: number;
  /** Source text of the plotting library (`plotly` in the import map), which draws the 3-D views. */
  readonly plotly: string;
}

/** The page may run its own scripts and show its own pictures, and can fetch nothing from anywhere. */
const POLICY =
  "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'";

/**
 * A self-contained page: it loads nothing, its table, pictures and charts show without scripts, and every name in it is escaped.
 * About a third of a megabyte a scan, up to 150 kB more where its places are explained, about 40 kB where it has two branches,
 * 15 kB where they have a plane, and 1.8 MB for the library.
 */
export function reportHtml(report: Report): string {
  const { detect, evaluate, scans, scale, calibration, plotly } = report;
  const { model } = detect;
  const cards = new Map(scans.map(({ found }, i) => [found.input, `scan-${i + 1}`]));
  const title = `${model.name}: ${counted(detect.scans.length, "scan")}`;
  const accuracy = evaluate ? accuracyPanels(evaluate) : { curve: "", byDefect: "" };
  const libraryNeeded = scans.length > 0, branches = haveBranches(scans);
  const plane = planeChart(report.plane, scans);
  return `<!DOCTYPE html>
<html lang="en" id="top">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${pageStyle}${branches ? branchStyle : ""}${plane ? planeStyle : ""}</style>
</head>
<body>
${scaleGradient()}${plane?.ground ?? ""}
<main>
<h1>${escapeHtml(title)}</h1>
<p class="quiet">${
    escapeHtml(`Method ${model.method} (${model.preset}), learned from ${counted(model.trainScans, "normal scan")}`)
  }</p>
${tiles(detect)}
${thresholdNotes(detect)}
<div class="view">${filters(detect)}${layerSwitches(scans)}</div>
<div class="panel">${scanTable(detect, ({ input }: ScanFound) => cards.get(input))}</div>
<h2>Scores</h2>
<div class="halves">${scoresPanel(detect, calibration)}${accuracy.curve}</div>
${accuracy.byDefect === "" ? "" : `<div style="margin-top:1rem">${accuracy.byDefect}</div>`}
<h2>Scans</h2>
<p class="quiet">${mapLegend(scale)}</p>${branches ? branchLegend() : ""}
${explainNote(scans)}
${scans.map((scan, i) => scanCard(scan, `scan-${i + 1}`, scale, plane)).join("\n")}
${missingCards(detect, scans.length)}
<h2>This run</h2>
${runFacts(report, plane !== undefined)}
</main>
<script type="application/json" id="colour-scale">${scriptJson(scaleData(scale))}</script>
${libraryNeeded ? `<script type="application/json" id="plotting-library">${scriptJson(plotly)}</script>` : ""}
<script>${pageScript({ branches })}</script>
</body>
</html>
`;
}

function thresholdNotes(detect: DetectDocument): string {
  const { found } = summaryOf(detect);
  const notes = new Map(found.map(({ threshold, thresholdOrigin }) => [thresholdOrigin, threshold]));
  return [...notes].map(([origin, threshold]) =>
    threshold === null
      ? `<p class="note">No scan could be called anomalous: threshold ${escapeHtml(origin)}.</p>`
      : `<p>A scan is anomalous when its score is above <b>${significant(threshold)}</b> (${escapeHtml(origin)}).</p>`
  ).join("");
}

function filters(detect: DetectDocument): string {
  const { good, defective } = summaryOf(detect);
  const choice = (id: string, words: string, checked = "") =>
    `<label><input type="radio" name="only" id="${id}"${checked}> ${words}</label>`;
  return `<span class="choices">Show ${choice("only-all", "all", " checked")}${choice("only-anomalous", "anomalous")}${
    choice("only-normal", "normal")
  }${good + defective > 0 ? choice("only-wrong", "decided wrongly") : ""}</span>`;
}

function layerSwitches(scans: readonly ReportScan[]): string {
  const layer = (id: string, words: string) => `<label><input type="checkbox" id="${id}" checked> ${words}</label>`;
  const withTruth = scans.some(({ pictures }) => pictures.truth);
  const branches = haveBranches(scans);
  return scans.length === 0
    ? ""
    : `${branches ? branchSwitches() : ""}<span class="choices">On the maps ${
      branches ? missingSwitch() : layer("heat", "scores")
    } ${layer("regions", `<span class="key" style="border-color:#fff"></span> regions`)} ${
      withTruth ? layer("truth", `<span class="key" style="border-color:#0cf"></span> ground truth`) : ""
    }</span>`;
}

function explainNote(scans: readonly ReportScan[]): string {
  const asked = scans.filter(({ patches }) => patches).length;
  if (asked === 0) return "";
  const which = asked < scans.length ? ` The maps of the first ${counted(asked, "scan")} can be asked.` : "";
  return `<p class="quiet needs-scripts">Click a place of a map, or go to it with the arrow keys, to read why ${
    haveBranches(scans) ? "its surface" : "it"
  } is marked: which normal patches it was compared with, and how far it is from what is usual.${which}</p>`;
}

function missingCards(detect: DetectDocument, cards: number): string {
  const without = summaryOf(detect).found.length - cards;
  return without > 0
    ? `<p class="note">${counted(without, "more scan")} of this run: see the table above, and their own files.</p>`
    : "";
}

function runFacts({ detect, scans, scale, seed }: Report, hasPlane: boolean): string {
  const { adapter, model } = detect, { calibration } = model;
  const facts: (readonly [string, string])[] = [
    ["uni3dad", model.version],
    ["Model", model.name],
    ["Method", `${model.method}, preset ${model.preset}`],
    ["Training scans", String(model.trainScans)],
    ["Fingerprint of the training set", model.fingerprint],
    ...Object.entries(model.facts).map(([name, value]) => [name, String(value)] as const),
    ["Adapter", `${adapter.description}${adapter.software ? " (software: no GPU was used)" : ""}`],
    ["Seed", String(seed)],
    [
      "Calibration",
      calibration
        ? `${calibration.kind}, ${
          counted(calibration.scans, "held-out normal scan")
        }; least false-alarm rate that it can promise ${percent(calibration.reachableAlpha)} %`
        : "none",
    ],
    ["Threshold of the map", scale.threshold === null ? "none" : significant(scale.threshold)],
  ];
  const list = facts.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join("");
  return `<div class="panel"><dl class="facts">${list}</dl></div>
<div class="panel" style="margin-top:1rem"><h3>How to read this</h3>
<p><b>Score</b>: how far a scan is from normal scans; it has no unit, and only scans of one model can be compared.</p>
<p><b>p-value</b>: ${P_VALUE_WORDS}. A threshold at a false-alarm rate of 5 % calls those scans anomalous whose p-value is at most 0.05.</p>
<p><b>Regions</b>: connected places whose score is above the map's threshold, with the area of surface they cover and their middle
in the camera's frame (x to the right, y down, z away from the sensor), in millimetres.</p>${
    haveBranches(scans) ? branchNotes() : ""
  }${hasPlane ? planeNotes() : ""}</div>`;
}
