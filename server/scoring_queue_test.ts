import { deepEqual, equal, rejects } from "node:assert/strict";
import { RunAborted } from "../core/mod.ts";
import { QueueFull, RequestTimedOut, ShuttingDown } from "./errors.ts";
import { scoringQueue } from "./scoring_queue.ts";

const log = { debug() {}, info() {}, warn() {} };
const nobodyLeaves = new AbortController().signal;

/** Work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

Deno.test("one at a time, and who waits for an answer before batches", async () => {
  const queue = scoringQueue({ most: 10, log }), order: string[] = [], first = held();
  let running = 0;
  const ask = (name: string, urgency: "now" | "later", before: () => Promise<void> = async () => {}) =>
    queue.run({ urgency, signal: nobodyLeaves }, async () => {
      equal(++running, 1);
      await before();
      order.push(name);
      running--;
    });
  const all = [ask("a", "now", first.work), ask("b", "later"), ask("c", "now"), ask("d", "later"), ask("e", "now")];
  deepEqual(queue.waiting, { now: 2, later: 2 });
  equal(queue.busy, true);
  first.end();
  await Promise.all(all);
  deepEqual(order, ["a", "c", "e", "b", "d"]);
  equal(queue.busy, false);
});

Deno.test("a batch gets every eighth turn, however many wait for answers", async () => {
  const queue = scoringQueue({ most: 100, log }), order: string[] = [], first = held();
  const ask = (name: string, urgency: "now" | "later") =>
    queue.run({ urgency, signal: nobodyLeaves }, () => Promise.resolve(void order.push(name)));
  const all = [queue.run({ urgency: "now", signal: nobodyLeaves }, first.work), ask("batch", "later")];
  for (let i = 0; i < 30; i++) all.push(ask("now", "now"));
  first.end();
  await Promise.all(all);
  equal(order.indexOf("batch"), 7);
});

Deno.test("more than can wait are refused at once, with the time to come again", async () => {
  const queue = scoringQueue({ most: 1, log }), first = held();
  const all = [queue.run({ urgency: "now", signal: nobodyLeaves }, first.work)];
  all.push(queue.run({ urgency: "now", signal: nobodyLeaves }, () => Promise.resolve()));
  await rejects(
    queue.run({ urgency: "now", signal: nobodyLeaves }, () => Promise.resolve()),
    (error) => error instanceof QueueFull && error.retrySeconds >= 1,
  );
  first.end();
  await Promise.all(all);
});

Deno.test("who leaves while waiting takes no turn, and who leaves while it is worked on stops the work", async () => {
  const queue = scoringQueue({ most: 9, log }),
    first = held(),
    leaves = new AbortController(),
    stays = new AbortController();
  const all = queue.run({ urgency: "now", signal: nobodyLeaves }, first.work);
  const left = queue.run({ urgency: "now", signal: leaves.signal }, () => Promise.reject(new Error("took its turn")));
  leaves.abort();
  await rejects(left, RunAborted);
  deepEqual(queue.waiting, { now: 0, later: 0 });
  first.end();
  await all;
  const working = queue.run(
    { urgency: "now", signal: stays.signal },
    (signal) =>
      new Promise((_, fail) => signal.addEventListener("abort", () => fail(new Error("as the worker says it")))),
  );
  stays.abort();
  await rejects(working, RunAborted);
  await queue.run({ urgency: "now", signal: nobodyLeaves }, () => Promise.resolve()); // the turn was given on
});

Deno.test("the time is over for waiting and for working", async () => {
  const queue = scoringQueue({ most: 9, log }), first = held();
  const all = queue.run({ urgency: "now", signal: nobodyLeaves }, first.work);
  await rejects(queue.run({ urgency: "now", signal: nobodyLeaves, timeoutMs: 5 }, first.work), RequestTimedOut);
  first.end();
  await all;
  await rejects(
    queue.run(
      { urgency: "now", signal: nobodyLeaves, timeoutMs: 5 },
      (signal) => new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason))),
    ),
    RequestTimedOut,
  );
});

Deno.test("close() finishes what waits for an answer, lets batches go, and takes nothing new", async () => {
  const queue = scoringQueue({ most: 9, log }), first = held(), done: string[] = [];
  const working = queue.run({ urgency: "now", signal: nobodyLeaves }, first.work);
  const waiting = queue.run({ urgency: "now", signal: nobodyLeaves }, () => Promise.resolve(void done.push("waiting")));
  const batch = rejects(queue.run({ urgency: "later", signal: nobodyLeaves }, () => Promise.resolve()), ShuttingDown);
  const closed = queue.close().then(() => done.push("closed"));
  await rejects(queue.run({ urgency: "now", signal: nobodyLeaves }, () => Promise.resolve()), ShuttingDown);
  first.end();
  await Promise.all([working, waiting, batch, closed]);
  deepEqual(done, ["waiting", "closed"]);
});
