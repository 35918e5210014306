import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { hashOf, parseRoute, queryOf, type Route } from "./route.ts";

Deno.test("parseRoute() reads each address of the page", () => {
  const cases: readonly (readonly [string, Route])[] = [
    ["", { kind: "inspect" }],
    ["#/", { kind: "inspect" }],
    ["#/results/01J", { kind: "result", id: "01J" }],
    ["#/jobs/01J", { kind: "job", id: "01J" }],
    ["#/history", { kind: "history", filter: {} }],
    ["#/history?model=a%20b&verdict=none&colour=red&input=", {
      kind: "history",
      filter: { model: "a b", verdict: "none" },
    }],
    ["#/results", { kind: "unknown", path: "/results" }],
    ["#/results/a/b", { kind: "unknown", path: "/results/a/b" }],
    ["#main", { kind: "unknown", path: "main" }],
    ["#/results/%E0%A4%A", { kind: "result", id: "%E0%A4%A" }], // no valid encoding stands for itself
  ];
  for (const [hash, route] of cases) deepEqual(parseRoute(hash), route, hash);
});

Deno.test("hashOf() writes what parseRoute() reads", () => {
  const text = fc.string({ unit: "binary", minLength: 1 });
  const filter = fc.record({ model: text, decision: text, verdict: text, input: text, job: text, after: text }, {
    requiredKeys: [],
  });
  const id = text.filter((value) => value.isWellFormed());
  fc.assert(fc.property(id, filter, (id, filter) => {
    for (const kind of ["result", "job"] as const) deepEqual(parseRoute(hashOf({ kind, id })), { kind, id });
    const back = parseRoute(hashOf({ kind: "history", filter }));
    equal(back.kind, "history");
    if (back.kind === "history") equal(queryOf(back.filter), queryOf(filter));
  }));
});

Deno.test("queryOf() leaves out what narrows nothing, and has one order", () => {
  equal(queryOf({}), "");
  equal(queryOf({ input: "x", model: "m", after: undefined }), queryOf({ model: "m", input: "x" }));
});
