import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { knock, waitFor } from "../tests/opened_server.ts";
import { type Answering, listen } from "./listen.ts";

/** A listener that is closed with its owner. */
async function open(answer: Answering) {
  const listening = await listen("127.0.0.1", 0, answer);
  return { ...listening, [Symbol.asyncDispose]: () => listening.close(1000) };
}

/** Fetch keeps connections open behind a test. */
const test = (name: string, fn: () => Promise<void>) =>
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });

/** All that comes until the other side closes. */
async function textOf(connection: Deno.TcpConn): Promise<string> {
  return await new Response(connection.readable).text();
}

test("requests and answers are the web's, with bodies, lengths, headers and queries as they were sent", async () => {
  await using opened = await open(async (request) => {
    const { method, url, headers } = request, text = await request.text();
    const answer = JSON.stringify({
      method,
      path: new URL(url).pathname + new URL(url).search,
      kind: headers.get("X-Kind"),
      text,
    });
    return new Response(answer, {
      status: 201,
      headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-Other", "é"]],
    });
  });
  for (
    const [method, text] of [["POST", "x".repeat(300_000)], ["PUT", ""], ["DELETE", "why"], ["GET", undefined]] as const
  ) {
    const answer = await fetch(`${opened.url}/a%20b?c=%26`, { method, body: text, headers: { "X-Kind": "k" } });
    const body = await answer.text();
    equal(answer.status, 201);
    equal(answer.headers.get("Content-Length"), String(new TextEncoder().encode(body).length));
    deepEqual(answer.headers.getSetCookie(), ["a=1", "b=2"]);
    deepEqual(JSON.parse(body), { method, path: "/a%20b?c=%26", kind: "k", text: text ?? "" });
  }
  const head = await fetch(opened.url, { method: "HEAD" });
  deepEqual([head.status, await head.text()], [201, ""]);
});

test("an answer without a body has none, and one that comes in parts comes as it is made", async () => {
  const gate = Promise.withResolvers<void>();
  await using opened = await open((request) => {
    if (request.url.endsWith("/none")) return new Response(null, { status: 204 });
    return new Response(ReadableStream.from((async function* () {
      yield new TextEncoder().encode("first");
      await gate.promise;
      yield new TextEncoder().encode("second");
    })()));
  });
  equal((await fetch(`${opened.url}/none`)).status, 204);
  const reader = (await fetch(`${opened.url}/parts`)).body!.pipeThrough(new TextDecoderStream()).getReader();
  equal((await reader.read()).value, "first");
  gate.resolve();
  equal((await reader.read()).value, "second");
  equal((await reader.read()).done, true);
});

for (const size of [0, 3, 60_000, 3_000_000]) {
  test(`who leaves while it waits for the answer to ${size} bytes is noticed at once`, async () => {
    const left = Promise.withResolvers<void>(), seen = { bytes: -1 };
    await using opened = await open(async (request) => {
      seen.bytes = (await request.arrayBuffer()).byteLength;
      request.signal.addEventListener("abort", () => left.resolve());
      await left.promise;
      return new Response("nobody hears this");
    });
    const connection = await knock(opened.url, ["POST /", `Content-Length: ${size}`], new Uint8Array(size));
    await waitFor(() => seen.bytes === size);
    connection.close();
    await left.promise;
  });
}

test("an answer that was brought out aborts nothing", async () => {
  const aborted: string[] = [];
  await using opened = await open((request) => {
    request.signal.addEventListener("abort", () => aborted.push(request.url));
    return new Response("x");
  });
  for (let i = 0; i < 5; i++) await (await fetch(opened.url)).text();
  await delay(20);
  deepEqual(aborted, []);
});

test("a body that is cut off is an error, one that is not wanted is answered all the same", async () => {
  const said: string[] = [];
  await using opened = await open(async (request) => {
    if (request.url.endsWith("/refused")) {
      const reader = request.body!.getReader();
      await reader.read();
      await reader.cancel();
      return new Response("too much", { status: 413 });
    }
    await request.arrayBuffer().catch((error) => said.push(error.message));
    return new Response("x");
  });
  (await knock(opened.url, ["POST /cut", "Content-Length: 100"], new Uint8Array(10))).close();
  await waitFor(() => said.length === 1);
  equal(said.length, 1);
  const refused = await knock(opened.url, ["POST /refused", "Content-Length: 1000000"], new Uint8Array(10));
  const text = await textOf(refused);
  match(text, /^HTTP\/1\.1 413 .*too much/s);
});

test("who reads slowly is waited for with little in memory, and leaves with its stream cancelled", async () => {
  const made = { parts: 0, cancelled: false };
  await using opened = await open(() =>
    new Response(
      new ReadableStream({
        pull: (controller) => (made.parts++, controller.enqueue(new Uint8Array(65_536))),
        cancel: () => void (made.cancelled = true),
      }, { highWaterMark: 0 }),
    )
  );
  const connection = await knock(opened.url, ["GET /"]);
  await waitFor(() => made.parts > 2);
  await delay(300);
  ok(made.parts < 400, `${made.parts} parts of 64 KiB were made for nobody`);
  connection.close();
  await waitFor(() => made.cancelled);
});

test("what is no request is refused, and the next one is answered", async () => {
  await using opened = await open(() => new Response("x"));
  for (const head of [["GET http://"], ["nonsense"]]) {
    match(await textOf(await knock(opened.url, head)), /^HTTP\/1\.1 400 /);
  }
  equal((await fetch(opened.url)).status, 200);
});

test("closing waits for answers, but not for readers that take nothing, and frees the port", async () => {
  const gate = Promise.withResolvers<void>();
  const opened = await listen("127.0.0.1", 0, async ({ url }) => {
    if (url.endsWith("/late")) await gate.promise;
    return new Response(
      url.endsWith("/endless")
        ? new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) })
        : "x",
    );
  });
  const late = fetch(`${opened.url}/late`),
    endless = await knock(opened.url, ["GET /endless"]),
    idle = await knock(opened.url, ["GET /"]);
  await delay(50);
  const closed = opened.close(500);
  await delay(50);
  gate.resolve();
  equal(await (await late).text(), "x");
  await closed;
  await opened.finished;
  for (const one of [endless, idle]) one.close();
  await rejects(fetch(opened.url));
  await using again = await open(() => new Response("x"));
  const port = Number(new URL(again.url).port);
  await rejects(listen("127.0.0.1", port, () => new Response("x")), /EADDRINUSE|in use/);
});
