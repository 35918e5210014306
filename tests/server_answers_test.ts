/** What all answers of the server have alike, whatever is asked, and what its log says of them. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { serverApp } from "../server/app.ts";
import { serverMetrics } from "../server/metrics.ts";
import type { Job } from "../server/schemas/job_schema.ts";
import type { Service } from "../server/service.ts";
import { formOf, rawCall, type ServerUnderTest, serverUnderTest, tiff, until } from "./stub_server.ts";

const score = "/v1/models/part/score";

/** Runs with a server that takes its keys. */
function test(name: string, run: (server: ServerUnderTest) => Promise<void>, keyed = false): void {
  Deno.test(name, async () => {
    await using server = await serverUnderTest({ keyed });
    await run(server);
    deepEqual(server.faults, []);
  });
}

/** The last line of the log, when it is about this path. */
async function lineOf({ lines }: ServerUnderTest, path: string) {
  await until(() => lines.at(-1)?.path === path, `${path} was logged`);
  return lines.at(-1)!;
}

test("every kind of answer has the headers that keep a browser from doing more than it should", async ({ call }) => {
  const scored = await call(score, { method: "POST", body: tiff() }), id = scored.headers.get("X-Result-Id");
  const job = await (await call("/v1/models/part/batches", { method: "POST", body: formOf("scan", { a: tiff() }) }))
    .json();
  await until(async () => (await call(`/v1/results/${id}/view`)).ok, "the view was kept");
  const first = await call("/page/page.css"), etag = first.headers.get("ETag")!;
  const answers: Readonly<Record<string, Response>> = {
    scored,
    page: await call("/"),
    style: first,
    "the same style": await call("/page/page.css", { headers: { "If-None-Match": etag } }),
    "no such file": await call("/page/nothing.js"),
    docs: await call("/docs"),
    "file of the docs": await call("/docs/swagger-ui.css"),
    openapi: await call("/openapi.json"),
    health: await call("/healthz"),
    metrics: await call("/metrics"),
    models: await call("/v1/models"),
    csv: await call("/v1/results.csv"),
    events: await call(`/v1/jobs/${job.id}/events`),
    view: await call(`/v1/results/${id}/view`),
    picture: await call(`/v1/results/${id}/picture`),
    head: await call("/v1/models", { method: "HEAD" }),
    "no such route": await call("/nothing"),
    "no such method": await call("/healthz", { method: "DELETE" }),
    options: await call("/v1/models", { method: "OPTIONS" }),
    refused: await call("/v1/results?limit=0"),
    "no content": await call("/v1/models/part", { method: "DELETE" }),
  };
  equal(answers["the same style"].status, 304);
  equal(answers["no such file"].headers.get("Content-Type"), "application/problem+json");
  equal(answers["no content"].status, 204);
  for (const [kind, answer] of Object.entries(answers)) {
    const { headers } = answer, policy = headers.get("Content-Security-Policy") ?? "";
    match(policy, /^default-src 'none'/, kind);
    match(policy, /frame-ancestors 'none'/, kind);
    ok(!/unsafe-eval|https?:|script-src [^;]*unsafe/.test(policy), `${kind}: ${policy}`);
    equal(headers.get("X-Content-Type-Options"), "nosniff", kind);
    equal(headers.get("X-Frame-Options"), "DENY", kind);
    equal(headers.get("Referrer-Policy"), "no-referrer", kind);
    equal(headers.get("Cross-Origin-Resource-Policy"), "same-origin", kind);
    equal(headers.get("Access-Control-Allow-Origin"), null, kind);
    match(headers.get("X-Request-Id") ?? "", /^[\w-]{36}$/, kind);
    ok(answer.status < 400 || headers.get("Cache-Control") === "no-store", `${kind} is not kept`);
    await answer.bytes();
  }
});

test("a method that nothing answers is told those that are, another path is not there", async ({ call, lines }) => {
  for (
    const [method, path, allow] of [
      ["DELETE", "/healthz", "GET, HEAD"],
      ["GET", score, "POST"],
      ["HEAD", score, "POST"],
      ["OPTIONS", "/v1/models", "GET, HEAD, POST"],
      ["POST", "/v1/models/part", "GET, HEAD, PATCH, DELETE"],
      ["PURGE", "/v1/keys", "GET, HEAD, POST"],
      ["POST", "/", "GET, HEAD"],
      ["PUT", "/page/page.css", "GET, HEAD"],
    ]
  ) {
    const answer = await call(path, { method }), text = await answer.text();
    equal(answer.status, 405, `${method} ${path}`);
    equal(answer.headers.get("Allow"), allow, `${method} ${path}`);
    equal(text === "" ? "method-not-allowed" : JSON.parse(text).code, "method-not-allowed");
  }
  for (
    const path of [
      "/v1",
      "/v1/",
      "/v1/models/",
      "/v1/models/part/",
      "/v2/models",
      "//healthz",
      "/HEALTHZ",
      "/%2e%2e/etc",
    ]
  ) {
    const answer = await call(path), problem = await answer.json();
    deepEqual([answer.status, problem.code], [404, "no-such-route"], path);
  }
  const metrics = await (await call("/metrics")).text();
  match(metrics, /method="other",route="[^"]*",status="405"\} 1$/m);
  ok(!metrics.includes("PURGE"), "whoever asks makes no series of its own");
  equal(lines.find(({ method }) => method === "PURGE")?.status, 405);
});

test("HEAD answers as GET does, without a body and without a reader to wait for", async ({ call, scorer }) => {
  const hold = Promise.withResolvers<void>();
  scorer.before = () => hold.promise;
  const { id } = await (await call("/v1/models/part/batches", { method: "POST", body: formOf("scan", { a: tiff() }) }))
    .json();
  for (const path of ["/healthz", "/v1/models", "/", "/v1/results.csv", `/v1/jobs/${id}`, `/v1/jobs/${id}/events`]) {
    const head = await call(path, { method: "HEAD" });
    equal(head.status, 200, path);
    equal((await head.bytes()).length, 0);
    const get = new AbortController(), answer = await call(path, { signal: get.signal });
    equal(head.headers.get("Content-Type"), answer.headers.get("Content-Type"), path);
    get.abort();
    await answer.body?.cancel().catch(() => {});
  }
  hold.resolve();
});

Deno.test("HEAD lets go of a stream that nobody reads", async () => {
  const state = { left: false }, job = { id: "0".repeat(26) } as Job;
  const jobs = {
    async *watch(_: string, signal: AbortSignal) {
      yield { event: "job", data: job } as const;
      await new Promise((end) => signal.addEventListener("abort", end));
      state.left = true;
    },
  };
  const service = {
    jobs,
    store: { jobs: { get: () => job } },
    metrics: serverMetrics(),
    limits: { perMinute: 100 },
    keysNeeded: false,
  };
  const log = { request: () => {}, fault: () => {} };
  const app = serverApp(service as unknown as Service, log, { loopback: true });
  const answer = await app.request(`http://localhost/v1/jobs/${job.id}/events`, { method: "HEAD" });
  deepEqual([answer.status, answer.body], [200, null]);
  await until(() => state.left, "the stream was let go");
});

test("a request has an id: its own where it is a plain one, and the log has it too", async (server) => {
  const ask = async (id?: string) => {
    const answer = await server.call("/healthz", { headers: id === undefined ? {} : { "X-Request-Id": id } });
    await answer.body?.cancel();
    return answer.headers.get("X-Request-Id")!;
  };
  equal(await ask("line-7_42"), "line-7_42");
  equal((await lineOf(server, "/healthz")).requestId, "line-7_42");
  for (const id of [undefined, "", "a b", "a".repeat(65), "{}", "ä".slice(1) + "<script>"]) {
    match(await ask(id), /^[0-9a-f-]{36}$/);
  }
  notSame(await ask(), await ask());
});

const notSame = (a: string, b: string) => ok(a !== b);

test("a line of the log says what was asked and by whom, nothing of keys, queries and bodies", async (server) => {
  const { call, keys } = server, headers = { Authorization: `Bearer ${keys!.score}` };
  await (await call(`${score}?name=secret-part.tiff`, { method: "POST", body: tiff(), headers })).body?.cancel();
  const { requestId, milliseconds, key, ...line } = await lineOf(server, score);
  deepEqual(line, { method: "POST", path: score, status: 200 });
  ok(requestId !== undefined && milliseconds >= 0 && milliseconds < 60_000);
  match(key!, /^[0-9A-Z]{26}$/);
  await (await call("/v1/keys", { headers })).body?.cancel();
  const refused = await lineOf(server, "/v1/keys");
  deepEqual([refused.status, refused.problem, refused.key], [403, "scope-missing", key]);
  await (await call("/v1/models", { headers: { Authorization: "Bearer u3_wrong" } })).body?.cancel();
  const unknown = await lineOf(server, "/v1/models");
  deepEqual([unknown.status, unknown.problem, unknown.key], [401, "key-refused", undefined]);
  const said = JSON.stringify(server.lines);
  ok(!/u3_|secret|Bearer/.test(said), said);
}, true);

test("a key is taken however its scheme is written, and from nowhere but its header", async ({ call, keys, url }) => {
  const status = async (headers: Record<string, string>, query = "") => {
    const answer = await fetch(`${url}/v1/models${query}`, { headers });
    await answer.body?.cancel();
    return answer.status;
  };
  const key = keys!.score;
  for (const value of [`Bearer ${key}`, `bearer ${key}`, `BEARER   ${key}`]) {
    equal(await status({ Authorization: value }), 200, value);
  }
  for (
    const value of [
      key,
      `Basic ${btoa(`:${key}`)}`,
      `Bearer ${key} x`,
      `Bearer ${key.slice(0, -1)}`,
      "Bearer ",
      "Bearer null",
      `Bearer ${key.toUpperCase()}`,
    ]
  ) {
    equal(await status({ Authorization: value }), 401, value);
  }
  equal(await status({ Cookie: `key=${key}`, "X-Api-Key": key }, `?key=${key}`), 401);
  const answer = await call("/v1/models", { headers: { Authorization: "" } });
  equal(answer.headers.get("WWW-Authenticate"), 'Bearer realm="uni3dad"');
  await answer.body?.cancel();
}, true);

test("a revoked key is refused at once, and a scope opens what it says and no more", async ({ call, keys }) => {
  const status = async (scope: "score" | "train" | "admin", path: string, method = "GET") => {
    const answer = await call(path, { method, headers: { Authorization: `Bearer ${keys![scope]}` } });
    await answer.body?.cancel();
    return answer.status;
  };
  deepEqual([
    await status("score", "/v1/models"),
    await status("train", "/v1/models"),
    await status("admin", "/v1/models"),
  ], [200, 403, 200]);
  deepEqual([await status("score", "/v1/models/no", "DELETE"), await status("train", "/v1/models/no", "DELETE")], [
    403,
    404,
  ]);
  deepEqual([await status("train", "/v1/audit"), await status("admin", "/v1/audit")], [403, 200]);
  const { keys: all } = await (await call("/v1/keys")).json();
  const { id } = all.find(({ name }: { name: string }) => name === "of scope score");
  equal(await status("admin", `/v1/keys/${id}`, "DELETE"), 204);
  equal(await status("score", "/v1/models"), 401);
}, true);

test("Server-Timing tells the stages in a form that browsers read", async ({ call }) => {
  const answer = await call(score, { method: "POST", body: tiff() });
  await answer.body?.cancel();
  const stages = answer.headers.get("Server-Timing")!.split(", ").map((one) => /^([\w-]+);dur=(\d+\.\d)$/.exec(one)!);
  deepEqual(stages.map(([, name]) => name), ["queue", "read", "own-resolution"]);
  equal(stages[1][2], "1.0");
});

test("names of scans are kept as they are, of any script and with any sign", async ({ call }) => {
  const names = [
    "Kartoffel Nr. 7 – ½ 🥔.tiff",
    "../../etc/passwd",
    'a"b\\c;d',
    "a\u0000b",
    "\u202Eexe.tiff",
    "=1+1",
    "a\nb",
    "x".repeat(300),
    " ",
  ];
  for (const name of names) {
    const answer = await call(`${score}?name=${encodeURIComponent(name)}`, { method: "POST", body: tiff() });
    const document = await answer.json();
    equal(document.scans[0].input, name);
    const kept = await (await call(`/v1/results/${answer.headers.get("X-Result-Id")}`)).json();
    equal(kept.input, name.replace("\0", "\uFFFD"), "SQLite ends a text at U+0000");
    const { results } = await (await call(`/v1/results?input=${encodeURIComponent(name)}`)).json();
    ok(results.some(({ id }: { id: string }) => id === kept.id), JSON.stringify(name));
  }
  const csv = await (await call("/v1/results.csv")).text();
  for (const name of ["🥔", "'=1+1", '"a""b\\c;d"', '"a\nb"']) ok(csv.includes(name), name);
  for (const name of ["Größe.tiff", "日本.tiff", "a;b.tiff"]) {
    const [{ input }] =
      (await (await call(score, { method: "POST", body: formOf("scan", { [name]: tiff() }) })).json()).scans;
    equal(input, name);
  }
});

test("what is too long, too much or half a sign is refused, and never a fault", async ({ call }) => {
  const long = "a".repeat(301);
  for (
    const [path, status] of [
      [`${score}?name=${long}`, 422],
      [`${score}?name=`, 422],
      [`${score}?name=a&name=b`, 422],
      [`${score}?${"q=1&".repeat(2000)}`, 422],
      [`/v1/models/${long}/score`, 422],
      ["/v1/models/%00/score", 422],
      ["/v1/models/%zz/score", 422],
      ["/v1/models/..%2Fpart/score", 422],
      ["/v1/models/part%2Fmodel.json/score", 422],
    ] as const
  ) {
    const answer = await call(path, { method: "POST", body: tiff() }), { code } = await answer.json();
    deepEqual([answer.status, code], [status, "request-invalid"], path.slice(0, 60));
  }
  const flood = await call(`/v1/results?${"q=1&".repeat(10_000)}`);
  equal(flood.status, 431);
  await flood.body?.cancel();
  for (
    const query of [
      "input=%",
      "input=%ff%fe",
      `input=${"%".repeat(1000)}`,
      "input=_",
      `job=${long}`,
      "after=%00",
      "minScore=1e308",
      "from=2026-01-01T00:00:00Z",
    ]
  ) {
    const answer = await call(`/v1/results?${query}`);
    deepEqual([answer.status, (await answer.json()).results.length], [200, 0], query.slice(0, 60));
  }
  for (
    const query of [
      "from=yesterday",
      "minScore=-Infinity",
      "limit=1.5",
      "limit=1e3",
      "verdict=maybe",
      "__proto__=1",
      "constructor=1",
    ]
  ) {
    const answer = await call(`/v1/results?${query}`);
    equal(answer.status, 422, query);
    await answer.body?.cancel();
  }
});

test("whatever a socket brings is answered, or left, and the server stays", async ({ call, port }) => {
  const head = (host: string, rest = "") => `GET /v1/server HTTP/1.1\r\nHost: ${host}\r\n${rest}\r\n`;
  equal((await rawCall(port, head("localhost"))).status, 200);
  for (const host of ["evil.example", "localhost.evil.example:80", "[::2]"]) {
    const answer = await rawCall(port, head(host));
    deepEqual([answer.status, (await answer.json()).code], [403, "host-refused"], host);
    ok(answer.headers.has("X-Request-Id"), host);
  }
  const absolute = await rawCall(port, "GET http://evil.example/v1/server HTTP/1.1\r\nHost: localhost\r\n\r\n").catch(
    () => undefined,
  );
  ok(absolute === undefined || absolute.status >= 400, `${absolute?.status}`);
  for (
    const bytes of [
      "nonsense\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      head("a b"),
      head("@"),
      head("localhost", `X: ${"y".repeat(2 ** 20)}\r\n`),
      "\x16\x03\x01\x02\x00\x01",
    ]
  ) {
    const answer = await rawCall(port, bytes, { end: true }).catch(() => undefined);
    ok(answer === undefined || answer.status >= 400, `${JSON.stringify(bytes.slice(0, 40))}: ${answer?.status}`);
  }
  const cut = `POST ${score} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nII*\0`;
  const answer = await rawCall(port, cut, { end: true }).catch(() => undefined);
  ok(answer === undefined || answer.status === 400, `${answer?.status}`);
  equal((await call("/healthz")).status, 200);
});
