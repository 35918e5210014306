import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { readEvents } from "./event_stream.ts";

const encoder = new TextEncoder();

const streamOf = (parts: readonly Uint8Array<ArrayBuffer>[]) =>
  ReadableStream.from(parts) as ReadableStream<Uint8Array<ArrayBuffer>>;
const eventsOf = (text: string) => Array.fromAsync(readEvents(streamOf([encoder.encode(text)])));

Deno.test("readEvents() gives names and data, and leaves out comments and what was cut off", async () => {
  const text = ': alive\n\nevent: job\ndata: {"a":1}\n\ndata: one\ndata:two\nid: 7\n\nevent: item\ndata: cut off\n';
  deepEqual(await eventsOf(text), [{ event: "job", data: '{"a":1}' }, { event: "message", data: "one\ntwo" }]);
});

Deno.test("readEvents() gives the same wherever the bytes are cut, with any line end", async () => {
  const plain = "event: job\ndata: Maß 3 µm\n\n: alive\n\ndata: b\n\n", wanted = await eventsOf(plain);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("\n", "\r\n"), fc.array(fc.nat(60)), async (end, cuts) => {
      const bytes = encoder.encode(plain.replaceAll("\n", end));
      const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      const parts = at.slice(1).map((to, i) => bytes.slice(at[i], to));
      deepEqual(await Array.fromAsync(readEvents(streamOf(parts))), wanted);
    }),
  );
});

Deno.test("who stops listening lets go of the stream", async () => {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(encoder.encode("data: x\n\n")),
    cancel: () => void (cancelled = true),
  });
  for await (const _ of readEvents(stream)) break;
  ok(cancelled);
});
