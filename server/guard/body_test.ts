import { deepEqual, ok, rejects } from "node:assert/strict";
import { readBody } from "./body.ts";

const bounds = { most: 10, stallMs: 10_000 };
const post = (body: BodyInit | null, headers: Record<string, string> = {}) =>
  new Request("http://localhost/", { method: "POST", body, headers });

/** A body in parts; `then` says what comes after them, `left` whether it was let go. */
function inParts(
  parts: readonly number[],
  then: (body: ReadableStreamDefaultController) => void = (body) => body.close(),
) {
  const state = { left: false, given: 0 };
  const stream = new ReadableStream({
    pull(body) {
      const length = parts[state.given++];
      if (length === undefined) then(body);
      else body.enqueue(new Uint8Array(length).fill(state.given));
    },
    cancel: () => void (state.left = true),
  }, { highWaterMark: 0 });
  return { state, stream };
}

Deno.test("readBody() gives what was sent, in one part or many, up to the bound", async () => {
  deepEqual(await readBody(post(Uint8Array.of(1, 2, 3)), bounds), Uint8Array.of(1, 2, 3));
  deepEqual(await readBody(post(inParts([3, 0, 7]).stream), bounds), Uint8Array.of(1, 1, 1, 3, 3, 3, 3, 3, 3, 3));
});

Deno.test("readBody() reads no more than it may, whatever is announced", async () => {
  const { state, stream } = inParts([8, 8, 8, 8]);
  await rejects(readBody(post(stream), bounds), { code: "body-too-large", status: 413 });
  deepEqual(state, { left: true, given: 2 });
  const announced = inParts([1]);
  await rejects(readBody(post(announced.stream, { "Content-Length": "11" }), bounds), { code: "body-too-large" });
  deepEqual(announced.state.given, 0, "nothing is read of what announces too much");
  deepEqual((await readBody(post(inParts([2]).stream, { "Content-Length": "a lot" }), bounds)).length, 2);
});

Deno.test("readBody() refuses a body that is not there", async () => {
  for (const body of [null, "", inParts([]).stream, inParts([0, 0]).stream]) {
    await rejects(readBody(post(body), bounds), { code: "body-missing", status: 400 });
  }
});

Deno.test("readBody() gives up a body that stops coming, and lets it go", async () => {
  const { state, stream } = inParts([5], () => new Promise(() => {}));
  const began = performance.now();
  await rejects(readBody(post(stream), { most: 10, stallMs: 50 }), { code: "body-too-slow", status: 408 });
  ok(performance.now() - began < 5000);
  ok(state.left);
});

Deno.test("readBody() waits for each part anew: a slow sender is no stalled one", async () => {
  const stream = new ReadableStream({
    async start(body) {
      for (let i = 0; i < 6; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        body.enqueue(new Uint8Array(1));
      }
      body.close();
    },
  });
  deepEqual((await readBody(post(stream), { most: 10, stallMs: 500 })).length, 6);
});

Deno.test("readBody() gives up a body that drips", async () => {
  let left = false;
  const stream = new ReadableStream({
    async pull(body) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      body.enqueue(new Uint8Array(1));
    },
    cancel: () => void (left = true),
  });
  await rejects(readBody(post(stream), { most: 1e6, stallMs: 100 }), {
    code: "body-too-slow",
    message: /bytes .* came/,
  });
  ok(left);
});

Deno.test("readBody() says when a body is cut off", async () => {
  const { stream } = inParts([5], (body) => body.error(new TypeError("connection reset")));
  await rejects(readBody(post(stream), bounds), { code: "body-cut-off", status: 400, message: /connection reset/ });
});
