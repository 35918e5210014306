import { deepEqual, equal, ok } from "node:assert/strict";
import type { Sweep } from "../evaluation/mod.ts";
import { LEFT, PLOT } from "./charts.ts";
import { chosenPoint, sweepChart, sweepSvg } from "./sweep_chart.ts";

const point = (k: number, auPro: number | null, q: number | null = null, auProStrict = auPro) => ({
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

Deno.test("chosenPoint() has the k in use", () => {
  equal(chosenPoint(sweep([point(1, 0.5), point(2, 0.6), point(4, 0.7)]))?.auPro, 0.6);
  equal(chosenPoint(sweep([])), undefined);
});

Deno.test("sweepChart() puts k by its ratios, figures where its axis says, and marks the k in use", () => {
  const svg = sweepChart(sweep([point(1, 0.5, null, 0.3), point(2, 0.6, 3 * 0.1, 0.4), point(16, 0.7, null, 0.5)]));
  const [wide] = corners(svg, "wide"), [strict] = corners(svg, "strict");
  deepEqual(wide.map(([x]) => x), [LEFT, LEFT + PLOT / 4, LEFT + PLOT]);
  // a tick's line stands where a figure of that height does
  const ticks = new Map(
    [...svg.matchAll(/<line class="grid" x1="46"[^>]* y1="([\d.]+)"[^>]*\/><text [^>]*>([\d.]+)</g)]
      .map(([, y, words]) => [words, Number(y)]),
  );
  for (const [words, y] of [["50", wide[0][1]], ["60", wide[1][1]], ["30", strict[0][1]]] as const) {
    ok(Math.abs(ticks.get(words)! - y) <= 0.1, `${words}: ${ticks.get(words)}, not ${y}`);
  }
  const columns = [...svg.matchAll(/<text class="axis" x="([\d.]+)" y="[\d.]+" text-anchor="middle">(\d+)</g)];
  deepEqual(
    columns.map(([, x, words]) => [words, Number(x)]),
    [1, 2, 5, 10].map((k) => [
      String(k),
      Number((LEFT + PLOT * Math.log2(k) / 4).toFixed(1)),
    ]),
  );
  equal(Number(/<line class="threshold" x1="([\d.]+)"/.exec(svg)![1]), LEFT + PLOT / 4);
  ok(svg.includes("k in use: 2.00 (q 0.3)"));
  ok(svg.includes("<title>k 2.00, q 0.3: 60.0 % up to 0.3, 40.0 % up to 0.05</title>"));
});

Deno.test("sweepChart() marks quantiles, names those there is room for, and says where none gives a k", () => {
  const labels = (svg: string) =>
    [...svg.matchAll(/<text class="axis" x="[\d.]+" y="56.0" text-anchor="middle">([\d.]+)</g)].map(([, words]) =>
      words
    );
  const rings = (svg: string) => svg.match(/class="ring"/g)?.length ?? 0;
  const some = sweepChart(sweep([point(1, 0.5, 0.2), point(1.01, 0.5, 0.25), point(2, 0.5), point(4, 0.5, 1)]));
  deepEqual(labels(some), ["0.2", "1"]);
  equal(rings(some), 2 * 3 + 1, "on both lines, and what it means");
  ok(!some.includes("no quantile") && some.includes("k in use: 2.00<"));
  const none = sweepChart(sweep([point(1, 0.5), point(2, 0.5)]));
  deepEqual([labels(none), rings(none), none.includes("no quantile gives a k")], [[], 0, true]);
});

Deno.test("sweepChart() breaks its lines where there is no figure, and stands without any", () => {
  const gap = sweepChart(sweep([point(1, 0.5), point(1.5, null), point(2, 0.6), point(3, 0.7)]));
  deepEqual(corners(gap, "wide").map((run) => run.length), [1, 2]);
  for (
    const svg of [sweepChart(sweep([])), sweepChart(sweep([point(2, null, 0.5)])), sweepChart(sweep([point(2, 1)]))]
  ) {
    ok(!/NaN|Infinity|undefined/.test(svg), svg);
  }
});

Deno.test("sweepSvg() is a file of its own with the chart's parts and its style", () => {
  const one = sweep([point(2, 0.6), point(4, 0.5, 0.99)]), svg = sweepSvg(one);
  ok(
    svg.startsWith(`<svg xmlns="http://www.w3.org/2000/svg" width="1120" height="624" class="chart" viewBox="0 0 560 `),
  );
  ok(svg.includes("prefers-color-scheme: dark") && svg.includes(".chart .sweep.wide"));
  const content = sweepChart(one);
  ok(svg.includes(content.slice(content.indexOf(">") + 1)));
});
