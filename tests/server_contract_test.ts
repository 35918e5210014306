/** Every answer that is documented, provoked and checked: status, type, every field, the request's id, the problem's code. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { serverApp } from "../server/app.ts";
import { ScorerLost, ShuttingDown, StoreUnwritable } from "../server/errors.ts";
import { serverMetrics } from "../server/metrics.ts";
import type { Service } from "../server/service.ts";
import { contractOf, type OpenApi } from "./openapi_contract.ts";
import { formOf, rawCall, type ServerUnderTest, serverUnderTest, tiff, until } from "./stub_server.ts";
import { stubFiles, untilStopped } from "./stub_scorer.ts";

/** Any key of a result, a job and a key that there is not. */
const NOBODY = "0".repeat(26);

const document: OpenApi =
  await (await appOver({ store: {}, scorer: {} } as unknown as Service).request("/openapi.json"))
    .json();
const contract = contractOf(document), calls = [...contract.operations.keys()];

/** A call that fits, unless its model or id is another one. */
interface Asked {
  readonly path: string;
  readonly init: RequestInit;
}

const json = (value: unknown): RequestInit => ({
  body: typeof value === "string" ? value : JSON.stringify(value),
  headers: { "Content-Type": "application/json" },
});

const bodies: Readonly<Record<string, () => RequestInit>> = {
  "POST /v1/models/{model}/score": () => ({ body: tiff() }),
  "POST /v1/models/{model}/batches": () => ({ body: formOf("scan", { "a.tiff": tiff() }) }),
  "POST /v1/models": () => json({ name: "new", folder: "nowhere" }),
  "PATCH /v1/models/{model}": () => json({ active: true }),
  "PUT /v1/results/{id}/verdict": () => json({ verdict: "right" }),
  "POST /v1/keys": () => json({ name: "somebody", scopes: ["score"] }),
};

function ask(call: string, { model = "part", id = NOBODY, query = "", ...init }: Ask = {}): Asked {
  const [method, path] = call.split(" ");
  return {
    path: path.replace("{model}", model).replace("{id}", id) + query,
    init: { ...(init.body === undefined ? bodies[call]?.() : {}), ...init, method },
  };
}

type Ask = RequestInit & { readonly model?: string; readonly id?: string; readonly query?: string };

/** Asks a server, checks the answer, and gives its body. */
async function met(server: ServerUnderTest, call: string, status: number, how?: Ask): Promise<Json> {
  const { path, init } = ask(call, how);
  return await contract.check(call, status, await server.call(path, init)) as Json;
}

// deno-lint-ignore no-explicit-any -- fields are read that the schema has proven
type Json = any;

/** As {@linkcode met}, of a problem with this code. */
async function refused(server: ServerUnderTest, call: string, status: number, code: string, how?: Ask): Promise<Json> {
  const problem = await met(server, call, status, how);
  equal(problem.code, code, `${call}: ${problem.detail}`);
  deepEqual([problem.status, problem.type], [status, `urn:uni3dad:problem:${code}`]);
  match(problem.detail, /^\S.{10,}[^.]$/s, "a sentence");
  return problem;
}

function appOver(service: Partial<Service>, perMinute = 1000) {
  const limits = { perMinute, stallMs: 1000, scanBytes: 1e6, uploadBytes: 1e6 } as Service["limits"];
  const whole = { keysNeeded: false, metrics: serverMetrics(), closing: () => false, roots: [], ...service, limits };
  return serverApp(whole as Service, { request: () => {}, fault: () => {} }, { loopback: true });
}

/** An application all of whose parts fail with this error. */
function failingApp(error: Error) {
  const fail: unknown = new Proxy(() => {}, {
    get: () => fail,
    apply() {
      throw error;
    },
  });
  const parts = Object.fromEntries(["store", "scorer", "queue", "shelf", "jobs"].map((part) => [part, fail]));
  return appOver(parts as unknown as Service);
}

/** Calls that document a status. */
const withStatus = (status: number) => calls.filter((call) => contract.operations.get(call)!.responses[status]);

Deno.test("what goes well is answered as documented", async () => {
  await using server = await serverUnderTest({ keyed: true });
  const { folder, keys } = server;
  match(new TextDecoder().decode(await met(server, "GET /healthz", 200)), /^ok$/);
  deepEqual(await met(server, "GET /readyz", 200), { ready: true, adapter: "a stub", waiting: 0 });
  match(new TextDecoder().decode(await met(server, "GET /metrics", 200)), /^uni3dad_models_loaded 1$/m);
  const facts = await met(server, "GET /v1/server", 200, { headers: { Authorization: "" } });
  deepEqual([facts.keysNeeded, facts.units], [true, ["m", "mm", "um", "inch"]]);

  const { models, refused } = await met(server, "GET /v1/models", 200);
  deepEqual([models.length, refused[0].name, refused[0].error.code], [1, "broken", "model-refused"]);
  deepEqual(await met(server, "GET /v1/models/{model}", 200), models[0]);
  const set = await met(server, "PATCH /v1/models/{model}", 200, json({ threshold: 2.5, alpha: 0.1 }));
  deepEqual(set, { ...models[0], threshold: 2.5, alpha: 0.1 });

  const score = "POST /v1/models/{model}/score";
  const scored = await met(server, score, 200, { query: "?name=b.tiff" });
  const [{ input, threshold, files }] = scored.scans;
  deepEqual([input, threshold], ["b.tiff", 2.5]);
  const id = /^\/v1\/results\/(\w{26})$/.exec(files.result)![1];
  for (
    const [type, text] of Object.entries({
      "image/png": stubFiles.picture,
      "image/tiff": stubFiles.map,
      "model/ply": stubFiles.cloud,
      "application/octet-stream": stubFiles.cloud,
    })
  ) {
    equal(new TextDecoder().decode(await met(server, score, 200, { headers: { Accept: type } })), text, type);
  }

  const result = await met(server, "GET /v1/results/{id}", 200, { id });
  deepEqual(result.document.scans[0], { ...scored.scans[0], files: {} });
  await until(async () => (await server.call(files.view)).ok, "the view was kept");
  const view = await met(server, "GET /v1/results/{id}/view", 200, { id });
  deepEqual(view.found.input, "b.tiff");
  const picture = await met(server, "GET /v1/results/{id}/picture", 200, { id });
  deepEqual([...picture.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);
  const judged = await met(server, "PUT /v1/results/{id}/verdict", 200, {
    id,
    ...json({ verdict: "wrong", note: "dust" }),
  });
  deepEqual([judged.verdict, judged.note], ["wrong", "dust"]);
  const page = await met(server, "GET /v1/results", 200, { query: "?verdict=wrong&limit=1" });
  deepEqual(page, { results: [judged], next: null });
  const csv = new TextDecoder().decode(await met(server, "GET /v1/results.csv", 200, { query: "?model=part" }));
  equal(csv.split("\r\n").length, 1 + 5 + 1);

  const batch = "POST /v1/models/{model}/batches";
  const job = await met(server, batch, 202, { body: formOf("scan", { "a.tiff": tiff(), "b.tiff": tiff(65) }) });
  deepEqual([job.kind, job.total, job.model], ["batch", 2, "part"]);
  const ended = async () => (await met(server, "GET /v1/jobs/{id}", 200, { id: job.id })).state === "done";
  await until(ended, "the batch was done");
  const { items, next } = await met(server, "GET /v1/jobs/{id}/items", 200, { id: job.id, query: "?limit=1" });
  deepEqual([items.length, items[0].input, items[0].state, next], [1, "a.tiff", "done", 0]);
  const { jobs } = await met(server, "GET /v1/jobs", 200, { query: "?state=done" });
  deepEqual(jobs.map((one: { id: string }) => one.id), [job.id]);
  const events = new TextDecoder().decode(await met(server, "GET /v1/jobs/{id}/events", 200, { id: job.id }));
  deepEqual(events, `event: job\ndata: ${JSON.stringify(jobs[0])}\n\n`);
  Deno.writeFileSync(`${folder}/allowed/scans/c.tiff`, tiff());
  const there = await met(server, batch, 202, json({ folder: `${folder}/allowed/scans` }));
  equal(there.total, 1);

  const fit = await met(server, "POST /v1/models", 202, {
    body: formOf("archive", { "a.zip": tiff() }, { name: "new" }),
  });
  deepEqual([fit.kind, fit.model], ["fit", "new"]);
  const failed = async () => (await met(server, "GET /v1/jobs/{id}", 200, { id: fit.id })).error?.code;
  await until(async () => await failed() === "archive-malformed", "the archive was refused");
  server.scorer.before = untilStopped;
  const stopped = await met(server, batch, 202);
  const answer = await met(server, "DELETE /v1/jobs/{id}", 202, { id: stopped.id });
  equal(answer.id, stopped.id);
  const state = async () => (await met(server, "GET /v1/jobs/{id}", 200, { id: stopped.id })).state;
  await until(async () => await state() === "cancelled", "the batch was cancelled");

  const key = await met(server, "POST /v1/keys", 201);
  match(key.key, /^u3_[\w-]{43}$/);
  const { keys: all } = await met(server, "GET /v1/keys", 200);
  equal(all.length, 4);
  ok(!JSON.stringify(all).includes("u3_"), "a key is shown once");
  await met(server, "DELETE /v1/keys/{id}", 204, { id: key.id });
  const { entries } = await met(server, "GET /v1/audit", 200, { query: "?limit=3" });
  deepEqual(entries.map(({ action }: { action: string }) => action), ["key-revoked", "key-made", "cancel"]);
  ok(!JSON.stringify(entries).includes("u3_") && keys !== undefined);
  await met(server, "DELETE /v1/models/{model}", 204);
  deepEqual((await met(server, "GET /v1/models", 200)).models, []);
  deepEqual(server.faults, []);
});

Deno.test("each call that takes a key refuses those without one, with a wrong one, and with one of another scope", async () => {
  await using server = await serverUnderTest({ keyed: true });
  const keyed = withStatus(401), { score, train } = server.keys!;
  equal(keyed.length, calls.length - 4);
  for (const call of keyed) {
    const problem = await refused(server, call, 401, "key-missing", { headers: { Authorization: "" } });
    equal(problem.title, "No valid key");
    await refused(server, call, 401, "key-refused", { headers: { Authorization: `Bearer ${score}x` } });
    const [{ key: [scope] }] = contract.operations.get(call)!.security;
    const wrong = scope === "score" ? train : score;
    await refused(server, call, 403, "scope-missing", { headers: { Authorization: `Bearer ${wrong}` } });
  }
  equal(server.scorer.asked.length, 0);
});

Deno.test("who asks too often is told when to ask again", async () => {
  const app = appOver({ store: { jobs: { list: () => [] } } } as unknown as Service, 1);
  equal((await app.request("http://localhost/v1/jobs")).status, 200);
  for (const call of withStatus(429)) {
    const { path, init } = ask(call), answer = await app.request(`http://localhost${path}`, init);
    const seconds = Number(answer.headers.get("Retry-After"));
    ok(seconds > 0 && seconds <= 60, `${call}: ${seconds}`);
    equal((await contract.check(call, 429, answer) as Json).code, "rate-exceeded");
  }
});

Deno.test("a name that may be another site's reaches nothing", async () => {
  const app = failingApp(new Error("was asked"));
  for (const call of calls) {
    const { path, init } = ask(call), answer = await app.request(`http://evil.example${path}`, init);
    equal((await contract.check(call, 403, answer) as Json).code, "host-refused");
  }
});

for (
  const [status, code, error] of [
    [500, "internal-error", new TypeError("secret words")],
    [503, "scorer-lost", new ScorerLost("it fell")],
    [503, "shutting-down", new ShuttingDown()],
    [507, "store-unwritable", new StoreUnwritable("server.sqlite", "the disk is full")],
  ] as const
) {
  Deno.test(`a part that fails by ${code} gives ${status}`, async () => {
    const app = failingApp(error), asked = withStatus(status).filter((call) => call !== "GET /healthz");
    ok(asked.length > 3);
    for (const call of asked) {
      const { path, init } = ask(call), answer = await app.request(`http://localhost${path}`, init);
      equal(answer.headers.has("Retry-After"), status === 503);
      const problem = await contract.check(call, status, answer) as Json;
      equal(problem.code, code, call);
      ok(!problem.detail.includes("secret"), "faults are for the log");
    }
  });
}

Deno.test("what there is not is not found", async () => {
  await using server = await serverUnderTest();
  const codes = { model: "no-such-model", jobs: "no-such-job", results: "no-such-result", keys: "no-such-key" };
  for (const call of withStatus(404)) {
    const [, code] = Object.entries(codes).find(([part]) => call.includes(part))!;
    await refused(server, call, 404, code, { model: "nobody" });
  }
});

Deno.test("what does not fit is refused, with its place", async () => {
  await using server = await serverUnderTest();
  for (const call of withStatus(422)) {
    const inPath = /\{(\w+)\}/.exec(call)?.[1], body = call === "POST /v1/keys" || call === "POST /v1/models";
    const how: Ask = inPath
      ? { [inPath]: "a.b", ...(bodies[call] ? { body: "" } : {}) }
      : body
      ? json({})
      : { query: "?limit=0&nonsense=1" };
    const { issues } = await refused(server, call, 422, "request-invalid", how);
    const place = inPath ? `param.${inPath}` : body ? "json.name" : "query";
    ok(issues.some(({ path }: { path: string }) => path.startsWith(place)), JSON.stringify(issues));
  }
});

Deno.test("every refusal of a scan, a batch, a fit and a setting", async (t) => {
  await using server = await serverUnderTest({
    queue: 1,
    limits: { scanBytes: 1000, uploadBytes: 2000, batchScans: 2, answerMs: 200, stallMs: 100 },
  });
  const score = "POST /v1/models/{model}/score", batch = "POST /v1/models/{model}/batches", fit = "POST /v1/models";
  const set = "PATCH /v1/models/{model}", judge = "PUT /v1/results/{id}/verdict", key = "POST /v1/keys";
  const withType = (type: string, body: BodyInit): Ask => ({ body, headers: { "Content-Type": type } });
  const form = "multipart/form-data; boundary=x", big = new Uint8Array(3000), text = { "a.tiff": tiff() };
  const cases: readonly (readonly [string, number, string, Ask])[] = [
    [score, 400, "body-missing", { body: "" }],
    [score, 400, "form-malformed", withType(form, "no form")],
    [score, 406, "not-acceptable", { headers: { Accept: "text/html, image/gif;q=0.5" } }],
    [score, 409, "model-inactive", { model: "resting" }],
    [score, 413, "body-too-large", { body: tiff(1001) }],
    [score, 413, "too-many-scans", { body: formOf("scan", { ...text, "b.tiff": tiff() }) }],
    [score, 415, "scan-form-unknown", { body: "hello" }],
    [score, 415, "content-type-mismatch", withType("application/x-npy", tiff())],
    [score, 422, "scan-missing", { body: formOf("other", text) }],
    [score, 422, "name-too-long", { body: formOf("scan", { ["a".repeat(301)]: tiff() }) }],
    [score, 422, "request-invalid", { query: "?threshold=" }],
    [score, 422, "request-invalid", { query: "?tresholt=2" }],
    [batch, 400, "form-malformed", withType(form, "no form")],
    [batch, 400, "json-malformed", json("{")],
    [batch, 400, "body-missing", json("")],
    [batch, 403, "folder-refused", json({ folder: "/etc" })],
    [batch, 409, "model-inactive", { model: "resting" }],
    [batch, 413, "body-too-large", { body: formOf("scan", { "a.tiff": tiff(2001) }) }],
    [batch, 413, "too-many-scans", { body: formOf("scan", { ...text, "b.tiff": tiff(), "c.tiff": tiff() }) }],
    [batch, 415, "form-wanted", withType("image/tiff", tiff())],
    [batch, 415, "scan-form-unknown", { body: formOf("scan", { "a.tiff": big.subarray(0, 9) }) }],
    [batch, 422, "scan-missing", { body: formOf("scan", {}) }],
    [batch, 422, "scan-missing", json({ folder: `${server.folder}/allowed/scans` })],
    [batch, 422, "request-invalid", json({ folder: "" })],
    [fit, 400, "json-malformed", json("nothing")],
    [fit, 400, "form-malformed", withType(form, "no form")],
    [fit, 403, "folder-refused", json({ name: "new", folder: `${server.folder}/secret` })],
    [fit, 409, "model-exists", json({ name: "part", folder: `${server.folder}/allowed` })],
    [fit, 409, "model-exists", { body: formOf("archive", { "a.zip": tiff() }, { name: "broken" }) }],
    [fit, 413, "body-too-large", { body: formOf("archive", { "a.zip": big }, { name: "new" }) }],
    [fit, 415, "form-wanted", withType("text/plain", "name")],
    [fit, 422, "request-invalid", { body: formOf("archive", {}, { name: "new" }) }],
    [fit, 422, "request-invalid", { body: formOf("archive", text, { name: "../new" }) }],
    [fit, 422, "request-invalid", { body: formOf("archive", text, { name: "new", folds: "many" }) }],
    ["GET /v1/models/{model}", 409, "model-refused", { model: "broken" }],
    [set, 409, "model-refused", { model: "broken" }],
    [set, 422, "request-invalid", json({ threshold: "high" })],
    [set, 422, "request-invalid", json({ alpha: 0.5 })],
    ...[set, judge, key].flatMap((call) =>
      [
        [call, 400, "json-malformed", json("{")],
        [call, 400, "json-malformed", withType("application/json", new Uint8Array([0x22, 0xff, 0x22]))],
        [call, 413, "body-too-large", json(`{"name": "${"a".repeat(2 ** 16)}"}`)],
        [call, 415, "json-wanted", withType("text/plain", "{}")],
      ] as const
    ),
    ["GET /v1/results", 422, "request-invalid", { query: "?minScore=" }],
    ["GET /v1/results", 422, "request-invalid", { query: "?modle=part" }],
    ["GET /v1/results.csv", 422, "request-invalid", { query: "?limit=3" }],
  ];
  Deno.mkdirSync(`${server.folder}/models/resting`);
  Deno.copyFileSync(`${server.folder}/models/part/model.json`, `${server.folder}/models/resting/model.json`);
  await met(server, set, 200, { model: "resting", ...json({ active: false }) });
  for (const [call, status, code, how] of cases) {
    await t.step(`${call}: ${status} ${code}`, async () => void await refused(server, call, status, code, how));
  }
  deepEqual([server.scorer.asked.length, (await met(server, "GET /v1/jobs", 200)).jobs.length], [0, 0]);

  await t.step("bodies that stop coming", async () => {
    equal(withStatus(408).length, 6);
    for (const call of withStatus(408)) {
      const { path, init } = ask(call, call.startsWith(batch) ? json({}) : {}), { headers = {} } = init;
      const type = new Headers(headers).get("Content-Type") ?? "application/octet-stream";
      const head =
        `${init.method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: 9\r\n\r\n`;
      const answer = await rawCall(server.port, `${head}{"nam`);
      equal((await contract.check(call, 408, answer) as Json).code, "body-too-slow");
      equal(answer.headers.get("Connection"), "close");
    }
  });

  await t.step("late and many", async () => {
    const hold = Promise.withResolvers<void>();
    server.scorer.before = () => hold.promise;
    const first = met(server, score, 504), second = met(server, score, 504);
    await until(async () => (await met(server, "GET /readyz", 200)).waiting === 1, "one waits");
    const { path, init } = ask(score), full = await server.call(path, init);
    match(full.headers.get("Retry-After")!, /^[1-9]\d*$/);
    equal((await contract.check(score, 429, full) as Json).code, "queue-full");
    deepEqual([(await second).code], ["request-timed-out"]);
    hold.resolve();
    equal((await first).code, "request-timed-out");
    server.scorer.before = () => {
      throw new ScorerLost("it fell");
    };
    await refused(server, score, 503, "scorer-lost");
    server.scorer.before = undefined;
    await met(server, score, 200);
  });

  await t.step("a job that has ended can't be cancelled", async () => {
    const { id } = await met(server, batch, 202);
    await until(async () => (await met(server, "GET /v1/jobs/{id}", 200, { id })).state === "done", "it was done");
    await refused(server, "DELETE /v1/jobs/{id}", 409, "job-ended", { id });
  });
  deepEqual(server.faults, []);
});

Deno.test("every documented answer was met, but for those that have a reason", () => {
  const reasons = { "GET /healthz 500 application/problem+json": "it asks nothing of any part that could fail" };
  deepEqual(contract.unmet(), Object.keys(reasons));
});
