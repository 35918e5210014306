import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { evenLine, fitBoundary, missingWeight, scoreBy } from "./fit_boundary.ts";
import { minimumNormBoundary } from "./minimum_norm.ts";
import { type OcsvmOptions, presets } from "./options.ts";
import { stochasticDescent } from "./stochastic_descent.ts";

/** 200 pairs around (2, 1), all above 0. */
const pairs = Float64Array.from({ length: 400 }, (_, i) => i % 2 === 0 ? 2 + Math.sin(i) : 1 + 0.9 * Math.cos(3 * i));
const kernels: readonly OcsvmOptions[] = [presets.linear, presets.sgd, { ...presets.rbf, nu: 0.1 }];

Deno.test("a line is that of its arithmetic, and its score the distance along w above that of the origin", () => {
  for (const [options, fitted] of [[presets.linear, minimumNormBoundary], [presets.sgd, stochasticDescent]] as const) {
    const boundary = fitBoundary(pairs, options, 1e-3), { w, rho } = fitted(pairs, 0.5);
    deepEqual(boundary, { line: { w, rho }, even: false });
    ok(Math.abs(scoreBy(boundary)(3, 4) - (3 * w[0] + 4 * w[1]) / Math.hypot(...w)) < 1e-12);
  }
});

Deno.test("where pairs give a branch no weight, or all but none, the line weighs both alike", () => {
  for (const silent of [0, 1e-30]) {
    for (const branch of [0, 1]) {
      const flat = pairs.map((value, i) => i % 2 === branch ? silent : value);
      for (const options of [presets.linear, presets.sgd]) {
        const boundary = fitBoundary(flat, options, 1e-3);
        ok("line" in boundary && boundary.even);
        deepEqual(boundary.line.w, [Math.SQRT1_2, Math.SQRT1_2]);
      }
    }
  }
  const edge = evenLine(Float64Array.of(0, 1, 1, 1, 3, 0, 2, 2), 1 / 3);
  ok("line" in edge && Math.abs(edge.line.rho - 2 * Math.SQRT1_2) < 1e-15);
});

Deno.test("every boundary's score is 0 at the origin, rises with either coordinate, and puts the far above the near", () => {
  for (const options of kernels) {
    const score = scoreBy(fitBoundary(pairs, options, 1e-4));
    equal(score(0, 0), 0);
    ok(score(9, 1) > score(2, 1) && score(2, 9) > score(2, 1) && score(90, 90) > score(9, 9));
    const coordinate = fc.double({ min: 0, max: 20, noNaN: true });
    fc.assert(fc.property(coordinate, coordinate, coordinate, (x, y, rise) => {
      ok(score(x + rise, y) >= score(x, y) && score(x, y + rise) >= score(x, y));
    }));
  }
});

Deno.test("missingWeight() is how many feature scores a millimetre counts", () => {
  for (const options of kernels) {
    const boundary = fitBoundary(pairs, options, 1e-4), score = scoreBy(boundary), k = 0.25, far = 1e6;
    const byFeature = score(k * far, 0), byMissing = score(0, far / missingWeight(boundary, k));
    ok(Math.abs(byFeature / byMissing - 1) < 1e-3, `${byFeature}, ${byMissing}`);
  }
});
