import { equal } from "node:assert/strict";
import { unrolled } from "./unrolled.ts";

Deno.test("unrolled() repeats each line for the markers that it holds, the first named slowest", () => {
  const text = "{\n  let x#r = a[#ru];\n  s#r_#c += x#r * w#c;\n}";
  equal(
    unrolled(text, { r: 2, c: 3 }),
    [
      "{",
      "  let x0 = a[0u];",
      "  let x1 = a[1u];",
      ...["0_0 += x0 * w0", "0_1 += x0 * w1", "0_2 += x0 * w2"].map((line) => `  s${line};`),
      ...["1_0 += x1 * w0", "1_1 += x1 * w1", "1_2 += x1 * w2"].map((line) => `  s${line};`),
      "}",
    ].join("\n"),
  );
  equal(unrolled(text, { c: 3, r: 2 }).split("\n")[4], "  s1_0 += x1 * w0;");
});

Deno.test("unrolled() leaves out a line whose count is 0, and leaves text without markers as it is", () => {
  equal(unrolled("a\nb#r\nc", { r: 0 }), "a\nc");
  equal(unrolled("a\n\nb#q", { r: 4 }), "a\n\nb#q");
});
