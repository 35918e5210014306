import { deepEqual, equal } from "node:assert/strict";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { openStore } from "./store.ts";

const reply = { status: 200, type: "application/json", headers: { "x-request-id": "1" }, body: Uint8Array.of(0, 255) };
const empty = { status: 204, type: "", headers: {}, body: new Uint8Array(0) };

Deno.test("a request that is sent again gets the answer of the first", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/s.sqlite`);
  const { replies } = store;
  deepEqual(replies.begin("a", "k", "d"), { state: "new" });
  deepEqual(replies.begin("a", "k", "d"), { state: "running" });
  deepEqual(replies.begin("a", "k", "e"), { state: "other" });
  deepEqual(replies.begin("b", "k", "e"), { state: "new" }, "another owner's key is another key");
  replies.finish("a", "k", reply);
  deepEqual(replies.begin("a", "k", "d"), { state: "done", ...reply });
  deepEqual(replies.begin("a", "k", "e"), { state: "other" });
  replies.abandon("a", "k");
  replies.finish("a", "k", empty);
  deepEqual(replies.begin("a", "k", "d"), { state: "done", ...reply }, "what is finished stays");
  replies.abandon("b", "k");
  deepEqual(replies.begin("b", "k", "f"), { state: "new" });
  replies.finish("b", "k", empty);
  deepEqual(replies.begin("b", "k", "f"), { state: "done", ...empty });
});

Deno.test("answers survive a restart; requests that were not finished may be sent again", () => {
  using folder = temporaryFolder();
  {
    using store = openStore(`${folder.path}/s.sqlite`);
    for (const key of ["done", "open"]) store.replies.begin("a", key, "d");
    store.replies.finish("a", "done", reply);
  }
  using store = openStore(`${folder.path}/s.sqlite`);
  deepEqual(store.replies.begin("a", "done", "d"), { state: "done", ...reply });
  deepEqual(store.replies.begin("a", "open", "d"), { state: "new" });
});

Deno.test("replies.removeBefore() forgets old answers, and no request that is under way", () => {
  using folder = temporaryFolder();
  let now = 0;
  using store = openStore(`${folder.path}/s.sqlite`, { now: () => now });
  const { replies } = store;
  for (const key of ["old", "young", "open"]) {
    now += 10;
    replies.begin("a", key, "d");
    if (key !== "open") replies.finish("a", key, reply);
  }
  equal(replies.removeBefore(10), 0);
  equal(replies.removeBefore(11), 1);
  equal(replies.begin("a", "old", "d").state, "new");
  equal(replies.begin("a", "young", "d").state, "done");
  now = 100;
  equal(replies.removeBefore(100), 1);
  equal(replies.begin("a", "open", "d").state, "running");
});
