import { ok } from "node:assert/strict";
import { randomStream } from "../../../core/mod.ts";
import { closedCurve, hill, smoothField } from "./smooth_field.ts";

Deno.test("smoothField() has the asked spread at its nodes and no steps between them", () => {
  const spacing = 0.01, spread = 0.5, reach = 1;
  const field = smoothField(randomStream(3, "field"), { spacing, spread, reach });
  let squares = 0, count = 0;
  for (let j = 0; j < 60; j++) {
    for (let i = 0; i < 60; i++, count++) squares += field(-0.9 + 3 * i * spacing, -0.9 + 3 * j * spacing) ** 2;
  }
  // 3600 values, three nodes apart and so independent: the standard error of their deviation is spread / √7200.
  const deviation = Math.sqrt(squares / count);
  ok(Math.abs(deviation - spread) < 5 * spread / Math.sqrt(7200), `${deviation}`);
  // The largest slope of a cubic B-spline along one axis is 2/3 of a step between neighbouring coefficients, at most 2·6σ of 2·spread.
  for (let x = -0.5; x < 0.5; x += 0.00037) {
    ok(Math.abs(field(x + 1e-5, 0.1) - field(x, 0.1)) < 1e-5 / spacing * 24 * spread);
  }
});

Deno.test("closedCurve() closes and is defined for every direction", () => {
  const curve = closedCurve(randomStream(1, "curve"), { first: 2, last: 5, spread: 0.1 });
  ok(Math.abs(curve(-Math.PI) - curve(Math.PI)) < 1e-12);
  ok(Math.abs(curve(0.3) - curve(0.3 + 2 * Math.PI)) < 1e-12);
  const sampled = Array.from({ length: 1000 }, (_, i) => curve(2 * Math.PI * i / 1000));
  const mean = sampled.reduce((a, b) => a + b, 0) / 1000;
  ok(Math.abs(mean) < 1e-4, `${mean}`); // harmonics from the second on have no mean; the table is linear between its entries
});

Deno.test("hill() follows the Gaussian near the middle and ends at its radius", () => {
  const sigma = 0.5;
  ok(Math.abs(hill(0.01, 2 * sigma) - Math.exp(-0.01 / (2 * sigma * sigma))) < 2e-4);
  ok(hill(1, 2 * sigma) === 0 && hill(4, 2 * sigma) === 0 && hill(0, 1) === 1);
});
