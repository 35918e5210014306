/** How well scores separate good from defective scans, where that is known. @module */
import type { Calibration, DetectDocument } from "../core/mod.ts";
import { type AuPro, type EvaluateRun, GOOD } from "../evaluation/mod.ts";
import { proCurveChart, scoreChart, type ScoreSeries } from "./charts.ts";
import { escapeHtml } from "./escape.ts";
import { percent, seconds } from "./figures.ts";
import { summaryOf } from "./summary.ts";

/** Score histograms of held-out normal, good, defective and unlabelled scans. */
export function scoresPanel(document: DetectDocument, calibration: Calibration | undefined): string {
  const { found } = summaryOf(document);
  const scores = (wanted: (truth: string | undefined) => boolean) =>
    found.filter(({ truth }) => wanted(truth)).map(({ score }) => score);
  const series: ScoreSeries[] = [
    { name: "held-out normal", kind: "held-out", scores: calibration?.scores ?? [] },
    { name: "good", kind: "good", scores: scores((truth) => truth === GOOD) },
    { name: "defective", kind: "defective", scores: scores((truth) => truth !== undefined && truth !== GOOD) },
    { name: "scans of this run", kind: "unknown", scores: scores((truth) => truth === undefined) },
  ];
  const chart = scoreChart(series, found[0]?.threshold ?? null);
  return chart === "" ? "" : `<div class="panel"><h3>Scan scores</h3>${chart}
<p class="small quiet">${
    calibration
      ? "Held-out normal scans are training scans, scored by a model that had not seen them; " +
        "the threshold and p-values come from them. "
      : ""
  }Right of the threshold a scan is anomalous.</p></div>`;
}

/** PRO curve and AU-PRO by limit, then the metrics of each defect type. */
export function accuracyPanels(run: EvaluateRun): { readonly curve: string; readonly byDefect: string } {
  const { curve: { fpr, pro }, auPro, ownResolution, pixelAuroc, scanAuroc } = run;
  const limits = limitsOf(auPro);
  const row = (name: string, title: string, values: Readonly<Record<string, number>>) =>
    `<tr><th scope="row" title="${escapeHtml(title)}">${name}</th>${
      limits.map((limit) => `<td class="number">${percent(values[limit])}</td>`).join("")
    }</tr>`;
  const chart = fpr.length > 1 ? proCurveChart(fpr, pro) : `<p class="quiet">No curve: no scan has ground truth.</p>`;
  const curve = `<div class="panel"><h3>Where defects are: PRO curve</h3>${chart}
<div class="scroll"><table class="small"><thead><tr><th>AU-PRO, % up to</th>${
    limits.map((limit) => `<th class="number">${escapeHtml(limit)}</th>`).join("")
  }</tr></thead><tbody>${
    row("exact", "every score is a threshold; at the map's resolution, as published tables are", auPro.exact)
  }${row("official", "100 thresholds, as the published evaluation code has it", auPro.official)}${
    row("exact, own size", "at the scans' own resolution", ownResolution.auPro.exact)
  }</tbody></table></div>
<p class="small">Pixel AUROC ${percent(pixelAuroc)} %, scan AUROC ${
    percent(scanAuroc)
  } %; ${run.testScans} test scans, ${seconds(run.seconds.perScan.median)} s a scan (median).</p></div>`;
  return { curve, byDefect: defectTable(run) };
}

const SHOWN_BY_DEFECT = ["0.3", "0.1", "0.05", "0.01"];

function defectTable({ byDefect }: EvaluateRun): string {
  const defects = Object.entries(byDefect);
  if (defects.length === 0) return "";
  const rows = defects.map(([defect, { scans, auPro, pixelAuroc, scanAuroc }]) =>
    `<tr><th scope="row">${escapeHtml(defect)}</th><td class="number">${scans}</td>${
      [...SHOWN_BY_DEFECT.map((limit) => auPro.exact[limit]), pixelAuroc, scanAuroc]
        .map((value) => `<td class="number">${percent(value)}</td>`).join("")
    }</tr>`
  );
  return `<div class="panel"><h3>By defect type, each with all good scans, %</h3><div class="scroll"><table id="defects"><thead><tr><th>Defect</th><th class="number">Scans</th>${
    [...SHOWN_BY_DEFECT.map((limit) => `AU-PRO ${limit}`), "Pixel AUROC", "Scan AUROC"]
      .map((head) => `<th class="number">${head}</th>`).join("")
  }</tr></thead><tbody>${rows.join("")}</tbody></table></div></div>`;
}

/** The limits of a set of figures, widest first. */
function limitsOf({ exact, official }: AuPro): readonly string[] {
  return [...new Set([...Object.keys(exact), ...Object.keys(official)])].sort((a, b) => Number(b) - Number(a));
}
