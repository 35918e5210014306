import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { jobItemPageSchema, jobSchema } from "../schemas/job_schema.ts";
import { sampleResult } from "../../tests/sample_document.ts";
import { openStore } from "./store.ts";

const START = Date.UTC(2026, 0, 1), refusal = { error: { code: "scan-refused", message: "empty" } };
const batch = (count: number) => ({
  kind: "batch" as const,
  model: "cable",
  request: { unit: "mm" },
  items: Array.from({ length: count }, (_, i) => ({ input: `${i}.tiff`, source: `uploads/${i}` })),
});
const fit = { kind: "fit" as const, model: "cable", request: { folder: "f" }, items: [], total: 7 };

/** A store in a folder of its own, under a clock that goes one second a look. */
function openSample() {
  const folder = temporaryFolder(), file = `${folder.path}/server.sqlite`;
  let now = START, store = openStore(file, { now: () => now += 1000 });
  return {
    get store() {
      return store;
    },
    reopen() {
      store[Symbol.dispose]();
      store = openStore(file, { now: () => now += 1000 });
    },
    [Symbol.dispose]() {
      store[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("a batch goes its way: waits, runs, its items one by one, is done", () => {
  using sample = openSample();
  const { jobs, results } = sample.store;
  const { id, ...added } = jobs.add(batch(2));
  deepEqual(added, {
    kind: "batch",
    model: "cable",
    state: "queued",
    created: "2026-01-01T00:00:02.000Z",
    started: null,
    ended: null,
    total: 2,
    done: 0,
    failed: 0,
    task: "waiting",
    error: null,
  });
  deepEqual(jobs.nextQueued(), { job: { id, ...added }, request: { unit: "mm" } });
  const started = jobs.start(id)!;
  deepEqual([started.state, started.started], ["running", "2026-01-01T00:00:03.000Z"]);
  deepEqual(jobs.nextItem(id), { index: 0, input: "0.tiff", source: "uploads/0" });
  deepEqual(jobs.sources(id), ["uploads/0", "uploads/1"]);
  equal(jobs.items(id, { limit: 1 }).items[0].state, "running");
  const item = jobs.finishItem(id, 0, { result: sampleResult({ score: 3, decision: "anomalous" }) })!;
  const { result, ...rest } = item;
  deepEqual(rest, { index: 0, input: "0.tiff", state: "done", decision: "anomalous", score: 3, error: null });
  deepEqual([results.get(result!)!.job, results.get(result!)!.score], [id, 3], "the result knows its job");
  deepEqual(jobs.nextItem(id)!.index, 1);
  deepEqual(jobs.finishItem(id, 1, refusal), {
    index: 1,
    input: "1.tiff",
    state: "failed",
    result: null,
    decision: null,
    score: null,
    ...refusal,
  });
  deepEqual([jobs.nextItem(id), jobs.sources(id)], [undefined, []]);
  const ended = jobs.end(id, "done")!;
  deepEqual([ended.state, ended.done, ended.failed, ended.error], ["done", 2, 1, null]);
  deepEqual(jobSchema.parse(ended), ended);
  deepEqual(jobItemPageSchema.parse(jobs.items(id, { limit: 9 })), jobs.items(id, { limit: 9 }));
  equal(jobs.nextQueued(), undefined);
});

Deno.test("what does not run takes no result, so nothing is counted twice and nothing comes after a cancellation", () => {
  using sample = openSample();
  const { jobs, results } = sample.store, { id } = jobs.add(batch(3));
  equal(jobs.finishItem(id, 0, { result: sampleResult() }), undefined, "its turn has not come");
  jobs.start(id);
  jobs.nextItem(id);
  ok(jobs.finishItem(id, 0, { result: sampleResult() }));
  equal(jobs.finishItem(id, 0, { result: sampleResult() }), undefined, "it is done");
  jobs.nextItem(id);
  const cancelled = jobs.end(id, "cancelled")!;
  deepEqual([cancelled.state, cancelled.done, cancelled.failed], ["cancelled", 1, 0]);
  equal(jobs.finishItem(id, 1, { result: sampleResult() }), undefined, "it is cancelled");
  deepEqual(jobs.items(id, { limit: 9 }).items.map(({ state }) => state), ["done", "cancelled", "cancelled"]);
  deepEqual([jobs.nextItem(id), jobs.start(id), jobs.end(id, "done")], [undefined, undefined, undefined]);
  equal(jobs.progress(id, { task: "x" }), undefined);
  deepEqual(jobs.get(id), cancelled);
  equal([...results.rows({})].length, 1);
});

Deno.test("finishItem() keeps neither item nor result when the result cannot be kept", () => {
  using sample = openSample();
  const { jobs, results } = sample.store, { id } = jobs.add(batch(1));
  jobs.start(id);
  jobs.nextItem(id);
  const broken = Object.defineProperty({}, "picture", {
    get: () => {
      throw new Error("in the middle");
    },
  });
  throws(() => jobs.finishItem(id, 0, { result: sampleResult({}, { artefacts: broken }) }), /in the middle/);
  deepEqual([jobs.get(id)!.done, [...results.rows({})]], [0, []]);
  equal(jobs.items(id, { limit: 1 }).items[0].state, "running");
  ok(jobs.finishItem(id, 0, { result: sampleResult() }), "it can be tried again");
});

Deno.test("a fit keeps its progress and why it failed", () => {
  using sample = openSample();
  const { jobs } = sample.store, { id } = jobs.add(fit);
  equal(jobs.progress(id, { task: "early" }), undefined, "it does not run yet");
  jobs.start(id);
  const job = jobs.progress(id, { task: "fold 1", done: 3, total: 9 })!;
  deepEqual([job.task, job.done, job.total], ["fold 1", 3, 9]);
  const next = jobs.progress(id, { task: "fold 2" })!;
  deepEqual([next.task, next.done, next.total], ["fold 2", 3, 9]);
  deepEqual(jobs.end(id, "failed", refusal.error)!.error, refusal.error);
});

Deno.test("jobs.recover() makes what ran wait again, and leaves what is done", () => {
  using sample = openSample();
  const { id } = sample.store.jobs.add(batch(3)),
    other = sample.store.jobs.add(fit),
    waits = sample.store.jobs.add(batch(1));
  for (const job of [id, other.id]) sample.store.jobs.start(job);
  sample.store.jobs.nextItem(id);
  const done = sample.store.jobs.finishItem(id, 0, { result: sampleResult() });
  sample.store.jobs.nextItem(id);
  sample.store.jobs.progress(other.id, { task: "fold 1", done: 3 });
  sample.reopen();
  const { jobs } = sample.store;
  equal(jobs.recover(), 2);
  equal(jobs.recover(), 0);
  deepEqual([id, other.id, waits.id].map((job) => [jobs.get(job)!.state, jobs.get(job)!.done]), [
    ["queued", 1],
    ["queued", 0], // a fit begins anew
    ["queued", 0],
  ]);
  deepEqual(jobs.items(id, { limit: 9 }).items.map(({ state }) => state), ["done", "queued", "queued"]);
  deepEqual(jobs.items(id, { limit: 1 }).items[0], done);
  deepEqual(jobs.sources(id), ["uploads/1", "uploads/2"]);
  equal(jobs.nextQueued()!.job.id, id, "the oldest first");
  equal(jobs.nextQueued("fit")!.job.id, other.id);
  const before = jobs.get(id)!.started;
  equal(jobs.start(id)!.started, before, "when it first began");
  equal(jobs.nextItem(id)!.index, 1);
});

Deno.test("a job's request is kept, and those of all jobs that have not ended can be asked for", () => {
  using sample = openSample();
  const { jobs } = sample.store, ended = jobs.add(batch(1)), open = jobs.add(fit);
  jobs.end(ended.id, "cancelled");
  deepEqual([jobs.request(ended.id), jobs.request(open.id), jobs.request("none")], [
    batch(1).request,
    fit.request,
    undefined,
  ]);
  deepEqual(jobs.openRequests(), [fit.request]);
});

Deno.test("jobs.nextQueued() gives a running job again, so that one is never passed over", () => {
  using sample = openSample();
  const { jobs } = sample.store, first = jobs.add(batch(1)), second = jobs.add(batch(1));
  jobs.start(first.id);
  equal(jobs.nextQueued()!.job.id, first.id);
  jobs.end(first.id, "done");
  equal(jobs.nextQueued()!.job.id, second.id);
  equal(jobs.nextQueued("fit"), undefined);
});

Deno.test("jobs.items() and jobs.list() give pages", () => {
  using sample = openSample();
  const { jobs } = sample.store, a = jobs.add(batch(5)), b = jobs.add({ ...batch(0), model: "other" });
  const pages = [undefined, 1, 3].map((after) => jobs.items(a.id, { after, limit: 2 }));
  deepEqual(pages.map(({ items, next }) => [items.map(({ index }) => index), next]), [
    [[0, 1], 1],
    [[2, 3], 3],
    [[4], null],
  ]);
  deepEqual(jobs.items("none", { limit: 2 }), { items: [], next: null });
  jobs.start(a.id);
  const ids = (filter: Parameters<typeof jobs.list>[0]) => jobs.list(filter).map(({ id }) => id);
  deepEqual(ids({ limit: 9 }), [b.id, a.id]);
  deepEqual(ids({ limit: 1 }), [b.id]);
  deepEqual(ids({ model: "cable", limit: 9 }), [a.id]);
  deepEqual(ids({ state: "queued", limit: 9 }), [b.id]);
  deepEqual(ids({ state: "queued", model: "cable", limit: 9 }), []);
  equal(jobs.get("none"), undefined);
});

Deno.test("jobs.removeBefore() removes ended jobs; their results stay, and items outlive their results", () => {
  using sample = openSample();
  const { jobs, results } = sample.store, [old, young, open] = [1, 1, 1].map((count) => jobs.add(batch(count)).id);
  const kept = [old, young].map((id) => {
    jobs.start(id);
    jobs.nextItem(id);
    return jobs.finishItem(id, 0, { result: sampleResult() })!.result!;
  });
  const ended = jobs.end(old, "done")!.ended!;
  jobs.end(young, "done");
  equal(jobs.removeBefore(Date.parse(ended)), 0);
  equal(jobs.removeBefore(Date.parse(ended) + 1), 1);
  deepEqual(jobs.list({ limit: 9 }).map(({ id }) => id), [open, young]);
  equal(results.get(kept[0])!.job, old);
  results.keepOnly({ count: 0 });
  const [item] = jobs.items(young, { limit: 1 }).items;
  deepEqual([item.result, item.state, item.score], [null, "done", 0.1 + 0.2]);
});
