import { deepEqual, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { OptionsRefused, parseOptions, prepareOptions } from "./mod.ts";

const schema = z.strictObject({
  size: z.int().min(2).default(8),
  inner: z.strictObject({ rate: z.number().max(1).default(0.5) }).default({ rate: 0.5 }),
});

Deno.test("parseOptions() fills in defaults and freezes", () => {
  const options = parseOptions("toy", schema, { size: 3 });
  deepEqual(options, { size: 3, inner: { rate: 0.5 } });
  ok(Object.isFrozen(options));
});

Deno.test("parseOptions() names the owner and all problems at once", () => {
  throws(() => parseOptions("toy", schema, { size: 1, inner: { rate: 2 }, more: 0 }), (error: OptionsRefused) => {
    deepEqual([error.code, error.owner], ["options-refused", "toy"]);
    deepEqual(error.issues.map(({ path }) => path).sort(), ["inner.rate", "options", "size"]);
    return /^Cannot use these options of toy: .*size: .*; inner.rate: .*more/.test(error.message);
  });
  throws(() => parseOptions("toy", schema, null), OptionsRefused);
});

Deno.test("parseOptions() gives options or refuses, whatever it gets", () =>
  fc.assert(fc.property(fc.jsonValue(), (input) => {
    try {
      prepareOptions.parse(parseOptions("prepare", prepareOptions, input)); // what it gave is valid
    } catch (error) {
      ok(error instanceof OptionsRefused, String(error));
    }
  })));
