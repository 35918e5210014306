import { deepEqual, equal, ok } from "node:assert/strict";
import { squareRootAxis, STRIP } from "./square_root_axis.ts";

Deno.test("squareRootAxis() leaves a strip for 0 and has the roots of values on the rest", () => {
  const { at } = squareRootAxis(16, 400 + STRIP);
  deepEqual([0, 1, 4, 9, 16].map(at), [0, 100, 200, 300, 400].map((place) => STRIP + place));
});

Deno.test("squareRootAxis() labels round values, each with room", () => {
  deepEqual(squareRootAxis(18, 340).ticks, [0.5, 2, 5, 10]);
  for (const most of [1e-9, 0.0304, 0.5, 1, 1.05, 2.1, 7, 99.9, 1e7]) {
    const { at, ticks } = squareRootAxis(most, 340), places = [STRIP / 2, ...ticks.map(at)];
    ok(ticks.length >= 2, `${most}: ${ticks}`);
    ok(ticks.every((tick) => /^[125](e[+-]?\d+)?$/.test(tick.toExponential().replace("e+0", ""))), `${most}: ${ticks}`);
    for (let i = 1; i < places.length; i++) ok(places[i] - places[i - 1] >= 36, `${most}: ${ticks} at ${places}`);
    ok(places.at(-1)! <= 340);
  }
});

Deno.test("squareRootAxis() spreads dots at 0 over their half of the strip, and leaves the others where they are", () => {
  const { at, dotAt } = squareRootAxis(16, 400);
  equal(dotAt(4, 7, "outer"), at(4));
  const spread = (half: "outer" | "inner") =>
    Array.from({ length: 100 }, (_, i) => dotAt(0, i, half)).sort((a, b) => a - b);
  const outer = spread("outer"), inner = spread("inner");
  ok(outer[0] > 0 && outer[99] < inner[0] && inner[99] < STRIP, `${outer[0]}, ${outer[99]}, ${inner[0]}, ${inner[99]}`);
  for (const dots of [outer, inner]) {
    const gaps = dots.slice(1).map((dot, i) => dot - dots[i]), mean = (dots[99] - dots[0]) / 99;
    ok(gaps.every((gap) => gap > 0.4 * mean && gap < 2 * mean), `${Math.min(...gaps)}, ${Math.max(...gaps)}`);
  }
});
