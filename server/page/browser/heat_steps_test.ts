import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { colourAt, coverAt } from "../../../report/colour_scale.ts";
import { outlinePath, stepAbove, stepsOf } from "./heat_steps.ts";
import type { Colour } from "./recolour.ts";

const STEPS = 64;
const colours = Array.from({ length: STEPS + 1 }, (_, i): Colour => [...colourAt(i / STEPS), coverAt(i / STEPS)]);

/** A pixel as a canvas gives it back, which keeps colours multiplied by alpha, in whole numbers. */
function pixelOf([red, green, blue, cover]: Colour): number[] {
  const alpha = Math.round(255 * cover);
  const back = (part: number) => alpha === 0 ? 0 : Math.round((Math.round((part * alpha) / 255) * 255) / alpha);
  return [back(red), back(green), back(blue), alpha];
}

Deno.test("stepsOf() finds every step of the report's scale in a canvas's pixels", () => {
  const rgba = Uint8ClampedArray.from(colours.flatMap(pixelOf));
  deepEqual([...stepsOf(rgba, colours)], colours.map((_, step) => step));
});

Deno.test("stepAbove() is the first step whose score is above", () => {
  equal(stepAbove(0, 2, 64), 1);
  equal(stepAbove(1, 2, 64), 33);
  equal(stepAbove(0.99, 2, 64), 32);
});

/** Area inside a closed outline by its upright sides: each crosses a row of pixels once. */
function areaOf(path: string, width: number, height: number): number {
  const sides = [...path.matchAll(/M(\d+) (\d+)V(\d+)/g)].map((
    [, x, from, to],
  ) => [Number(x), Number(from), Number(to)]);
  let inside = 0;
  for (let y = 0; y < height; y++) {
    const crossed = sides.filter(([, from, to]) => from <= y && y < to).map(([x]) => x).sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossed.length; i += 2) inside += crossed[i + 1] - crossed[i];
  }
  return inside > width * height ? NaN : inside;
}

Deno.test("outlinePath() goes once around every pixel that is inside", () => {
  equal(outlinePath(() => false, 4, 3), "");
  equal(outlinePath(() => true, 2, 1), "M0 0H2M0 1H2M0 0V1M2 0V1");
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
      (width, mask) => {
        const height = Math.ceil(mask.length / width);
        equal(areaOf(outlinePath((i) => mask[i] === true, width, height), width, height), mask.filter(Boolean).length);
      },
    ),
  );
});
