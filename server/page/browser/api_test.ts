import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type ApiOptions, openApi, RequestFailed, waitOf } from "./api.ts";

/** A server that gives these answers in turn, and the headers that it was asked with. */
function answering(...answers: readonly Response[]) {
  const asked: Headers[] = [];
  const server = Deno.serve({ port: 0, onListen: () => {} }, (request) => {
    asked.push(new Headers(request.headers));
    return answers[asked.length - 1] ?? new Response("too many", { status: 500 });
  });
  return {
    asked,
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const problem = (status: number, detail: string, more: object = {}, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ code: "some-code", detail, ...more }), { status, headers });

/** Options that hold a key in memory and keep what was told. */
function holding(first?: string) {
  const held = { key: first, asked: [] as string[], waits: [] as number[] };
  const options: ApiOptions = {
    key: () => held.key,
    askKey: (why) => {
      held.asked.push(why);
      held.key = "u3_second";
      return Promise.resolve();
    },
    onWait: (seconds) => held.waits.push(seconds),
  };
  return { held, options };
}

Deno.test("a refused key is asked for anew, and the request is sent again with it", async () => {
  await using server = answering(problem(401, "This key is unknown"), Response.json({ a: 1 }));
  const { held, options } = holding("u3_first");
  deepEqual(await openApi(options).send("POST", `${server.url}/x`, { b: 2 }), { a: 1 });
  deepEqual(held.asked, ["This key is unknown"]);
  deepEqual(server.asked.map((headers) => headers.get("Authorization")), [
    "Bearer u3_first",
    "Bearer u3_second",
  ]);
  equal(server.asked[1].get("Content-Type"), "application/json");
});

Deno.test("a busy server is waited for as long as it says, and told when it is asked again", async () => {
  await using server = answering(problem(429, "full", {}, { "Retry-After": "1" }), Response.json([]));
  const { held, options } = holding();
  deepEqual(await openApi(options).get(`${server.url}/x`), []);
  deepEqual(held.waits, [1, 0]);
  ok(!server.asked[0].has("Authorization"));
});

Deno.test("an aborted wait ends at once", async () => {
  await using server = answering(problem(429, "full", {}, { "Retry-After": "60" }));
  const stop = new AbortController();
  const { options } = holding();
  await rejects(
    openApi({ ...options, onWait: () => queueMicrotask(() => stop.abort()) }).get(`${server.url}/x`, stop.signal),
    {
      name: "AbortError",
    },
  );
});

Deno.test("errors say what the server says, with where the request is at fault", async () => {
  await using server = answering(
    problem(422, "The request is refused", { issues: [{ path: "threshold", message: "too small" }] }),
    new Response("<html>", { status: 502, statusText: "Bad Gateway" }),
  );
  const api = openApi(holding().options);
  await rejects(api.get(`${server.url}/x`), (error) => {
    ok(error instanceof RequestFailed);
    equal(error.code, "some-code");
    equal(error.message, "The request is refused; threshold: too small");
    return true;
  });
  await rejects(api.get(`${server.url}/x`), /The server answered 502/);
});

Deno.test("a server that isn't there is told in words", async () => {
  const server = answering();
  await server[Symbol.asyncDispose]();
  await rejects(openApi(holding().options).get(`${server.url}/x`), /cannot be reached/);
});

Deno.test("events come by fetch, with the key", async () => {
  await using server = answering(new Response("event: job\ndata: 1\n\n"));
  deepEqual(await Array.fromAsync(openApi(holding("u3_k").options).events(`${server.url}/x`)), [{
    event: "job",
    data: "1",
  }]);
  equal(server.asked[0].get("Authorization"), "Bearer u3_k");
});

Deno.test("waitOf() reads seconds and dates, within bounds", () => {
  equal(waitOf("7"), 7);
  equal(waitOf("0"), 1);
  equal(waitOf("9999"), 120);
  equal(waitOf(new Date(5000).toUTCString(), 0), 5);
  equal(waitOf(null), 2);
  equal(waitOf("soon"), 2);
});
