/** What a kill and a polite stop leave of a server's work: nothing lost, nothing done twice. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { JobItem } from "../server/schemas/job_schema.ts";
import { sharedGpu } from "../testing/mod.ts";
import { openStore } from "../server/store/store.ts";
import { type Made, madeOnce, start, type Started, waitFor } from "./opened_server.ts";

const adapter = await sharedGpu() !== undefined, made = madeOnce();

function test(name: string, run: (made: Made, state: string) => Promise<void>): void {
  const fn = async () => {
    const one = await made();
    await run(one, `${one.folder.path}/${crypto.randomUUID()}`);
  };
  Deno.test({ name, ignore: !adapter, sanitizeOps: false, sanitizeResources: false, fn });
}

const SCANS = 16;

/** Results by item, and that each has exactly one of its own. */
async function assertOnce({ call }: Started, items: readonly JobItem[], job: string): Promise<void> {
  const { results } = await (await call(`/v1/results?limit=500&job=${job}`)).json() as {
    results: { id: string; input: string }[];
  };
  deepEqual(results.map(({ id }) => id).sort(), items.map(({ result }) => result).sort());
  equal(new Set(items.map(({ result }) => result)).size, items.length);
  for (const { result, input } of items) equal(results.find(({ id }) => id === result)!.input, input);
}

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

test(
  "a batch that kill -9 interrupts goes on at the next start, and no scan is scored twice or lost",
  async ({ models, scan }, state) => {
    let before: JobItem[] = [], id = "";
    {
      await using server = await start(models, state);
      ({ id } = await server.batch(scan, SCANS));
      await server.until(id, ({ done }) => done >= 4);
      server.child.kill("SIGKILL");
      equal((await server.child.status).signal, "SIGKILL");
    }
    {
      await using server = await start(models, state);
      before = (await server.items(id)).filter(({ state }) => state === "done");
      ok(before.length >= 4 && before.length < SCANS, `${before.length} were done`);
      const { state: end, done, failed } = await server.end(id);
      deepEqual([end, done, failed], ["done", SCANS, 0]);
      const items = await server.items(id);
      deepEqual(items.slice(0, before.length), before, "what was done stays as it was");
      deepEqual(new Set(items.map(({ score }) => score)).size, 1, "one scan, one score");
      await assertOnce(server, items, id);
      deepEqual(await names(`${state}/uploads`), []);
    }
  },
);

test(
  "a fit that kill -9 interrupts is done again, and its model is whole or not there",
  async ({ models, category }, state) => {
    const model = `${models}/mine`;
    let id = "";
    {
      await using server = await start(models, state, [`--allow-folder=${category}`]);
      const body = JSON.stringify({ name: "mine", folder: category, method: "fpfh", preset: "paper", folds: 0 });
      const answer = await server.call("/v1/models", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
      });
      ({ id } = await answer.json());
      equal(answer.status, 202, id);
      await server.until(id, ({ task }) => task.startsWith("fitting"));
      server.child.kill("SIGKILL");
      await server.child.status;
      deepEqual(await names(models), ["bagel"]);
    }
    {
      await using server = await start(models, state, [`--allow-folder=${category}`]);
      equal((await server.call("/v1/models/mine")).status, 404);
      deepEqual(await server.end(id), { ...await server.job(id), state: "done", error: null });
      equal((await server.call("/v1/models/mine")).status, 200);
      server.child.kill("SIGKILL");
      await server.child.status;
    }
    using store = openStore(`${state}/server.sqlite`); // as if the kill had come after the model, and before the job could say so
    const { request, started } = { request: store.jobs.request(id), started: store.jobs.get(id)!.started };
    const { mtime } = await Deno.stat(`${model}/model.json`);
    ok(started !== null && mtime!.getTime() >= Date.parse(started));
    const again = store.jobs.add({ kind: "fit", model: "mine", request, items: [] });
    store.jobs.start(again.id);
    await Deno.utime(`${model}/model.json`, new Date(), new Date(Date.now() + 1000));
    store[Symbol.dispose]();
    {
      await using server = await start(models, state);
      equal((await server.end(again.id)).state, "done");
      const later = JSON.stringify({ name: "mine", folder: category, method: "fpfh", preset: "paper", folds: 0 });
      equal(
        (await server.call("/v1/models", {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: later,
        })).status,
        409,
      );
      await server.call("/v1/models/mine", { method: "DELETE" });
    }
  },
);

test(
  "SIGTERM: scans that wait are answered, new ones are not taken, a batch goes on at the next start, and no reader holds it up",
  async ({ models, scan }, state) => {
    let before: JobItem[] = [], id = "", taken = 3;
    {
      await using server = await start(models, state);
      ({ id } = await server.batch(scan, SCANS));
      await server.until(id, ({ done }) => done >= 2);
      const events = await server.call(`/v1/jobs/${id}/events`), reading = events.text().catch(String); // to its end
      const stalled = await server.call(`/v1/jobs/${id}/events`); // never read
      const waiting = Array.from({ length: 3 }, () => statusOf(server.score(scan)));
      await waitFor(async () => (await server.metric('uni3dad_queue_depth{urgency="now"}')) >= 2);
      server.child.kill("SIGTERM");
      await waitFor(async () => {
        const late = await server.score(scan).catch(() => undefined);
        if (late?.status === 200) taken++; // it came before the signal
        if (late?.status === 503) equal((await late.json()).code, "shutting-down");
        return late === undefined || late.status === 503;
      });
      deepEqual(await Promise.all(waiting), [200, 200, 200]);
      match(await reading, /^event: job/);
      equal((await server.child.status).code, 0, server.said.text);
      await stalled.body?.cancel().catch(() => {});
    }
    {
      await using server = await start(models, state);
      const items = await server.items(id);
      before = items.filter(({ state }) => state === "done");
      ok(before.length >= 2 && before.length < SCANS);
      deepEqual(items.filter(({ state }) => state === "failed" || state === "cancelled"), []);
      equal((await server.end(id)).state, "done");
      const after = await server.items(id);
      deepEqual(after.slice(0, before.length), before);
      await assertOnce(server, after, id);
      equal((await (await server.call("/v1/results?limit=500")).json()).results.length, SCANS + taken);
    }
  },
);

for (const second of ["SIGTERM", "SIGINT"] as const) {
  test(`a second signal, ${second}, ends the server at once`, async ({ models, scan }, state) => {
    await using server = await start(models, state);
    const waiting = Array.from({ length: 20 }, () => server.score(scan).catch(() => undefined));
    await waitFor(async () => (await server.metric('uni3dad_queue_depth{urgency="now"}')) >= 15);
    server.child.kill("SIGTERM");
    await waitFor(() => Promise.resolve(server.said.text.includes("shutting down")));
    const began = performance.now();
    server.child.kill(second);
    equal((await server.child.status).code, 130);
    ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
    await Promise.all(waiting);
  });
}

const statusOf = (answer: Promise<Response>) =>
  answer.then(({ status }) => status, (error) => String(error.cause ?? error));
