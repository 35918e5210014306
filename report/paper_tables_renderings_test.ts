import { deepEqual, equal, ok } from "node:assert/strict";
import type { Sweep, TablesDocument } from "../evaluation/mod.ts";
import { differencesCsv, sweepsCsv, tablesCsv } from "./paper_tables_csv.ts";
import { tablesHtml } from "./paper_tables_html.ts";
import { tablesMarkdown } from "./paper_tables_markdown.ts";
import { tablesText } from "./paper_tables_text.ts";
import { cell, FULL } from "../tests/table_cells.ts";

const TEN = ["bagel", "cable_gland", "carrot", "cookie", "dowel", "foam", "peach", "potato", "rope", "tire"];

const published = {
  value: 0.973,
  method: "BTF (FPFH)",
  source: "uni-3dad table 3",
  testSet: "reduced",
  confidence: "read",
  asPublished: true,
} as const;

const sweep: Sweep = {
  category: "cookie",
  dataset: "original",
  testSet: "reduced",
  method: FULL,
  points: [
    { q: 1, k: 1, auPro: 0.95, auProStrict: 0.7 },
    { q: null, k: Math.SQRT2, auPro: 0.93, auProStrict: null },
    { q: 3 * 0.1, k: 2, auPro: 0.9, auProStrict: 0.6 },
  ],
  chosen: 1,
};

const document = (rest: Partial<TablesDocument> = {}): TablesDocument => ({
  schema: "uni3dad.tables/1",
  adapter: { description: "llvmpipe <1>", software: true },
  data: "DIR",
  cells: [
    cell("fpfh", "bagel", 0.931, { published, difference: -0.042, interval: [0.9, 0.95] }),
    cell("fpfh", "rope", 0.9),
    cell("fpfh", "mean", 0.9155, { categories: 2 }),
    cell(FULL, "bagel", 0.96, { tunedByLabels: true }),
    cell(FULL, "mean", 0.96, { categories: 1 }),
  ],
  differences: [{
    dataset: "original",
    testSet: "reduced",
    category: "bagel",
    metric: "auPro@0.3",
    from: "fpfh default",
    to: `${FULL} default`,
    difference: 0.029,
    interval: [0.01, 0.05],
    pValue: 0.002,
  }],
  sweeps: [],
  refused: [],
  missing: [],
  ...rest,
});

Deno.test("tablesText() has the digits of a column below each other, with their marks behind them", () => {
  const [table] = tablesText(document()).split("\n\nTable 4");
  deepEqual(
    table.split("\n").slice(0, 9),
    [
      "Table 3: methods, AU-PRO up to 0.3 in percent",
      "",
      "original, the paper's reduced test set, mean of 2 categories",
      "                             bagel   rope      mean",
      "───────────────────────────  ─────  ─────  ────────",
      "test scans                   17+68  17+68     17+68",
      "fpfh                         93.1    90.0  91.5",
      "  published [1]              97.3       –     –",
      "  difference                 -4.2       –     –",
    ],
  );
  equal(table.split("\n")[9], "fpfh+nearest-normal/ocsvm †  96.0↑      –  96.0 (1)");
});

Deno.test("tablesText() is at most 120 columns wide: notes wrap, and columns stand in parts with all of them once", () => {
  const method = `a-rather-long-extractor+a-long-reconstructor/ocsvm`;
  const cells = [...TEN, "mean"].map((category) => cell(method, category, 0.987));
  const text = tablesText(document({
    cells: [...cells, cell("fpfh", "bagel", 0.9, { published: { ...published, source: "words ".repeat(60) } })],
    differences: [],
  }));
  for (const line of text.split("\n")) ok(line.length <= 120, line);
  const heads = text.split("\n\nTable 4")[0].split("\n").filter((line) => /^ {20}.*(bagel|foam|mean)/.test(line));
  equal(heads.length, 2);
  deepEqual(heads.flatMap((line) => line.trim().split(/\s+/)), [...TEN, "mean"]);
});

Deno.test("tablesText() ends with sweeps, missing categories and refused inputs, and steers no terminal", () => {
  const text = tablesText(document({
    cells: [],
    sweeps: [sweep],
    missing: ["foam"],
    refused: [{ input: "evil\x1b[2J.tiff", error: { code: "malformed-file", message: "Cannot read tiff" } }],
  }));
  deepEqual(text.split("\n"), [
    "Figure 8: accuracy by the factor k, cookie, fpfh+nearest-normal/ocsvm, original, reduced test set",
    "   k    q  AU-PRO@0.3  @0.05",
    "────  ───  ──────────  ─────  ────────",
    "1.00    1        95.0   70.0  k in use",
    "1.41    –        93.0      –",
    "2.00  0.3        90.0   60.0",
    "",
    "not in the data: foam",
    "refused: 1 input",
    "evil?[2J.tiff: Cannot read tiff [malformed-file]",
  ]);
  equal(tablesText(document({ cells: [] })), "");
});

Deno.test("all renderings say what incomplete scans were made of, beside augmented figures alone", () => {
  const form = { seed: 3, from: "test/good", perSource: 2 } as const;
  const augmented = [
    { ...form, category: "bagel", sources: 22, incomplete: 44 },
    { ...form, category: "rope", sources: 32, incomplete: 63 },
    { ...form, category: "foam", perSource: 1, sources: 20, incomplete: 20 },
  ];
  const cells = [cell("fpfh", "bagel", 0.9, { dataset: "augmented" })],
    words = [
      "Augmented: incomplete scans on top, 2 of each scan of test/good, seed 3: bagel 44 of 22, rope 63 of 32.",
      "Augmented: incomplete scans on top, 1 of each scan of test/good, seed 3: foam 20 of 20.",
    ];
  for (const write of [tablesText, tablesMarkdown, tablesHtml]) {
    const written = write(document({ cells, augmented }));
    for (const sentence of words) ok(written.includes(sentence), `${write.name} lacks: ${sentence}`);
    ok(!write(document({ augmented })).includes("Augmented:"), write.name);
  }
});

Deno.test("tablesMarkdown() has the same figures, the best in bold, and names that stay in their cells", () => {
  const lines = tablesMarkdown(document({ sweeps: [sweep], missing: ["a|*b"] })).split("\n");
  deepEqual(lines.slice(0, 10), [
    "### Table 3: methods, AU-PRO up to 0.3 in percent",
    "",
    "Original, the paper's reduced test set, mean of 2 categories:",
    "",
    "|  | bagel | rope | a\\|*b | mean |",
    "| --- | --- | --- | --- | --- |",
    "| test scans | 17+68 | 17+68 | – | 17+68 |",
    "| fpfh | 93.1 | **90.0** | – | **91.5** |",
    "| – published [1] | 97.3 | – | – | – |",
    "| – difference | -4.2 | – | – | – |",
  ]);
  for (const line of ["| 1.00 (in use) | 1 | 95.0 | 70.0 |", "| 1.41 | – | 93.0 | – |", "- Not in the data: a|\\*b."]) {
    ok(lines.includes(line), line);
  }
  ok(lines.includes("| fpfh+nearest-normal/ocsvm † | **96.0**↑ | – | – | 96.0 (1) |"));
});

Deno.test("tablesCsv() has every cell with all its fields, whole numbers, the unknown empty", () => {
  const [head, first, second, ...rest] = tablesCsv(document()).split("\n");
  const row = (line: string) => Object.fromEntries(head.split(",").map((name, i) => [name, line.split(",")[i]]));
  deepEqual(row(first), {
    method: "fpfh",
    preset: "default",
    category: "bagel",
    categories: "",
    dataset: "original",
    test_set: "reduced",
    metric: "auPro@0.3",
    value: "0.931",
    lower: "0.9",
    upper: "0.95",
    good_scans: "17",
    defective_scans: "68",
    published: "0.973",
    published_method: "BTF (FPFH)",
    published_source: "uni-3dad table 3",
    published_test_set: "reduced",
    published_confidence: "read",
    as_published: "yes",
    difference: "-0.042",
    tuned_by_labels: "no",
  });
  equal(second.split(",").length, head.split(",").length);
  equal(rest.length, 3 + 1);
  ok(rest[1].endsWith(",yes"));
});

Deno.test("differencesCsv() says which differences are real, sweepsCsv() has every point", () => {
  const [one] = document().differences;
  const lines = differencesCsv(document({ differences: [one, { ...one, interval: [-0.01, 0.05] }] })).split("\n");
  equal(lines[1], `bagel,original,reduced,auPro@0.3,fpfh default,${FULL} default,0.029,0.01,0.05,0.002,yes`);
  ok(lines[2].endsWith("-0.01,0.05,0.002,no"));
  deepEqual(sweepsCsv([sweep]).split("\n"), [
    "category,dataset,test_set,method,q,k,au_pro_0.3,au_pro_0.05,chosen",
    `cookie,original,reduced,${FULL},1,1,0.95,0.7,1`,
    `cookie,original,reduced,${FULL},,${Math.SQRT2},0.93,,1`,
    `cookie,original,reduced,${FULL},${3 * 0.1},2,0.9,0.6,1`,
    "",
  ]);
});

Deno.test("tablesHtml() shows every figure and loads nothing", () => {
  const html = tablesHtml(document({ sweeps: [sweep] }));
  for (
    const words of [
      `<td class="number" title="95 %: 90.0…95.0; 17 good, 68 defective scans">93.1<`,
      `<span class="best">96.0</span><span class="mark">↑</span>`,
      `<tr class="published"><th scope="row">published [1]</th><td class="number">97.3<`,
      `<td class="number">-4.2<`,
      "uni-3dad table 3 (read)",
      "llvmpipe &lt;1&gt; (software: no GPU was used)",
      "<td>fpfh default → fpfh+nearest-normal/ocsvm default</td>",
      `<svg class="chart"`,
      `<tr class="chosen"><td class="number">1.00</td><td class="number">1</td>`,
      "<td>bagel</td><td>–</td></tr>",
    ]
  ) ok(html.includes(words), words);
  ok(!/<script|src=|url\(|@import|https?:/.test(html));
  ok(html.includes(`content="default-src 'none'; style-src 'unsafe-inline'"`));
  const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  equal(targets.length, 3 + 1 + 1 + 1, "Tables 3 to 5, all figures, the sweep, the differences");
  for (const id of targets) ok(html.includes(`id="${id}"`), id);
});

Deno.test("tablesHtml() escapes whatever a document names", () => {
  const evil = `<img src=x onerror="alert('1')">`;
  const html = tablesHtml(document({
    data: evil,
    cells: [
      cell(evil, evil, 0.9, { published: { ...published, source: evil }, difference: 0 }),
      cell(`${evil}+r/ocsvm`, evil, 0.9),
    ],
    differences: document().differences.map((one) => ({ ...one, category: evil, from: evil })),
    sweeps: [{ ...sweep, category: evil }],
    refused: [{ input: evil, error: { code: "malformed-file", message: evil } }],
    missing: [evil],
  }));
  ok(html.includes("&lt;img src=x onerror=&quot;"));
  ok(!html.includes("<img"));
  ok(!html.includes(`onerror="`));
});
