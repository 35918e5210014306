import { deepEqual } from "node:assert/strict";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { openStore } from "./store.ts";

Deno.test("audit.page() gives what was done, latest first, page by page", () => {
  using folder = temporaryFolder();
  using store = openStore(`${folder.path}/s.sqlite`, { now: () => 0 });
  const { audit } = store;
  deepEqual(audit.page({ limit: 2 }), { entries: [], next: null });
  const made = [0, 1, 2, 3, 4].map((i) =>
    audit.add({ actor: "K", action: "model.patch", target: "cable", detail: { i } })
  );
  deepEqual(made[3], {
    id: made[3].id,
    created: "1970-01-01T00:00:00.000Z",
    actor: "K",
    action: "model.patch",
    target: "cable",
    detail: { i: 3 },
  });
  deepEqual(audit.page({ limit: 2 }), { entries: [made[4], made[3]], next: made[3].id });
  deepEqual(audit.page({ limit: 2, after: made[3].id }), { entries: [made[2], made[1]], next: made[1].id });
  deepEqual(audit.page({ limit: 2, after: made[1].id }), { entries: [made[0]], next: null });
  deepEqual(audit.page({ limit: 5 }), { entries: made.toReversed(), next: null });
});
