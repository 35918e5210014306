import { deepEqual, equal } from "node:assert/strict";
import { firstDifference, withOverrides } from "./overrides.ts";

const base = { size: 224, inner: { form: "paper", k: 30, list: [1, 2] }, start: null };

Deno.test("withOverrides() changes what is named and keeps the rest, at every depth", () => {
  deepEqual(withOverrides(base, { inner: { k: 8 } }), { ...base, inner: { form: "paper", k: 8, list: [1, 2] } });
  deepEqual(withOverrides(base, { size: 64, start: { a: 1 } }), { ...base, size: 64, start: { a: 1 } });
  deepEqual(withOverrides(base, { inner: { list: [3] } }), { ...base, inner: { form: "paper", k: 30, list: [3] } });
  deepEqual(
    withOverrides(base, { inner: 5, more: true }),
    { ...base, inner: 5, more: true },
    "the schema judges, not we",
  );
  deepEqual(withOverrides(base), base);
  equal(base.inner.k, 30, "the base is as it was");
});

Deno.test("firstDifference() names the option with both values, and overlooks what is not asked", () => {
  equal(firstDifference(base, {}), undefined);
  equal(firstDifference(base, { size: 224, inner: { k: 30, list: [1, 2] }, start: null }), undefined);
  deepEqual(firstDifference(base, { size: 224, inner: { k: 8 } }), { path: "inner.k", wanted: "8", found: "30" });
  deepEqual(firstDifference(base, { inner: { list: [2, 1] } }), {
    path: "inner.list",
    wanted: "[2,1]",
    found: "[1,2]",
  });
  deepEqual(firstDifference(base, { other: "x" }), { path: "other", wanted: '"x"', found: "not there" });
  deepEqual(firstDifference(base, { size: { k: 1 } }), { path: "size", wanted: '{"k":1}', found: "224" });
});
