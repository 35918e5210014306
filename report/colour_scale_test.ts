import { equal, ok, throws } from "node:assert/strict";
import { colourAt, colourScale, coverAt, positionOn } from "./colour_scale.ts";

const luminance = ([r, g, b]: readonly number[]) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

Deno.test("colourAt() and coverAt() rise all the way, so that a grey print keeps the order", () => {
  for (let i = 1; i <= 256; i++) {
    ok(luminance(colourAt(i / 256)) >= luminance(colourAt((i - 1) / 256)), `lightness at ${i}/256`);
    ok(coverAt(i / 256) >= coverAt((i - 1) / 256), `cover at ${i}/256`);
  }
  equal(coverAt(0), 0);
  ok(luminance(colourAt(1)) - luminance(colourAt(0)) > 150);
});

Deno.test("positionOn() is clamped to the scale", () => {
  const scale = colourScale({ max: 4, threshold: 2 });
  equal([-1, 0, 2, 4, 9, NaN].map((score) => positionOn(scale, score)).join(), "0,0,0.5,1,1,0");
});

Deno.test("colourScale() refuses a scale without length", () => {
  for (const max of [0, -1, NaN, Infinity]) throws(() => colourScale({ max }), RangeError);
});
