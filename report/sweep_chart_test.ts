import { deepEqual, equal, ok } from "node:assert/strict";
import type { Sweep } from "../evaluation/mod.ts";
import { LEFT, PLOT } from "./charts.ts";
import { chosenPoint, sweepChart, sweepSvg } from "./sweep_chart.ts";

const point = (q: number, k: number | null, auPro: number | null, auProStrict = auPro) => ({
  q,
  k,
  auPro,
  auProStrict,
});

const sweep = (points: Sweep["points"], chosen = 2): Sweep => ({
  category: "cookie",
  dataset: "original",
  testSet: "reduced",
  method: "fpfh+nearest-normal/ocsvm",
  points,
  chosen,
});

const corners = (svg: string, kind: string) =>
  [...svg.matchAll(new RegExp(`<polyline class="sweep ${kind}" points="([^"]*)"`, "g"))]
    .map(([, list]) => list.split(" ").map((pair) => pair.split(",").map(Number)));

Deno.test("chosenPoint() is nearest by the ratio of k, the smaller q of two as near", () => {
  const at = (ks: readonly (number | null)[], chosen: number) =>
    chosenPoint(sweep(ks.map((k, i) => point(i / 10, k, 0.5)), chosen))?.q;
  equal(at([8, 4, 1], 2.1), 0.1, "4 is 1.9 times as large, 1 is 2.1 times as small");
  equal(at([8, 4, 1], 2), 0.1);
  equal(at([1, 4], 2), 0);
  equal(at([null, 4], 2), 0.1);
  equal(at([null, 0], 2), undefined);
  equal(at([], 2), undefined);
});

Deno.test("sweepChart() puts quantiles and figures where its axes say", () => {
  const svg = sweepChart(sweep([point(0, 4, 0.5, 0.3), point(0.25, 3, 0.6, 0.4), point(1, 2, 0.7, 0.5)]));
  const [wide] = corners(svg, "wide"), [strict] = corners(svg, "strict");
  deepEqual(wide.map(([x]) => x), [LEFT, LEFT + PLOT / 4, LEFT + PLOT]);
  // a tick's line stands where a figure of that height does
  const ticks = new Map(
    [...svg.matchAll(/<line class="grid"[^>]* y1="([\d.]+)"[^>]*\/><text [^>]*>([\d.]+)</g)]
      .map(([, y, words]) => [words, Number(y)]),
  );
  for (const [words, y] of [["50", wide[0][1]], ["60", wide[1][1]], ["30", strict[0][1]]] as const) {
    ok(Math.abs(ticks.get(words)! - y) <= 0.1, `${words}: ${ticks.get(words)}, not ${y}`);
  }
  const marked = /<line class="threshold" x1="([\d.]+)"/.exec(svg)!;
  equal(Number(marked[1]), LEFT + PLOT);
  ok(svg.includes("k in use: 2.00 (q 1)"));
  ok(sweepChart(sweep([point(0, 4, 0.5), point(3 * 0.1, 2.1, 0.6)])).includes("k in use: 2.00 (nearest q 0.3)"));
});

Deno.test("sweepChart() breaks its lines where there is no figure, and stands without any", () => {
  const gap = sweepChart(sweep([point(0, 1, 0.5), point(0.5, null, null), point(0.8, 2, 0.6), point(1, 3, 0.7)]));
  deepEqual(corners(gap, "wide").map((run) => run.length), [1, 2]);
  for (
    const svg of [
      sweepChart(sweep([])),
      sweepChart(sweep([point(0.5, null, null)])),
      sweepChart(sweep([point(1, 2, 1)])),
    ]
  ) {
    ok(!/NaN|Infinity|undefined/.test(svg), svg);
  }
  ok(!sweepChart(sweep([])).includes("threshold"));
});

Deno.test("sweepSvg() is a file of its own with the chart's parts and its style", () => {
  const one = sweep([point(0, 4, 0.5), point(1, 2, 0.6)]), svg = sweepSvg(one);
  ok(
    svg.startsWith(`<svg xmlns="http://www.w3.org/2000/svg" width="1120" height="580" class="chart" viewBox="0 0 560 `),
  );
  ok(svg.includes("prefers-color-scheme: dark") && svg.includes(".chart .sweep.wide"));
  const content = sweepChart(one);
  ok(svg.includes(content.slice(content.indexOf(">") + 1)));
});
