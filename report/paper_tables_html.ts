/** The tables document as a page. @module */
import { type CellDifference, MEAN, type Sweep, type TablesDocument } from "../evaluation/mod.ts";
import { escapeHtml } from "./escape.ts";
import { ABSENT, percent, signedPercent, significant } from "./figures.ts";
import { pageStyle } from "./page_style.ts";
import type { PaperBlock, PaperLine, PaperTable } from "./paper_model.ts";
import { PAPER_METRIC, paperTables } from "./paper_tables.ts";
import { pText } from "./statistics_tables.ts";
import { chosenPoint, quantileText, sweepChart, sweepStyle, sweepTitle } from "./sweep_chart.ts";

/** The page has no scripts, and can fetch nothing from anywhere. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

const paperStyle = `
nav ul { margin: .5rem 0 0; padding-left: 1.2rem; }
.panel { margin-bottom: 1rem; break-inside: avoid; }
.paper th, .paper td { padding: .12rem .5rem; border: 0; }
.paper thead tr:first-child > * { border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
.paper tbody { border-top: 1px solid var(--line); }
.paper tbody tr:first-child > * { padding-top: .3rem; }
.paper tbody tr:last-child > * { padding-bottom: .3rem; }
.paper tbody th { font-weight: 600; white-space: nowrap; }
.paper .published > *, .paper .difference > * { color: var(--quiet); font-size: .87rem; font-weight: 400; }
.paper .published th, .paper .difference th { padding-left: 1.6rem; }
.paper .best { font-weight: 700; text-decoration: underline; text-underline-offset: 3px; }
.paper .mark { display: inline-block; min-width: 1em; text-align: left; color: var(--quiet); font-weight: 400; }
.panel > .chart { max-width: 46rem; }
.sweep-table { max-width: 34rem; }
tr.chosen > * { font-weight: 700; }
@page { size: landscape; }
@media print { .scroll { overflow: visible; } .panel { border: 0; padding: 0; } nav { display: none; } body { font-size: 11px; } }
`;

/** A self-contained page: the paper's tables, then the sweeps and the differences behind the marks, light or dark and fit for printing. */
export function tablesHtml(document: TablesDocument): string {
  const tables = paperTables(document), { adapter, data, sweeps, differences } = document;
  const sections = [
    ...tables.map((table) => [table.title, tableSection(table)] as const),
    ...sweeps.map((sweep) => [sweepTitle(sweep), sweepSection(sweep)] as const),
    ...(differences.length > 0 ? [["Differences between methods", differencePanel(differences)] as const] : []),
  ];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tables of ${escapeHtml(data)}</title>
<style>${pageStyle}${paperStyle}${sweepStyle}</style>
</head>
<body>
<main>
<h1>The paper's tables, measured on ${escapeHtml(data)}</h1>
<p class="quiet">Measured by uni3dad on ${escapeHtml(adapter.description)}${
    adapter.software ? " (software: no GPU was used)" : ""
  }, beside what was published. The highest figure of a column is underlined.</p>
${notThere(document)}
<nav><ul>${
    sections.map(([title], i) => `<li><a href="#part-${i + 1}">${escapeHtml(title)}</a></li>`).join("")
  }</ul></nav>
${
    sections.map(([title, content], i) => `<h2 id="part-${i + 1}">${escapeHtml(title)}</h2>\n${content}`)
      .join("\n")
  }
</main>
</body>
</html>
`;
}

function notThere({ missing, refused }: TablesDocument): string {
  const sentences = [
    ...(missing.length > 0 ? [`Not in the data: ${missing.join(", ")}.`] : []),
    ...refused.map(({ input, error }) => `Refused ${input}: ${error.message} [${error.code}]`),
  ];
  return sentences.map((sentence) => `<p class="note">${escapeHtml(sentence)}</p>`).join("\n");
}

function tableSection({ columns, blocks, notes }: PaperTable): string {
  const list = notes.map((note) => `<p class="small quiet">${escapeHtml(note)}</p>`).join("");
  return blocks.map((block) => blockPanel(block, columns)).join("\n") + list;
}

function blockPanel({ title, scans, rows }: PaperBlock, columns: readonly string[]): string {
  const numbers = (words: readonly string[], tag: string) =>
    words.map((text) => `<${tag} class="number">${escapeHtml(text)}</${tag.split(" ")[0]}>`).join("");
  return `<div class="panel"><h3>${
    escapeHtml(title)
  }</h3><div class="scroll"><table class="paper"><thead><tr><th scope="col">Method</th>${
    numbers(columns, `th scope="col"`)
  }</tr><tr class="difference"><th scope="row">test scans, good + defective</th>${numbers(scans, "td")}</tr></thead>${
    rows.map(({ lines }) => `<tbody>${lines.map(lineRow).join("")}</tbody>`).join("\n")
  }</table></div></div>`;
}

function lineRow({ kind, label, texts, marks, best, hints }: PaperLine): string {
  const figures = texts.map((text, c) =>
    `<td class="number"${hints[c] ? ` title="${escapeHtml(hints[c])}"` : ""}>${
      best[c] ? `<span class="best">${text}</span>` : text
    }<span class="mark">${escapeHtml(marks[c])}</span></td>`
  );
  return `<tr class="${kind}"><th scope="row">${escapeHtml(label)}</th>${figures.join("")}</tr>`;
}

function sweepSection(sweep: Sweep): string {
  const chosen = chosenPoint(sweep);
  const rows = sweep.points.map((point) =>
    `<tr${point === chosen ? ` class="chosen"` : ""}>${
      [
        significant(point.k),
        quantileText(point.q),
        percent(point.auPro),
        percent(point.auProStrict),
      ].map((text) => `<td class="number">${text}</td>`).join("")
    }</tr>`
  );
  const heads = ["k", "q", "AU-PRO@0.3, %", "@0.05, %"].map((head) => `<th scope="col" class="number">${head}</th>`);
  return `<div class="panel">${
    sweepChart(sweep)
  }<details><summary>Its figures</summary><table class="sweep-table"><thead><tr>${heads.join("")}</tr></thead><tbody>${
    rows.join("")
  }</tbody></table></details></div>`;
}

/** One row for each two methods of a block: the difference of the means, and the categories in which it is real. */
function differencePanel(differences: readonly CellDifference[]): string {
  const pairs = Map.groupBy(
    differences.filter(({ metric }) => metric === PAPER_METRIC),
    ({ dataset, testSet, from, to }) => [dataset, testSet, from, to].join("\n"),
  );
  const rows = [...pairs.values()].map((pair) => {
    const [{ dataset, testSet, from, to }] = pair, mean = pair.find(({ category }) => category === MEAN);
    const categories = pair.filter(({ category }) => category !== MEAN);
    const where = (real: (interval: CellDifference["interval"]) => boolean) =>
      categories.filter(({ interval }) => real(interval)).map(({ category }) => category).join(", ") || ABSENT;
    const figures = mean
      ? [
        signedPercent(mean.difference),
        `${signedPercent(mean.interval[0])} … ${signedPercent(mean.interval[1])}`,
        pText(mean.pValue),
      ]
      : [ABSENT, ABSENT, ABSENT];
    const cell = (text: string) => `<td>${escapeHtml(text)}</td>`;
    return `<tr>${cell(`${dataset}, ${testSet}`)}${cell(`${from} → ${to}`)}${
      figures.map((text) => `<td class="number">${text}</td>`).join("")
    }${cell(where(([low]) => low > 0))}${cell(where(([, high]) => high < 0))}</tr>`;
  });
  const heads = [
    "Set",
    "Methods",
    "Mean, % of AU-PRO@0.3",
    "95 % interval",
    "p",
    "Really higher in",
    "Really lower in",
  ];
  return `<div class="panel"><details><summary>All pairs, second method minus first</summary><div class="scroll"><table class="small"><thead><tr>${
    heads.map((head, i) => `<th scope="col"${i > 1 && i < 5 ? ` class="number"` : ""}>${head}</th>`).join("")
  }</tr></thead><tbody>${rows.join("\n")}</tbody></table></div></details></div>`;
}
