import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { nthSmallest } from "./nth_smallest.ts";

Deno.test("nthSmallest() is what sorting gives, also among ties, and only reorders", () => {
  const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, min: -1e9, max: 1e9 }));
  fc.assert(fc.property(fc.array(number, { minLength: 1, maxLength: 60 }), fc.nat(), (list, at) => {
    const values = Float64Array.from(list, (v) => v + 0), sorted = values.toSorted(), rank = at % values.length;
    equal(nthSmallest(values, rank), sorted[rank]);
    deepEqual(values.toSorted(), sorted);
  }));
});
