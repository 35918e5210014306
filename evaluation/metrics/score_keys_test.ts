import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { isNanBits, keyTable, scoreBits, scoreKey } from "./score_keys.ts";

const key = (score: number) => scoreKey(scoreBits(Float32Array.of(score))[0]);

Deno.test("scoreKey() orders like the scores, −0 equal to 0", () => {
  fc.assert(fc.property(fc.float({ noNaN: true }), fc.float({ noNaN: true }), (a, b) => {
    equal(Math.sign(key(a) - key(b)), a < b ? -1 : a > b ? 1 : 0);
  }));
  equal(key(-0), key(0));
  equal(key(-(2 ** -149)) < key(0), true);
  equal(key(-Infinity) < key(-3.4e38) && key(3.4e38) < key(Infinity), true);
});

Deno.test("isNanBits() knows NaNs of either sign, and nothing else", () => {
  const bits = Int32Array.of(0x7fc00000, 0x7f800001, ~0x003fffff, ~0x007ffffe, 0x7f800000, ~0x007fffff, 0);
  deepEqual(Array.from(bits, isNanBits), [true, true, true, true, false, false, false]);
});

Deno.test("keyTable() finds where a key lies among the distinct ones", () => {
  const keys = fc.array(fc.oneof(fc.integer({ min: -3, max: 70_000 }), fc.integer()));
  fc.assert(fc.property(keys, fc.array(fc.integer()), (given, others) => {
    const distinct = [...new Set(given)].sort((a, b) => a - b);
    const table = keyTable(Int32Array.from(given));
    equal(table.size, distinct.length);
    for (const key of [...given, ...others, -(2 ** 31), 2 ** 31 - 1, 0]) {
      const below = distinct.filter((other) => other < key).length;
      equal(table.interval(key), 2 * below + (distinct.includes(key) ? 1 : 0));
    }
  }));
});
