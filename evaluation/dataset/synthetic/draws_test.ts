import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { randomStream } from "../../../core/mod.ts";
import { drawsOf } from "./draws.ts";
import { between, closedCurve, smoothField } from "./smooth_field.ts";

const OUTLINE = { first: 1, last: 4, spread: 0.1 }, FIELD = { spacing: 0.1, spread: 0.3, reach: 1 };

/** Ten of everything, for one instance. */
function drawn(instance: string, vary: number) {
  const draws = drawsOf(randomStream(3, instance), randomStream(3, "alike"), vary);
  const ten = (draw: () => number) => Array.from({ length: 10 }, draw);
  const measures = ten(() => draws.between(2, 4)), places = ten(() => draws.uniform());
  const numbers = ten(() => draws.integer(7)), curve = draws.closedCurve(OUTLINE), field = draws.smoothField(FIELD);
  return { measures, places, numbers, curve: [-3, 0, 1].map(curve), field: [-0.7, 0, 0.4].map((x) => field(x, 0.2)) };
}

Deno.test("drawsOf() at factor 1 gives what the instance's own stream gives, to the last bit", () => {
  const own = randomStream(3, "a"), ten = (draw: () => number) => Array.from({ length: 10 }, draw);
  const measures = ten(() => between(own, 2, 4)),
    places = ten(() => own.uniform()),
    numbers = ten(() => own.integer(7));
  const curve = closedCurve(own, OUTLINE), field = smoothField(own, FIELD);
  deepEqual(drawn("a", 1), {
    measures,
    places,
    numbers,
    curve: [-3, 0, 1].map(curve),
    field: [-0.7, 0, 0.4].map((x) => field(x, 0.2)),
  });
});

Deno.test("drawsOf() at factor 0 gives every instance the same: middles, and no curves and fields", () => {
  const draws = drawn("a", 0);
  notDeepEqual(drawn("a", 1), drawn("b", 1));
  deepEqual(draws, drawn("b", 0));
  deepEqual(draws.measures, Array(10).fill(3));
  ok([...draws.curve, ...draws.field].every((value) => value === 0));
  equal(new Set(draws.places).size, 10);
});

Deno.test("drawsOf() scales measures about their middle, curves and fields about 0", () => {
  const usual = drawn("a", 1);
  for (const vary of [0.5, 1.5, 3]) {
    const draws = drawn("a", vary), close = (a: number, b: number) => ok(Math.abs(a - b) < 1e-12, `${a} and ${b}`);
    draws.measures.forEach((value, i) => close(value - 3, vary * (usual.measures[i] - 3)));
    draws.curve.forEach((value, i) => close(value, vary * usual.curve[i]));
    draws.field.forEach((value, i) => close(value, vary * usual.field[i]));
  }
  const draws = drawsOf(randomStream(3, "a"), randomStream(3, "alike"), 4);
  const measures = Array.from({ length: 200 }, () => draws.between(0.4, 0.8)); // from -0.2 on, if that were a measure
  equal(Math.min(...measures), 0);
  ok(Math.max(...measures) > 1.3);
});

Deno.test("drawsOf() moves places and numbers to the common ones below factor 1, and leaves them alone above", () => {
  const usual = drawn("a", 1), alike = drawn("a", 0), half = drawn("a", 0.5), triple = drawn("a", 3);
  deepEqual([triple.places, triple.numbers], [usual.places, usual.numbers]);
  half.places.forEach((place, i) => ok(Math.abs(place - (usual.places[i] + alike.places[i]) / 2) < 1e-12));
  ok(half.numbers.every((number, i) => Math.abs(number - (usual.numbers[i] + alike.numbers[i]) / 2) <= 0.5));
});
