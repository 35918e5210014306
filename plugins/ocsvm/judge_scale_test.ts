import { deepEqual, equal, ok } from "node:assert/strict";
import { placeRanking, randomStream, type ScoreMap } from "../../core/mod.ts";
import { defectExample, normalExample } from "./examples.ts";
import { coarseExamples, meanArea, officialArea, rankedExamples } from "./judge_scale.ts";
import { levelCells, placeCells, type PlaneCells } from "./plane_cells.ts";
import { drawnExamples, resampledAreas, spreadOf } from "./resampled_areas.ts";

const SIDE = 40, PLACES = SIDE * SIDE;
const map = (values: Float32Array): ScoreMap => ({ size: SIDE, values, score: Math.max(...values) });

/** Noise in both branches on half of the map; kind `a` speaks in the feature branch and kind `b` in the other, kind `good` in none. */
function example(seed: number, kind: "good" | "a" | "b") {
  const random = randomStream(seed, "judge"), truth = new Uint8Array(PLACES);
  const s1 = new Float32Array(PLACES), s2 = new Float32Array(PLACES);
  for (let i = 0; i < PLACES / 2; i++) {
    s1[i] = random.uniform() ** 3;
    s2[i] = random.uniform() < 0.05 ? random.uniform() : 0;
    if (kind === "good" || i % SIDE > 5 || i > 6 * SIDE) continue;
    truth[i] = 1;
    if (kind === "a") s1[i] += 0.7 * random.uniform();
    else s2[i] += random.uniform();
  }
  return { kind, truth, feature: map(s1), missing: map(s2) };
}

const goods = [1, 2, 3].map((seed) => example(seed, "good"));
const defects = [4, 5, 6, 7].map((seed) => example(seed, seed % 2 === 0 ? "a" : "b"));
const examples = [...goods.map(normalExample), ...defects.map((maps) => defectExample(maps, "synthetic"))];

const score = (x: number, y: number) => Math.fround(x + y);
const K = 0.6;
const ranked = (cells: PlaneCells) => rankedExamples(cells, K, score);

/** The definition: each kind with all normal maps, place by place. */
function definition(): number {
  const scored = ({ feature, missing, truth }: typeof goods[number]) => ({
    scores: feature.values.map((value, i) => score(K * value, missing.values[i])),
    truth,
  });
  const areas = ["a", "b"].map((kind) =>
    placeRanking([...goods, ...defects.filter((one) => one.kind === kind)].map(scored), [0.05])!["0.05"]
  );
  return (areas[0] + areas[1]) / 2;
}

Deno.test("meanArea() of places is the mean of each kind's exact AU-PRO@0.05, and that of levels is near", () => {
  const want = definition(), exact = meanArea(ranked(placeCells(examples)));
  ok(want > 0.1 && want < 0.9);
  ok(Math.abs(exact - want) < 1e-12, `${exact}, not ${want}`);
  const near = meanArea(ranked(levelCells(examples)));
  ok(Math.abs(near - want) < 2e-3, `${near}, not ${want}`);
});

Deno.test("levelCells() lose no place and no share, and a level is never below its values", () => {
  const cells = levelCells(examples);
  equal(new Set(Array.from(cells.s1, (value, i) => `${value} ${cells.s2[i]}`)).size, cells.s1.length);
  cells.examples.forEach(({ normal, share, defects: count }, i) => {
    const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0), { shares } = examples[i];
    equal(sum(normal), PLACES - shares.filter((value) => value > 0).length);
    ok(Math.abs(sum(share) - count) < 1e-12);
  });
  equal(Math.max(...cells.s1), Math.max(...examples.flatMap(({ s1 }) => [...s1])));
  equal(Math.max(...cells.s2), Math.max(...examples.flatMap(({ s2 }) => [...s2])));
  deepEqual([cells.s1[0], cells.s2[0]], [0, 0]);
});

Deno.test("officialArea() is that of 100 thresholds over all scans as one group, each connected defect by itself", () => {
  const torn = { ...defects[0], truth: defects[0].truth.map((place, i) => place && i % SIDE !== 2 ? 1 : 0) };
  const labelled = [torn, goods[0]], cells = placeCells(labelled.map((maps) => defectExample(maps, "labelled")));
  const ok: number[] = [], parts: number[][] = [[], []];
  for (const { feature, missing, truth } of labelled) {
    truth.forEach((place, i) => {
      const value = score(K * feature.values[i], missing.values[i]);
      (place ? parts[i % SIDE < 2 ? 0 : 1] : ok).push(value);
    });
  }
  ok.sort((a, b) => a - b);
  const corners = [[1, 1]];
  for (let i = 0; i < 100; i++) {
    const position = i === 99 ? ok.length - 1 : Math.trunc(i * ((ok.length - 1) / 99));
    const found = parts.map((part) => part.filter((value) => value > ok[position]).length / part.length);
    corners.push([1 - (position + 1) / ok.length, (found[0] + found[1]) / 2]);
  }
  corners.reverse();
  let area = 0;
  for (let i = 1; i < corners.length && corners[i - 1][0] < 0.3; i++) {
    const [[x0, y0], [x1, y1]] = [corners[i - 1], corners[i]], x = Math.min(x1, 0.3);
    area += (x - x0) * (y0 + y0 + (y1 - y0) * (x - x0) / (x1 - x0)) / 2;
  }
  equal(Math.round(1e12 * officialArea(ranked(cells))), Math.round(1e12 * area / 0.3));
});

Deno.test("coarseExamples() change J by less than a hundredth, and have few ranks", () => {
  const fine = ranked(placeCells(examples)), coarse = coarseExamples(fine);
  ok(coarse.ranks > 50 && coarse.ranks < 1000 && fine.ranks > 2000, `${coarse.ranks} of ${fine.ranks}`);
  ok(Math.abs(meanArea(coarse) - meanArea(fine)) < 0.01, `${meanArea(coarse)}, not ${meanArea(fine)}`);
  coarse.examples.forEach(({ normal, share }, i) => {
    const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
    equal(sum(normal), sum(fine.examples[i].normal));
    ok(Math.abs(sum(share) - sum(fine.examples[i].share)) < 1e-9);
  });
});

Deno.test("drawnExamples() draw as many of each kind as there are, the same at every call", () => {
  const cells = levelCells(examples),
    draw = () => drawnExamples(cells.examples, randomStream(1, "draws")),
    draws = draw();
  equal(draws.length, 500);
  deepEqual(draw(), draws);
  for (const kind of [undefined, "a", "b"]) {
    const indices = examples.flatMap((one, i) => one.kind === kind ? [i] : []);
    const sums = draws.map((times) => indices.reduce((sum, i) => sum + times[i], 0));
    ok(sums.every((sum) => sum === indices.length));
    ok(draws.some((times) => times[indices[0]] === 0) && draws.some((times) => times[indices[0]] > 1));
  }
});

Deno.test("resampledAreas() are J of the drawn scans; no spread where all scans are the same, none of a J to itself", () => {
  const cells = placeCells(examples), times = Uint32Array.of(0, 2, 1, 2, 1, 0, 1);
  const repeated = [1, 1, 2, 3, 3, 4, 6].map((index) => examples[index]);
  ok(Math.abs(meanArea(ranked(cells), times) - meanArea(ranked(placeCells(repeated)))) < 1e-12);
  const same = levelCells([normalExample(goods[0]), ...[0, 0, 0].map(() => defectExample(defects[0], "synthetic"))]);
  ok(spreadOf(resampledAreas(ranked(same), drawnExamples(same.examples, randomStream(1, "draws")))) < 1e-12);
  const draws = drawnExamples(cells.examples, randomStream(1, "draws")), areas = resampledAreas(ranked(cells), draws);
  ok(spreadOf(areas) > 1e-3 && spreadOf(areas) < 0.2, `${spreadOf(areas)}`);
  equal(spreadOf(areas, areas), 0);
  const near = resampledAreas(rankedExamples(cells, 1.01 * K, score), draws);
  ok(spreadOf(near, areas) > 0 && spreadOf(near, areas) < spreadOf(areas) / 3);
});
