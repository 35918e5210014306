import { deepEqual, equal, ok } from "node:assert/strict";
import { resultsCsv } from "./results_csv.ts";
import { type ResultRow, resultRowSchema } from "./schemas/result_schema.ts";

const row = (change: Partial<ResultRow> = {}): ResultRow => ({
  id: "01ABC",
  created: "2026-01-02T03:04:05.678Z",
  model: "cable",
  fingerprint: "0123",
  input: "a.tiff",
  score: 0.1 + 0.2,
  pValue: 0.25,
  threshold: null,
  decision: "anomalous",
  decidedBy: "feature",
  areaMm2: 1e-7,
  seconds: 2,
  job: null,
  verdict: null,
  note: "",
  ...change,
});

/** Fields of a table as RFC 4180 has it, read by the grammar itself. */
function parse(text: string): string[][] {
  const records: string[][] = [];
  for (let at = 0; at < text.length;) {
    const record: string[] = [];
    for (;;) {
      const [whole, quoted, bare] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))/.exec(text.slice(at))!;
      record.push(quoted?.replaceAll('""', '"') ?? bare);
      at += whole.length;
      if (text[at] !== ",") break;
      at++;
    }
    equal(text.slice(at, at + 2), "\r\n", `a line ends behind ${record}`);
    at += 2;
    records.push(record);
  }
  return records;
}

const csvOf = (rows: Iterable<ResultRow>) => [...resultsCsv(rows)].join("");

Deno.test("resultsCsv() has every field of a result under its name, numbers to the last bit", () => {
  const [names, values] = parse(csvOf([row()]));
  deepEqual([...names].sort(), Object.keys(resultRowSchema.shape).sort());
  const found = Object.fromEntries(names.map((name, i) => [name, values[i]]));
  deepEqual(
    found,
    Object.fromEntries(Object.entries(row()).map(([name, value]) => [name, value === null ? "" : String(value)])),
  );
  equal(Number(found.score), 0.1 + 0.2);
  equal(Number(found.areaMm2), 1e-7);
});

Deno.test("resultsCsv() has a header where there is no result", () => {
  const [header, ...rest] = parse(csvOf([]));
  deepEqual([header[0], rest], ["id", []]);
});

Deno.test("resultsCsv() keeps any text, quotes and line ends too", () => {
  const texts = [
    'say "no"',
    "a,b",
    "two\nlines",
    "two\r\nlines",
    '"',
    ",",
    "grün 🥔",
    " spaced ",
    "\0",
    "x".repeat(3000),
  ];
  const records = parse(csvOf(texts.map((note) => row({ note, input: note }))));
  deepEqual(records.slice(1).map((record) => record.at(-1)), texts);
  deepEqual(records.slice(1).map((record) => record[4]), texts);
});

Deno.test("resultsCsv() leaves no formula to a spreadsheet, and no number a text", () => {
  const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("http://evil.example")'];
  const records = parse(csvOf([...formulas.map((note) => row({ note })), row({ score: -1.5 })])).slice(1);
  deepEqual(records.slice(0, -1).map((record) => record.at(-1)), formulas.map((text) => `'${text}`));
  equal(records.at(-1)![6], "-1.5");
});

Deno.test("resultsCsv() sends some hundred lines at a time and no more rows than it has", () => {
  let taken = 0;
  const rows = function* () {
    for (; taken < 1200; taken++) yield row({ id: String(taken) });
  };
  const parts = resultsCsv(rows())[Symbol.iterator]();
  parts.next();
  ok(taken > 0 && taken < 600, `${taken} rows were read for the first part`);
  const rest = [...{ [Symbol.iterator]: () => parts }];
  ok(rest.length >= 2);
  equal(parse(csvOf(rows())).length, 1, "the rows are gone");
  equal(taken, 1200);
});
