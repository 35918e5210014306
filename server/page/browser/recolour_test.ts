import { deepEqual, equal, throws } from "node:assert/strict";
import { type Colour, colourOf, colourPoints, parseColour } from "./recolour.ts";

const colours: readonly Colour[] = [[0, 0, 0, 0], [100, 0, 0, 0.5], [200, 0, 0, 1]];
const axis = new Float32Array(3);
const points = {
  count: 3,
  axes: [axis, axis, axis] as const,
  scores: Float32Array.of(0, 1, 2.5),
  greys: Uint8Array.of(50, 60, 70),
};

Deno.test("parseColour() reads what the server writes, and nothing else", () => {
  deepEqual(parseColour("rgba(42, 34, 118, 0.0078)"), [42, 34, 118, 0.0078]);
  deepEqual(parseColour("rgb(1,2,3)"), [1, 2, 3, 1]);
  for (const css of ["#fff", "rgb(1,2)", "rgb(a,b,c)", "rgba(1,2,3,0.5,1)", "url(x)"]) {
    throws(() => parseColour(css), RangeError);
  }
});

Deno.test("colourOf() takes the nearest step and ends with the last", () => {
  equal(colourOf(1.1, 2, colours), colours[1]);
  equal(colourOf(99, 2, colours), colours[2]);
  equal(colourOf(-1, 2, colours), colours[0]);
});

Deno.test("points are grey under their colour, and have it in full above the threshold", () => {
  const scale = { max: 2, colours };
  deepEqual(colourPoints(points, { ...scale, threshold: 2, onlyAbove: false }), {
    colours: ["rgb(50,50,50)", "rgb(80,30,30)", "rgb(200,0,0)"],
    above: [2],
  });
  deepEqual(colourPoints(points, { ...scale, threshold: 0.5, onlyAbove: true }), {
    colours: ["rgb(50,50,50)", "rgb(100,0,0)", "rgb(200,0,0)"],
    above: [1, 2],
  });
  deepEqual(
    colourPoints(points, { ...scale, threshold: 2.5, onlyAbove: true }).above,
    [],
    "at the threshold is not above",
  );
});
