/** The files of `tables`. @module */
import type { Sweep, TablesDocument } from "../evaluation/mod.ts";
import { differencesCsv, sweepsCsv, sweepSvg, tablesCsv, tablesHtml, tablesMarkdown } from "../report/mod.ts";
import { writeWhole } from "./disk.ts";

/** Writes the document as JSON, Markdown, CSV and HTML, and what sweeps there are; each file whole. @throws {OutputUnwritable} */
export async function writeTables(folder: string, document: TablesDocument): Promise<void> {
  const texts: [string, string][] = [
    ["tables.json", `${JSON.stringify(document, null, 2)}\n`],
    ["tables.md", tablesMarkdown(document)],
    ["tables.csv", tablesCsv(document)],
    ["tables.html", tablesHtml(document)],
    ...(document.differences.length > 0 ? [["differences.csv", differencesCsv(document)] as [string, string]] : []),
    ...(document.sweeps.length > 0 ? [["sweep.csv", sweepsCsv(document.sweeps)] as [string, string]] : []),
    ...document.sweeps.map((sweep): [string, string] => [fileOf(sweep), sweepSvg(sweep)]),
  ];
  for (const [name, text] of texts) await writeWhole(`${folder}/${name}`, new TextEncoder().encode(text));
}

const fileOf = ({ category, dataset, testSet, method }: Sweep) =>
  `${["sweep", category, dataset, testSet, method].join("-").replace(/[^\p{L}\p{N}._-]+/gu, "_")}.svg`;
