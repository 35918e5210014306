import { deepEqual, equal } from "node:assert/strict";
import { z } from "zod";
import { queryNumber } from "./query_number.ts";

const schema = z.strictObject({
  free: queryNumber(z.coerce.number().optional()),
  page: queryNumber(z.coerce.number().int().min(1).default(7)),
});

Deno.test("queryNumber() takes numbers as text, and what is absent as absent", () => {
  deepEqual(schema.parse({}), { page: 7 });
  deepEqual(schema.parse({ free: "-1.5e3", page: "2" }), { free: -1500, page: 2 });
});

Deno.test("queryNumber() takes nothing else for a number, an empty text least of all", () => {
  for (const text of ["", " ", "x", "1,5", "NaN", "Infinity", "1 2", ["1", "2"]]) {
    equal(schema.safeParse({ free: text }).success, false, JSON.stringify(text));
    equal(schema.safeParse({ page: text }).success, false, JSON.stringify(text));
  }
  equal(schema.safeParse({ page: "0" }).success, false);
});

Deno.test("queryNumber() is documented as a number", () => {
  const { properties } = z.toJSONSchema(schema, { io: "input" }) as {
    properties: Record<string, { type: string; default?: number }>;
  };
  deepEqual([properties.free.type, properties.page.type, properties.page.default], ["number", "integer", 7]);
});
