/** Many clients, many jobs, slow clients and a clock that jumps, before a server whose scorer is a stub. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { openStore } from "../server/store/store.ts";
import { sampleResult } from "./sample_document.ts";
import { knock, open, type Opened } from "./opened_server.ts";
import { opening, stubScorer } from "./stub_scorer.ts";
import { type TemporaryFolder, temporaryFolder } from "./run_deno.ts";

/** As much of a model as the shelf looks at. */
function models(folder: TemporaryFolder): { models: string } {
  Deno.mkdirSync(`${folder.path}/models/bagel`, { recursive: true });
  Deno.writeTextFileSync(`${folder.path}/models/bagel/model.json`, "{}");
  return { models: `${folder.path}/models` };
}

/** The first bytes of a TIFF file: all that is looked at before the scorer. */
const scan = Uint8Array.of(0x49, 0x49, 0x2a, 0, 8, 0, 0, 0);

/** All of the history, latest first, by pages of 50. */
async function history(server: Opened): Promise<{ id: string; job: string | null }[]> {
  const all: { id: string; job: string | null }[] = [];
  for (let next: string | null = ""; next !== null;) {
    const page: { results: typeof all; next: string | null } =
      await (await server.call(`/v1/results?limit=50${next && `&after=${next}`}`)).json();
    all.push(...page.results);
    next = page.next;
  }
  return all;
}

const idsOf = async (server: Opened): Promise<string[]> => (await history(server)).map(({ id }) => id);

/** A test with the server's folder; fetch keeps connections open behind it. */
function test(name: string, run: (folder: TemporaryFolder) => Promise<void>): void {
  const fn = async () => {
    using folder = temporaryFolder();
    await run(folder);
  };
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

test("64 clients at once: none is lost or answered twice; beyond the queue's length it says when to come again", async (folder) => {
  const scorer = stubScorer();
  scorer.before = () => delay(2);
  await using server = await open(models(folder), `${folder.path}/state`, { queue: 16 }, opening(scorer));
  const answered = new Map<string, string>(), told = { again: 0 };
  await Promise.all(Array.from({ length: 64 }, async (_, client) => {
    for (let turn = 0; turn < 2; turn++) {
      const name = `${client}-${turn}`;
      while (!answered.has(name)) {
        const answer = await server.call(`/v1/models/bagel/score?name=${name}`, { method: "POST", body: scan });
        const text = await answer.text();
        if (answer.status === 429) {
          ok(Number(answer.headers.get("Retry-After")) >= 1);
          equal(JSON.parse(text).code, "queue-full");
          told.again++;
          await delay(20);
        } else {
          equal(answer.status, 200, text);
          equal(JSON.parse(text).scans[0].input, name, "each gets its own answer");
          answered.set(name, answer.headers.get("X-Result-Id")!);
        }
      }
    }
  }));
  ok(told.again > 0, "the queue was never full");
  equal(new Set(answered.values()).size, 128);
  deepEqual((await idsOf(server)).toSorted(), [...answered.values()].toSorted());
  equal(scorer.scored.length, 128);
});

test("a thousand jobs all end, in their order and once, through a restart; the server answers meanwhile", async (folder) => {
  const scorer = stubScorer(), ids: string[] = [], late: number[] = [];
  const shelf = models(folder), state = `${folder.path}/state`;
  const watch = async (server: Opened, until: () => Promise<boolean>) => {
    for (const latest = performance.now() + 120_000; !await until();) {
      ok(performance.now() < latest);
      const began = performance.now();
      equal(await (await server.call("/healthz")).text(), "ok");
      late.push(performance.now() - began);
      await delay(10);
    }
  };
  const ended = (server: Opened, id: string) => async () => (await server.job(id)).state === "done";
  {
    const gate = Promise.withResolvers<void>();
    scorer.before = () => gate.promise;
    await using server = await open(shelf, state, {}, opening(scorer));
    const adding = Promise.all(Array.from({ length: 8 }, async () => {
      for (let i = 0; i < 125; i++) ids.push((await server.batch(scan, 1)).id);
    }));
    await watch(server, () => Promise.resolve(ids.length === 1000));
    await adding;
    ids.sort();
    gate.resolve();
    await watch(server, ended(server, ids[300]));
  }
  ok(scorer.scored.length < 1000, "the restart comes in the middle");
  scorer.before = () => Promise.resolve();
  await using server = await open(shelf, state, {}, opening(scorer));
  await watch(server, ended(server, ids[999]));
  const results = await history(server);
  deepEqual(results.toReversed().map(({ job }) => job), ids, "each once, in the order that they were asked for");
  const { jobs } = await (await server.call("/v1/jobs?limit=500")).json();
  for (const { state, done, failed } of jobs) deepEqual([state, done, failed], ["done", 1, 0]);
  const sorted = late.toSorted((a, b) => a - b),
    at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  console.log(
    `healthz of ${late.length}: half under ${at(0.5).toFixed(1)} ms, 99 % under ${at(0.99).toFixed(1)} ms, all under ${
      at(1).toFixed(1)
    } ms`,
  );
  ok(at(0.5) < 100, `${at(0.5)} ms`);
  deepEqual([...Deno.readDirSync(`${state}/uploads`)], []);
});

test("a client that stops sending is given up, and holds nobody up", async (folder) => {
  await using server = await open(
    models(folder),
    `${folder.path}/state`,
    { limits: { stallMs: 300 } },
    opening(stubScorer()),
  );
  const slow = await Promise.all(
    Array.from({ length: 20 }, () => knock(server.url, ["POST /v1/models/bagel/score", "Content-Length: 1000"], scan)),
  );
  const began = performance.now();
  for (let i = 0; i < 10; i++) equal((await server.score(scan)).status, 200);
  for (const connection of slow) {
    const text = await textOf(connection);
    match(text, /^HTTP\/1\.1 408 /);
    match(text, /"code":"body-too-slow"/);
  }
  ok(performance.now() - began < 30_000);
  equal((await history(server)).length, 10);
});

/** What comes until a blank line and something behind it, or the end. */
async function textOf(connection: Deno.TcpConn): Promise<string> {
  const bytes = new Uint8Array(65_536);
  let text = "";
  while (!/\r\n\r\n./s.test(text)) {
    const count = await connection.read(bytes);
    if (count === null) break;
    text += new TextDecoder().decode(bytes.subarray(0, count));
  }
  connection.close();
  return text;
}

test("readers that take nothing, of events and of the history, hold nobody up, and not the end either", async (folder) => {
  const state = `${folder.path}/state`, rows = 20_000;
  {
    using store = openStore(`${state}/server.sqlite`);
    store.together(() => {
      for (let i = 0; i < rows; i++) store.results.add(sampleResult({ input: `${i} ${"long ".repeat(20)}.tiff` }));
    });
  }
  const scorer = stubScorer(), gate = Promise.withResolvers<void>();
  scorer.before = () => gate.promise;
  const server = await open(models(folder), state, {}, opening(scorer));
  const { id } = await server.batch(scan, 500);
  const idle = await Promise.all([
    knock(server.url, [`GET /v1/jobs/${id}/events`]),
    knock(server.url, ["GET /v1/results.csv"]),
    knock(server.url, [`GET /v1/jobs/${id}/events`]),
  ]);
  gate.resolve();
  equal((await server.end(id)).done, 500);
  equal((await server.score(scan)).status, 200);
  const csv = await (await server.call("/v1/results.csv")).text();
  equal(csv.trimEnd().split("\r\n").length, rows + 500 + 1 + 1);
  idle[2].close(); // this one leaves, the others stay
  const began = performance.now();
  await server[Symbol.asyncDispose]();
  const seconds = (performance.now() - began) / 1000;
  ok(seconds < 15, `${seconds} s`);
  for (const connection of idle.slice(0, 2)) connection.close();
  deepEqual(server.warned, []);
});

test("a clock that jumps changes neither order nor paging, times out nobody, and locks nobody out", async (folder) => {
  const state = `${folder.path}/state`, shelf = models(folder), { now } = Date, days = 24 * 3600 * 1000;
  const jump = { by: 0 };
  Date.now = () => now() + jump.by;
  try {
    const ids: string[] = [], scorer = stubScorer();
    {
      await using server = await open(shelf, state, { limits: { answerMs: 60_000 } }, opening(scorer));
      for (const by of [0, 40, -80, 400, 0]) {
        scorer.before = () => Promise.resolve(void (jump.by = by * days)); // in the middle of the request
        const answer = await server.score(scan);
        equal(answer.status, 200);
        ids.push(answer.headers.get("X-Result-Id")!);
      }
      deepEqual(ids, ids.toSorted(), "ids rise");
      deepEqual(await idsOf(server), ids.toReversed());
      const { state: end } = await server.end((await server.batch(scan, 2)).id);
      equal(end, "done");
    }
    // what is kept goes by the clock as it stands: by one that is 40 days ahead, all that a right clock has dated is 40 days old
    jump.by = 40 * days;
    await using server = await open(shelf, state, { keep: { days: 30 } }, opening(scorer));
    deepEqual(await idsOf(server), [ids[3], ids[1]], "only what the clock dated at its jumps ahead is younger");
  } finally {
    Date.now = now;
  }
});

test("a clock that jumps back does not lock a busy client out for longer than a minute", async (folder) => {
  const { now } = Date, jump = { by: 0 };
  Date.now = () => now() + jump.by;
  try {
    await using server = await open(
      models(folder),
      `${folder.path}/state`,
      { limits: { perMinute: 5 } },
      opening(stubScorer()),
    );
    for (let i = 0; i < 5; i++) equal((await server.call("/v1/jobs")).status, 200);
    jump.by = -30 * 24 * 3600 * 1000;
    const refused = await server.call("/v1/jobs"), seconds = Number(refused.headers.get("Retry-After"));
    equal(refused.status, 429);
    ok(seconds >= 1 && seconds <= 60, `${seconds} s`);
  } finally {
    Date.now = now;
  }
});
