/** A request that is sent again under the same idempotency key: answered again, scored once. */
import { deepEqual, equal, match } from "node:assert/strict";
import { MalformedFile } from "../formats/mod.ts";
import { formOf, type ServerUnderTest, serverUnderTest, tiff, until } from "./stub_server.ts";
import { untilStopped } from "./stub_scorer.ts";

/** Sends a scan under a key, and reads the whole answer. */
async function send(
  { call }: ServerUnderTest,
  key: string,
  { path = "/v1/models/part/score", body = tiff() as BodyInit, headers = {} as Record<string, string> } = {},
) {
  const answer = await call(path, { method: "POST", body, headers: { ...headers, "Idempotency-Key": key } });
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    replayed: answer.headers.get("Idempotent-Replayed"),
    text: await answer.text(),
  };
}

const codeOf = ({ text }: { readonly text: string }) => JSON.parse(text).code;

function test(name: string, run: (server: ServerUnderTest) => Promise<void>, keyed = false): void {
  Deno.test(name, async () => {
    await using server = await serverUnderTest({ keyed });
    await run(server);
    deepEqual(server.faults, []);
  });
}

test("the same request under the same key has the same answer, is scored once and kept once", async (server) => {
  const first = await send(server, "key-1"), again = await send(server, "key-1");
  deepEqual([first.status, first.replayed, again.status, again.replayed], [200, null, 200, "true"]);
  equal(again.text, first.text);
  const lasting = ["content-type", "server-timing", "x-result-id"];
  deepEqual(lasting.map((name) => again.headers[name]), lasting.map((name) => first.headers[name]));
  match(again.headers["content-security-policy"], /default-src 'none'/);
  equal(again.headers["x-request-id"] === first.headers["x-request-id"], false, "a request of its own");
  equal(server.scorer.asked.length, 1);
  equal((await (await server.call("/v1/results")).json()).results.length, 1);
  equal((await send(server, "key-2")).replayed, null);
  equal(server.scorer.asked.length, 2, "another key is another request");
});

test("files are replayed to the last byte", async (server) => {
  for (const type of ["image/png", "image/tiff", "model/ply"]) {
    const ask = { headers: { Accept: type } },
      first = await send(server, type, ask),
      again = await send(server, type, ask);
    deepEqual([again.text, again.headers["content-type"], again.replayed], [first.text, type, "true"]);
  }
});

test("a key that belongs to another request is refused, whatever differs", async (server) => {
  await send(server, "key");
  for (
    const other of [
      { body: tiff(65) },
      { path: "/v1/models/part/score?unit=mm" },
      { path: "/v1/models/part/score?threshold=1" },
      { headers: { Accept: "image/png" } },
      { body: formOf("scan", { "named.tiff": tiff() }) },
    ]
  ) {
    const answer = await send(server, "key", other);
    deepEqual([answer.status, codeOf(answer)], [422, "idempotency-key-reused"]);
  }
  equal(
    (await send(server, "key", { path: "/v1/models/part/score?unit=m" })).replayed,
    "true",
    "m is what no unit means",
  );
  equal(server.scorer.asked.length, 1);
});

test("a request that is still being worked on is not begun again", async (server) => {
  const hold = Promise.withResolvers<void>();
  server.scorer.before = () => hold.promise;
  const first = send(server, "key");
  await until(() => server.scorer.asked.length === 1, "the first one is being scored");
  const second = await send(server, "key");
  deepEqual([second.status, codeOf(second), second.headers["retry-after"]], [409, "request-in-progress", "1"]);
  hold.resolve();
  equal((await first).status, 200);
  equal((await send(server, "key")).text, (await first).text);
  equal(server.scorer.asked.length, 1);
});

test("of many at once one is scored", async (server) => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(server, "key")));
  const statuses = new Set(answers.map(({ status }) => status));
  equal(answers.filter(({ status, replayed }) => status === 200 && replayed === null).length, 1);
  deepEqual(statuses.difference(new Set([200, 409])).size, 0);
  equal(server.scorer.asked.length, 1);
});

test("a request that failed may be tried again under its key", async (server) => {
  server.scorer.before = () => {
    throw new MalformedFile("TIFF", 4, "it is cut off");
  };
  const failed = await send(server, "key");
  deepEqual([failed.status, codeOf(failed)], [422, "malformed-file"]);
  server.scorer.before = undefined;
  const again = await send(server, "key");
  deepEqual([again.status, again.replayed, server.scorer.asked.length], [200, null, 2]);
});

test("a request whose sender left may be tried again under its key", async (server) => {
  server.scorer.before = untilStopped;
  const leave = new AbortController();
  const left = server.call("/v1/models/part/score", {
    method: "POST",
    body: tiff(),
    headers: { "Idempotency-Key": "key" },
    signal: leave.signal,
  }).catch(() => "left");
  await until(() => server.scorer.asked.length === 1, "it is being scored");
  leave.abort();
  equal(await left, "left");
  await until(() => server.lines.some(({ problem }) => problem === "run-aborted"), "the server noticed");
  server.scorer.before = undefined;
  equal((await send(server, "key")).status, 200);
});

test("keys of one holder say nothing of another's", async (server) => {
  const { score, admin } = server.keys!, as = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } });
  await send(server, "key", as(score));
  equal((await send(server, "key", as(admin))).replayed, null);
  equal((await send(server, "key", as(score))).replayed, "true");
  equal(server.scorer.asked.length, 2);
}, true);

test("a key is refused where it is no key", async (server) => {
  for (const key of ["", "a".repeat(201)]) {
    const answer = await send(server, key);
    deepEqual([answer.status, codeOf(answer)], [422, "request-invalid"], key);
  }
});
