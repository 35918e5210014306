import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { type ResultFilter, resultFilterSchema, type ResultRow, resultSchema } from "../schemas/result_schema.ts";
import { sampleDocument, sampleResult } from "../../tests/sample_document.ts";
import { openStore } from "./store.ts";

const filterOf = (filter: Partial<ResultFilter> = {}): ResultFilter => resultFilterSchema.parse(filter);
const DAY = 24 * 3600 * 1000, START = Date.UTC(2026, 0, 1);

/** A store in a folder of its own, under a clock that is set by hand. */
function openSample() {
  const folder = temporaryFolder(), clock = { now: START };
  const store = openStore(`${folder.path}/state/server.sqlite`, { now: () => clock.now });
  return {
    folder,
    clock,
    store,
    [Symbol.dispose]() {
      store[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("results.add() keeps all of a result, to the bit, and through a restart", () => {
  using sample = openSample();
  const view = Uint8Array.of(0, 1, 255), picture = new Uint8Array(100_000).fill(7).subarray(1);
  const id = sample.store.results.add(sampleResult({ input: "ä 1.tiff" }, { job: "J", artefacts: { view, picture } }));
  sample.store[Symbol.dispose]();
  using store = openStore(`${sample.folder.path}/state/server.sqlite`);
  const result = store.results.get(id)!;
  deepEqual(resultSchema.parse(result), result);
  const { document, files, ...row } = result;
  deepEqual(document, sampleDocument({ input: "ä 1.tiff" }));
  deepEqual(files, { view: `/v1/results/${id}/view`, picture: `/v1/results/${id}/picture` });
  deepEqual(row, {
    id,
    created: "2026-01-01T00:00:00.000Z",
    model: "cable",
    fingerprint: "0123456789abcdef".repeat(4),
    input: "ä 1.tiff",
    score: 0.1 + 0.2,
    pValue: 0.2,
    threshold: 1.5,
    decision: "normal",
    decidedBy: "feature",
    areaMm2: 3.75,
    seconds: 0.5,
    job: "J",
    verdict: null,
    note: "",
  });
  deepEqual(store.results.page(filterOf()).results, [row]);
  deepEqual([store.results.artefact(id, "view"), store.results.artefact(id, "picture")], [view, picture]);
});

Deno.test("results know no other ids, and what is absent is absent", () => {
  using sample = openSample();
  const { results } = sample.store;
  const id = results.add(sampleResult({ pValue: null, threshold: null, decidedBy: null, regions: [] }));
  const { pValue, threshold, decidedBy, areaMm2, files, job } = results.get(id)!;
  deepEqual({ pValue, threshold, decidedBy, areaMm2, files, job }, {
    pValue: null,
    threshold: null,
    decidedBy: null,
    areaMm2: 0,
    files: {},
    job: null,
  });
  deepEqual([results.artefact(id, "view"), results.get("x"), results.artefact("x", "view")], [
    undefined,
    undefined,
    undefined,
  ]);
  equal(results.judge("x", { verdict: "right", note: "" }), undefined);
  const refused = { input: "x", error: { code: "scan-refused", message: "empty" } };
  throws(() => results.add({ ...sampleResult(), document: { ...sampleDocument(), scans: [refused] } }), TypeError);
  equal(results.page(filterOf()).results.length, 1);
});

Deno.test("results.attach() keeps what was drawn later, and says when the result is gone", () => {
  using sample = openSample();
  const { results } = sample.store, id = results.add(sampleResult());
  equal(results.attach(id, { view: Uint8Array.of(1) }), true);
  equal(results.attach(id, { view: Uint8Array.of(2), picture: Uint8Array.of(3) }), true);
  deepEqual([results.artefact(id, "view"), results.artefact(id, "picture")], [Uint8Array.of(2), Uint8Array.of(3)]);
  results.keepOnly({ count: 0 });
  equal(results.attach(id, { view: Uint8Array.of(1) }), false);
});

Deno.test("results.judge() keeps the verdict and its words, and takes them back", () => {
  using sample = openSample();
  const { results } = sample.store, id = results.add(sampleResult());
  const row = results.judge(id, { verdict: "wrong", note: "a thumb\0print" })!;
  deepEqual([row.verdict, row.note], ["wrong", "a thumb\ufffdprint"], "a text does not end at a zero");
  deepEqual(results.get(id)!.verdict, "wrong");
  deepEqual(results.judge(id, { verdict: null, note: "" }), { ...row, verdict: null, note: "" });
});

/** What a filter means, of plain rows, oldest first. */
function asked(rows: readonly ResultRow[], filter: Partial<ResultFilter>): ResultRow[] {
  const lower = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return rows.filter((row) =>
    (filter.model === undefined || row.model === filter.model) &&
    (filter.decision === undefined || row.decision === filter.decision) &&
    (filter.verdict === undefined || (row.verdict ?? "none") === filter.verdict) &&
    (filter.job === undefined || row.job === filter.job) &&
    (filter.input === undefined || lower(row.input).includes(lower(filter.input))) &&
    (filter.from === undefined || row.created >= filter.from) &&
    (filter.to === undefined || row.created < filter.to) &&
    (filter.minScore === undefined || row.score >= filter.minScore)
  );
}

const time = fc.integer({ min: 0, max: 5 }).map((day) => new Date(START + day * DAY).toISOString());
const name = fc.constantFrom("a", "B", "%", "_", "ä", "001.TIFF", "");
const filters = fc.record({
  model: fc.constantFrom("one", "two"),
  decision: fc.constantFrom("normal" as const, "anomalous" as const),
  verdict: fc.constantFrom("right" as const, "wrong" as const, "none" as const),
  job: fc.constantFrom("J1", "J2"),
  input: name,
  from: time,
  to: time,
  minScore: fc.integer({ min: -1, max: 3 }),
}, { requiredKeys: [] });

Deno.test("results.page() and results.rows() give what the filter means, page by page, under a clock that jumps", () => {
  using sample = openSample();
  const { results } = sample.store;
  const scan = fc.record({
    day: fc.integer({ min: 0, max: 5 }),
    model: fc.constantFrom("one", "two"),
    decision: fc.constantFrom("normal" as const, "anomalous" as const),
    verdict: fc.constantFrom("right" as const, "wrong" as const, null),
    job: fc.constantFrom("J1", "J2", null),
    input: fc.tuple(name, name).map((parts) => parts.join("-")),
    score: fc.integer({ min: -1, max: 3 }),
  });
  const rows = fc.sample(scan, { numRuns: 60, seed: 20 }).map(
    ({ day, model, decision, verdict, job, input, score }) => {
      sample.clock.now = START + day * DAY;
      const id = results.add(sampleResult({ decision, input, score }, { model, job }));
      return results.judge(id, { verdict, note: "" })!;
    },
  );
  fc.assert(fc.property(filters, fc.integer({ min: 1, max: 40 }), (filter, limit) => {
    const wanted = asked(rows, filter), paged: ResultRow[] = [];
    let after: string | undefined, pages = 0;
    do {
      const page = results.page(filterOf({ ...filter, limit, after }));
      paged.push(...page.results);
      after = page.next ?? undefined;
      pages++;
    } while (after !== undefined);
    deepEqual(paged, wanted.toReversed());
    equal(pages, Math.max(1, Math.ceil(wanted.length / limit)), "no empty page at the end");
    deepEqual([...results.rows(filterOf(filter))], wanted);
  }));
});

Deno.test("results.rows() walks many, and leaves out what comes during the walk", () => {
  using sample = openSample();
  const { results } = sample.store;
  sample.store.together(() => {
    for (let i = 0; i < 1001; i++) results.add(sampleResult({ score: i }));
  });
  const scores: number[] = [];
  for (const { score } of results.rows({})) {
    if (scores.push(score) % 400 === 1) results.add(sampleResult({ score: -1 }));
  }
  deepEqual(scores, Array.from({ length: 1001 }, (_, i) => i));
  deepEqual([...results.rows({ model: "none" })], []);
});

Deno.test("results.keepOnly() removes what is older or beyond the count, but nothing that a person judged", () => {
  using sample = openSample();
  const { results } = sample.store;
  const ids = Array.from({ length: 10 }, (_, day) => {
    sample.clock.now = START + day * DAY;
    return results.add(sampleResult({}, { artefacts: { view: Uint8Array.of(day) } }));
  });
  results.judge(ids[0], { verdict: "right", note: "" });
  const left = () => [...results.rows({})].map(({ id }) => ids.indexOf(id));
  equal(results.keepOnly({}), 0, "without a bound all stays");
  equal(results.keepOnly({ days: 7 }), 1, "two to seven days are kept, and the judged one");
  deepEqual(left(), [0, 2, 3, 4, 5, 6, 7, 8, 9]);
  equal(results.keepOnly({ count: 4, atMost: 3 }), 3);
  deepEqual(left(), [0, 5, 6, 7, 8, 9]);
  equal(results.keepOnly({ count: 4 }), 1);
  equal(results.keepOnly({ count: 4 }), 0);
  equal(results.keepOnly({ count: 4, judged: true }), 1);
  deepEqual(left(), [6, 7, 8, 9]);
  deepEqual([results.artefact(ids[5], "view"), results.get(ids[5])], [undefined, undefined]);
  deepEqual(results.artefact(ids[6], "view"), Uint8Array.of(6));
});

Deno.test("results.keepOnly() gives the room back to the disk", () => {
  using sample = openSample();
  const { results } = sample.store, bytes = new Uint8Array(100_000);
  sample.store.together(() => {
    for (let i = 0; i < 210; i++) results.add(sampleResult({}, { artefacts: { view: bytes } }));
  });
  const size = () =>
    [...Deno.readDirSync(`${sample.folder.path}/state`)].reduce(
      (sum, { name }) => sum + Deno.statSync(`${sample.folder.path}/state/${name}`).size,
      0,
    );
  ok(size() > 21e6);
  equal(results.keepOnly({ count: 5 }), 205);
  ok(size() < 2e6, `${size()} bytes are left`);
});

Deno.test("a name that is SQL is a name", () => {
  using sample = openSample();
  const { results } = sample.store, input = "'; DROP TABLE results; --";
  const id = results.add(sampleResult({ input }, { model: input, job: input }));
  deepEqual(results.page(filterOf({ input, model: input, job: input })).results.map((row) => row.id), [id]);
});
