import { deepEqual, equal, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { RunAborted } from "../core/mod.ts";
import { temporaryFolder } from "../tests/run_deno.ts";
import { RequestRefused, StoreUnwritable } from "./errors.ts";
import { type JobEvent, type JobRunner, jobRunner, type JobWorker } from "./job_runner.ts";
import type { Job } from "./schemas/job_schema.ts";
import type { Jobs } from "./store/jobs.ts";
import { openStore, type Store } from "./store/store.ts";

/** A runner over a store in a folder, with what it says and the requests of ended jobs; batches are done by `worker`. */
function open(worker: JobWorker, change: (jobs: Jobs) => Partial<Jobs> = () => ({}), path = temporaryFolder()) {
  const store = openStore(`${path.path}/s.sqlite`), warned: string[] = [], ended: unknown[] = [];
  const log = { debug() {}, info() {}, warn: (words: string) => void warned.push(words) };
  const jobs = { ...store.jobs, ...change(store.jobs) };
  const onEnd = (request: unknown) => Promise.resolve(void ended.push(request));
  const runner = jobRunner({ jobs }, { batch: worker, fit: () => Promise.resolve() }, { log, onEnd, pauseMs: 5 });
  const add = (items: string[] = [], kind: Job["kind"] = "batch") => {
    const wanted = items.map((input) => ({ input, source: input }));
    const { id } = store.jobs.add({ kind, model: "cable", request: { items }, items: wanted });
    runner.wake();
    return id;
  };
  const close = async () => {
    await runner.close();
    store[Symbol.dispose]();
    path[Symbol.dispose]();
  };
  return { store, runner, warned, ended, add, [Symbol.asyncDispose]: close };
}

/** The job when it has ended. */
async function end({ store, runner }: { store: Store; runner: JobRunner }, id: string): Promise<Job> {
  for await (const { event, data } of runner.watch(id, AbortSignal.timeout(20_000))) {
    if (event === "job" && !["queued", "running"].includes(data.state)) return data;
  }
  throw new Error(`it did not end: ${JSON.stringify(store.jobs.get(id))}`);
}

/** What throws as a full disk does, so many times. */
function full(times: number) {
  return <A extends unknown[], T>(write: (...args: A) => T) => (...args: A): T => {
    if (times-- > 0) throw new StoreUnwritable("s.sqlite", "database or disk is full");
    return write(...args);
  };
}

const stopped = (signal: AbortSignal) =>
  new Promise<never>((_, fail) => signal.addEventListener("abort", () => fail(new RunAborted())));

Deno.test("jobs of a kind are done one after the other in their order; kinds don't wait for each other", async () => {
  const order: string[] = [], gate = Promise.withResolvers<void>();
  await using opened = open(async ({ job: { id } }) => {
    await gate.promise;
    order.push(id);
  });
  const ids = [opened.add(), opened.add(), opened.add()], fit = opened.add([], "fit");
  equal((await end(opened, fit)).state, "done");
  gate.resolve();
  for (const id of ids) equal((await end(opened, id)).state, "done");
  deepEqual(order, ids);
});

Deno.test("a job that is added at any moment of another one's end is done", async () => {
  await using opened = open(() => Promise.resolve());
  for (let turns = 0; turns < 60; turns++) {
    const first = opened.add();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve(); // somewhere around the end of the lane
    equal((await end(opened, opened.add())).state, "done");
    equal(opened.store.jobs.get(first)!.state, "done");
  }
});

Deno.test("what a job throws ends it as failed with its code, and the next one is done; faults are told to the log alone", async () => {
  const thrown = [new RequestRefused(404, "no-such-model", "none"), new TypeError("ours")];
  await using opened = open(() => thrown.length > 0 ? Promise.reject(thrown.shift()) : Promise.resolve());
  const ids = [opened.add(["a"]), opened.add(["b"]), opened.add(["c"])], jobs = [];
  for (const id of ids) jobs.push(await end(opened, id));
  deepEqual(jobs.map(({ state, error }) => [state, error?.code]), [["failed", "no-such-model"], [
    "failed",
    "internal-error",
  ], ["done", undefined]]);
  ok(!jobs[1].error!.message.includes("ours"));
  ok(opened.warned.some((words) => words.includes("TypeError: ours")));
  await opened.runner.close();
  deepEqual(opened.ended, [{ items: ["a"] }, { items: ["b"] }, { items: ["c"] }]);
});

Deno.test("a job is cancelled while it waits and while it runs, once", async () => {
  await using opened = open(({ signal }) => stopped(signal));
  const [runs, waits] = [opened.add(["a"]), opened.add(["b"])];
  equal(opened.runner.cancel(waits), true);
  equal(opened.store.jobs.get(waits)!.state, "cancelled");
  equal(opened.runner.cancel(runs), true);
  equal((await end(opened, runs)).state, "cancelled");
  deepEqual([runs, waits, "nobody"].map(opened.runner.cancel), [false, false, false]);
  deepEqual(opened.store.jobs.items(runs, { limit: 9 }).items.map(({ state }) => state), ["cancelled"]);
});

Deno.test("a cancellation just before the end of the server is one; what only the end stops goes on at the next start", async () => {
  const folder = temporaryFolder(), kept = { ...folder, [Symbol.dispose]() {} };
  const ids: string[] = [];
  {
    await using opened = open(({ signal }) => stopped(signal), undefined, kept);
    ids.push(opened.add(["a"]));
    opened.runner.cancel(ids[0]);
  }
  {
    await using opened = open(
      async ({ job, signal }) => {
        opened.store.jobs.nextItem(job.id);
        await stopped(signal);
      },
      undefined,
      kept,
    );
    equal(opened.store.jobs.get(ids[0])!.state, "cancelled");
    ids.push(opened.add(["a"]));
    await delay(5);
    equal(opened.store.jobs.get(ids[1])!.state, "running");
  }
  await using opened = open(() => Promise.resolve(), undefined, folder);
  equal(opened.store.jobs.recover(), 1);
  opened.runner.wake();
  equal((await end(opened, ids[1])).state, "done");
});

Deno.test("a disk that is full holds jobs up until there is room: nothing is done twice, and nothing is lost", async () => {
  const done: string[] = [],
    finish = full(3)((...args: Parameters<Jobs["finishItem"]>) => opened.store.jobs.finishItem(...args));
  const work: JobWorker = async ({ job: { id }, keep, say }) => {
    for (let item; (item = await keep(() => opened.store.jobs.nextItem(id)));) {
      const { index, input } = item;
      say({ task: input });
      done.push(input);
      await keep(() => finish(id, index, { error: { code: "scan-refused", message: "" } }));
    }
  };
  await using opened = open(work, (jobs) => ({
    start: full(2)(jobs.start),
    end: full(2)(jobs.end),
    progress: full(1)(jobs.progress),
    nextQueued: full(1)(jobs.nextQueued),
  }));
  const id = opened.add(["a", "b"]);
  const { state, failed } = await end(opened, id);
  deepEqual([state, failed, done], ["done", 2, ["a", "b"]]);
  equal(opened.warned.filter((words) => words.includes(`job ${id} waits`)).length, 3, opened.warned.join("\n"));
});

Deno.test("a job that waits for room can be cancelled, and does not hold up the end", async () => {
  await using opened = open(({ keep }) =>
    keep(() => {
      throw new StoreUnwritable("s", "full");
    })
  );
  const id = opened.add();
  await delay(5);
  opened.runner.cancel(id);
  equal((await end(opened, id)).state, "cancelled");
  opened.add();
  await delay(5);
});

Deno.test("who watches sees the job as it stands, its items, and its end; and is let go with the server", async () => {
  const gate = Promise.withResolvers<void>(), seen: JobEvent[] = [];
  await using opened = open(async ({ job: { id }, tellItem, say }) => {
    await gate.promise;
    for (let item; (item = opened.store.jobs.nextItem(id));) {
      say({ task: item.input });
      tellItem(opened.store.jobs.finishItem(id, item.index, { error: { code: "scan-refused", message: "" } })!);
    }
  });
  const id = opened.add(["a", "b"]), later = opened.add();
  const watching = (async () => {
    for await (const event of opened.runner.watch(id, AbortSignal.timeout(5000))) seen.push(event);
  })();
  gate.resolve();
  await watching;
  deepEqual(seen.flatMap(({ event, data }) => event === "item" ? [data.index] : []), [0, 1]);
  const [first, last] = [seen[0], seen.at(-1)!];
  ok(first.event === "job" && last.event === "job");
  deepEqual([first.data.state, last.data.state, last.data.done], ["running", "done", 2]);
  await end(opened, later);
  const waiting = opened.runner.watch("nobody", new AbortController().signal)[Symbol.asyncIterator]().next();
  await opened.runner.close();
  equal((await waiting).done, true);
});

Deno.test("a reader that is far behind is let go, and keeps nothing waiting for it", async () => {
  const gate = Promise.withResolvers<void>();
  await using opened = open(async ({ tellItem }) => {
    await gate.promise;
    for (let index = 0; index < 3000; index++) {
      tellItem({ index, input: "a", state: "done", result: null, decision: null, score: null, error: null });
    }
  });
  const id = opened.add(), slow = opened.runner.watch(id, new AbortController().signal)[Symbol.asyncIterator]();
  equal((await slow.next()).value.event, "job");
  const pending = slow.next();
  gate.resolve();
  await pending;
  while (opened.store.jobs.get(id)!.state !== "done") await delay(5);
  let more = 0;
  while (!(await slow.next()).done) more++;
  ok(more < 1001, `${more} events were kept`);
});
