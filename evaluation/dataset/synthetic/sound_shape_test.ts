import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../../../core/mod.ts";
import { bagel } from "./bagel.ts";
import { cookie } from "./cookie.ts";
import { type Draws, drawsOf } from "./draws.ts";
import { potato } from "./potato.ts";
import type { Product } from "./product.ts";
import { soundShape } from "./sound_shape.ts";

const drawing = (name: string) => (vary: number): Draws =>
  drawsOf(randomStream(8, name), randomStream(8, "alike"), vary);

/** Height of a product whose heights are `height` of a measure that is 1 at factor 0 and 1 ± 0.3 · factor at others. */
function product(height: (measure: number, distance: number) => number): Product {
  return {
    reach: 0.045,
    tilt: 0,
    shape(draws) {
      const measure = draws.between(0.7, 1.3);
      return { parameters: { measure }, height: (x, y) => height(measure, Math.hypot(x, y)) };
    },
  };
}

/** What several instances were drawn with, and the measures that they have. */
const instances = (of: Product, vary: number) =>
  Array.from({ length: 30 }, (_, i) => {
    const { shape, vary: factor } = soundShape(of, drawing(`${i}`), vary);
    return { factor, measure: shape.parameters.measure };
  });

Deno.test("soundShape() draws with the factor that is asked for, up to 1 without a look", () => {
  const unseen = product(() => {
    throw new Error("looked at");
  });
  for (const vary of [0, 0.4, 1]) ok(instances(unseen, vary).every(({ factor }) => factor === vary));
  const disc = product((measure, r) => r < 0.02 * measure ? 0.01 : 0);
  const found = instances(disc, 2);
  ok(found.every(({ factor }) => factor === 2));
  ok(found.some(({ measure }) => measure > 1.4) && found.some(({ measure }) => measure < 0.6));
});

Deno.test("soundShape() takes less where a part would leave the picture, grow too high, lose a hole or tear", () => {
  const cases: Record<string, { of: Product; from?: number; to?: number }> = {
    "leaves the picture": { of: product((measure, r) => r < 0.032 * measure ? 0.01 : 0), to: 0.0531 / 0.032 },
    "is too high": { of: product((measure, r) => r < 0.03 ? 0.03 * measure : 0), to: 0.052 / 0.03 },
    "is too thin": { of: product((measure, r) => r < 0.03 ? 0.02 * (measure - 0.5) : 0), from: 0.5 + 0.25 * 0.2 },
    // the hole's area may fall to a quarter of the usual
    "loses its hole": {
      of: product((measure, r) => r > 0.016 * measure && r < 0.04 ? 0.01 : 0),
      from: 0.5 * 0.7 - 0.05,
    },
    "tears": { of: product((measure, r) => r < 0.012 || r < 0.03 && r > 0.02 * measure ? 0.01 : 0), from: 0.5 },
  };
  for (const [what, { of, from = 0, to = Infinity }] of Object.entries(cases)) {
    const found = instances(of, 3.5);
    const less = found.filter(({ factor }) => factor < 3.5).length;
    ok(less > 0 && less < found.length, `${what}: ${less} of ${found.length} drawn with less`);
    for (const { factor, measure } of found) {
      ok(measure >= from && measure <= to, `${what}: a measure of ${measure} with factor ${factor}`);
      const steps = Math.log(factor / 3.5) / Math.log(0.9);
      ok(factor === 1 || Math.abs(steps - Math.round(steps)) < 1e-9, `${what}: factor ${factor}`);
    }
  }
});

Deno.test("soundShape() draws as usual what is not sound at any factor beyond", () => {
  const of = product((measure, r) => r < 0.03 ? (measure === usual ? 0.01 : 0.06) : 0);
  const usual = of.shape(drawing("one")(1)).parameters.measure;
  const { shape, vary, reach } = soundShape(of, drawing("one"), 3);
  deepEqual([shape.parameters.measure, vary, reach], [usual, 1, 0.045]);
});

for (
  const [name, of, hole] of [["bagel", bagel, true], ["cookie", cookie, false], ["potato", potato, false]] as const
) {
  Deno.test(`soundShape() keeps each ${name} whole at factors 3 and 4`, () => {
    for (const vary of [3, 4]) {
      let asAsked = 0;
      for (let i = 0; i < 25; i++) {
        const { shape, vary: factor } = soundShape(of, drawing(`${name} ${vary} ${i}`), vary);
        asAsked += factor === vary ? 1 : 0;
        // along each direction: the part from the middle, or from the hole's rim, to the outline, and nothing beyond
        for (let turn = 0; turn < 48; turn++) {
          const [cos, sin] = [Math.cos(2 * Math.PI * turn / 48), Math.sin(2 * Math.PI * turn / 48)];
          const heights = Array.from({ length: 60 }, (_, r) => shape.height(0.001 * r * cos, 0.001 * r * sin));
          const on = heights.map((height) => height > 0 ? "#" : ".").join("");
          ok((hole ? /^\.+#+\.+$/ : /^#+\.+$/).test(on), `${name} ${i}, turn ${turn}: ${on}`);
          ok(on.lastIndexOf("#") <= 52 && Math.max(...heights) <= 0.053, `${name} ${i}, turn ${turn}`);
        }
      }
      ok(asAsked >= 15, `${asAsked} of 25 with factor ${vary}`);
      equal(soundShape(of, drawing(name), 1).reach, of.reach);
    }
  });
}
