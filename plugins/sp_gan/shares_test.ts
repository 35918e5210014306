import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { TooFewScans } from "../../core/mod.ts";
import { type Share, sharesOf } from "./shares.ts";

const clouds = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, samples: [] }));
const namesOf = (of: Share["learned"]) => of.map(({ name }) => Number(name));

Deno.test("sharesOf() gives each generator all clouds but every so manieth", () => {
  deepEqual(
    sharesOf(clouds(5), 2).map(({ learned, heldOut }) => [namesOf(learned), namesOf(heldOut)]),
    [[[1, 3], [0, 2, 4]], [[0, 2, 4], [1, 3]]],
  );
  deepEqual(
    sharesOf(clouds(7), 3).map(({ heldOut }) => namesOf(heldOut)),
    [[0, 3, 6], [1, 4], [2, 5]],
  );
});

Deno.test("sharesOf() holds every cloud out once, and leaves each generator something to learn", () => {
  for (let generators = 2; generators <= 8; generators++) {
    for (let count = 2; count < 20; count++) {
      const shares = sharesOf(clouds(count), generators);
      equal(shares.length, generators);
      const all = shares.flatMap(({ heldOut }) => namesOf(heldOut)).sort((a, b) => a - b);
      deepEqual(all, Array.from({ length: count }, (_, i) => i));
      for (const { learned, heldOut } of shares) {
        ok(learned.length > 0);
        const both = [...learned, ...heldOut];
        deepEqual(namesOf(both).sort((a, b) => a - b), all, "none is lost, none is in both");
      }
    }
  }
});

Deno.test("sharesOf() says how many scans are needed", () => {
  for (const count of [0, 1]) {
    throws(
      () => sharesOf(clouds(count), 4),
      (error: Error) => error instanceof TooFewScans && error.given === count && error.needed === 2,
    );
  }
  throws(() => sharesOf(clouds(5), 1), RangeError);
});
