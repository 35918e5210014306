import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { temporaryFolder } from "../../tests/run_deno.ts";
import { idBehind } from "./ids.ts";
import { sampleResult } from "../../tests/sample_document.ts";
import { openStore } from "./store.ts";

/** A clock that is set forwards and back, beyond what clocks do. */
const times = fc.array(fc.oneof(fc.integer({ min: 1_800_000_000_000, max: 1_800_000_000_003 }), fc.nat(2 ** 48 - 2)), {
  minLength: 1,
  maxLength: 40,
});

Deno.test("idBehind() writes ULIDs: time and chance, as the specification's digits", () => {
  equal(idBehind(undefined, 1469918176385, 0n), "01ARYZ6S410000000000000000");
  equal(idBehind(undefined, 1469918176385, (1n << 80n) - 1n), "01ARYZ6S41ZZZZZZZZZZZZZZZZ");
  equal(idBehind(undefined, 0, 31n), "0000000000000000000000000Z");
  equal(
    idBehind(undefined, 0.9, 1n << 80n),
    "00000000000000000000000000",
    "more chance than 80 bits doesn't touch the time",
  );
});

Deno.test("idBehind() rises whatever the clock does, and never loses what it has counted", () => {
  fc.assert(
    fc.property(times, fc.array(fc.bigInt(0n, (1n << 80n) - 1n), { minLength: 40, maxLength: 40 }), (clock, chance) => {
      let last: string | undefined;
      for (const [i, now] of clock.entries()) {
        const id = idBehind(last, now, chance[i]);
        match(id, /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
        ok(last === undefined || id > last, `${id} behind ${last}`);
        last = id;
      }
    }),
  );
});

Deno.test("idBehind() counts on when the clock stands or goes back, over the end of a millisecond too", () => {
  const last = idBehind(undefined, 1469918176385, (1n << 80n) - 1n);
  equal(idBehind(last, 1469918176385, 5n), "01ARYZ6S420000000000000000");
  equal(idBehind(last, -1, 5n), "01ARYZ6S420000000000000000");
  throws(() => idBehind("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 0, 0n), RangeError);
});

Deno.test("ids of a store go on behind the last one after a restart with an earlier clock, also when all was removed", () => {
  using folder = temporaryFolder();
  fc.assert(
    fc.property(times, fc.infiniteStream(fc.boolean()), (clock, chance) => {
      const file = `${folder.path}/${crypto.randomUUID()}.sqlite`, given: string[] = [];
      let now = 0, store = openStore(file, { now: () => now });
      for (now of clock) {
        given.push(
          store.results.add(sampleResult()),
          store.audit.add({ actor: "", action: "", target: "", detail: {} }).id,
        );
        if (chance.next().value) continue;
        store.results.keepOnly({ count: 0 });
        store[Symbol.dispose]();
        store = openStore(file, { now: () => now });
      }
      store[Symbol.dispose]();
      deepEqual(given, [...new Set(given)].sort());
    }),
    { numRuns: 15 },
  );
});
