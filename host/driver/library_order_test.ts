import { deepEqual, ok } from "node:assert/strict";
import { libraryOrder } from "./library_order.ts";

const graph: Record<string, string[]> = {
  "driver.so": ["libLLVM.so", "libdrm.so", "libc.so.6"],
  "libLLVM.so": ["libxml2.so", "libz.so"],
  "libxml2.so": ["libicu.so", "libz.so"],
  "libicu.so": ["libc.so.6"],
  "libz.so": ["libc.so.6"],
  "libdrm.so": [],
  "loader.so": ["libc.so.6"],
  "unrelated.so": ["libz.so"],
};

Deno.test("libraryOrder() puts each library after all that it needs, and leaves out what nobody needs", () => {
  const order = libraryOrder(["driver.so", "loader.so"], (name) => graph[name]);
  deepEqual(order, ["libicu.so", "libz.so", "libxml2.so", "libLLVM.so", "libdrm.so", "driver.so", "loader.so"]);
  for (const name of order) {
    for (const needed of graph[name]) {
      ok(!(needed in graph) || order.indexOf(needed) < order.indexOf(name), `${needed} must come before ${name}`);
    }
  }
});

Deno.test("libraryOrder() ends on a circle, with each of its libraries once", () => {
  const circle: Record<string, string[]> = { a: ["b"], b: ["c"], c: ["a"] };
  deepEqual(libraryOrder(["a"], (name) => circle[name]), ["c", "b", "a"]);
});
