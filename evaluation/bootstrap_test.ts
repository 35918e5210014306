import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { type RandomStream, randomStream } from "../core/mod.ts";
import { bootstrap, BOOTSTRAP_LIMITS, intervalsOf, percentiles } from "./bootstrap.ts";
import { ScoreRefused } from "./errors.ts";
import { auroc, GOOD, mapMetrics, type ScoredMap } from "./metrics/mod.ts";
import { connectedComponents } from "./metrics/components.ts";
import { type NamedScore, scanHistograms } from "./scan_histograms.ts";

const SIDE = 16;
const walked = (list: readonly ScoredMap[]) => ({
  async *walk() {
    yield* list;
  },
});

/** A map with half its places 0, as a background is, and two defects of unlike sizes where it is not good. */
function map(name: string, defect: string, random: RandomStream, strength: number): ScoredMap {
  const truth = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = i % SIDE, y = Math.floor(i / SIDE);
    return defect !== GOOD && ((x >= 9 && x < 13 && y < 4) || (x === 15 && y > 9)) ? 1 : 0;
  });
  const scores = Float32Array.from(
    truth,
    (anomalous, i) =>
      anomalous === 0 && i % 2 === 0 ? 0 : Math.abs(random.normal()) + (anomalous ? strength * random.uniform() : 0),
  );
  return { name, defect, width: SIDE, height: SIDE, scores, truth };
}

/** Four good scans, three dents, two holes; scan scores with ties. */
function category(seed: number, strength = 2): { maps: ScoredMap[]; scans: NamedScore[] } {
  const random = randomStream(seed, "bootstrap/test");
  const maps = ["good", "good", "good", "good", "dent", "dent", "dent", "hole", "hole"].map((defect, i) =>
    map(`${defect}/${i}`, defect, random, strength)
  );
  const scans = maps.map(({ name, defect }, i) => ({ name: name!, defect, score: [1, 2, 3, 4, 2, 4, 5, 0, 6][i] }));
  return { maps, scans };
}

/** The draws that `bootstrap` makes, as lists of scans: inside each type, types and names sorted. */
function drawsOf(scans: readonly NamedScore[], rounds: number, seed: number, stream: string): string[][] {
  const random = randomStream(seed, `bootstrap/${stream}`);
  const strata = ["dent", "good", "hole"].map((defect) => scans.filter((scan) => scan.defect === defect));
  return Array.from(
    { length: rounds },
    () => strata.flatMap((members) => members.map(() => members[random.integer(members.length)].name)),
  );
}

/** The maps of a draw, by name; a scan drawn twice is there twice. */
const drawn = (maps: readonly ScoredMap[], names: readonly string[]) =>
  names.map((name) => maps.find((one) => one.name === name)!);

/** The exact curve's area by the definition: all scores are thresholds; plain counts. */
async function exactFigures(maps: readonly ScoredMap[]) {
  return (await mapMetrics(walked(maps), { limits: BOOTSTRAP_LIMITS })).all!;
}

Deno.test("bootstrap() equals AU-PRO and AUROC of each draw where each score has a bin of its own", async () => {
  const { maps, scans } = category(1);
  for (const one of maps) one.scores.set(one.scores.map((score) => Math.round(8 * score) / 8)); // few scores, many ties
  const histograms = await scanHistograms(walked(maps), scans, { grid: 1e5 });
  const { all, byDefect } = bootstrap(histograms, { rounds: 100, seed: 7, stream: "toy" });
  for (const [round, names] of drawsOf(scans, 100, 7, "toy").entries()) {
    const want = await exactFigures(drawn(maps, names));
    for (const limit of BOOTSTRAP_LIMITS) {
      // both sum at most some hundred terms up to 1 in float64
      ok(Math.abs(all.exact[limit].draws[round] - want.exact[limit]) < 1e-12, `round ${round}, limit ${limit}`);
    }
    ok(Math.abs(all.pixelAuroc.draws[round] - want.pixelAuroc) < 1e-12, `round ${round}`);
    const scoreOf = (wanted: (defect: string) => boolean) =>
      names.map((name) => scans.find((scan) => scan.name === name)!).filter(({ defect }) => wanted(defect))
        .map(({ score }) => score);
    const good = scoreOf((defect) => defect === GOOD);
    equal(all.scanAuroc.draws[round], auroc(scoreOf((defect) => defect !== GOOD), good));
    equal(byDefect.get("hole")!.scanAuroc.draws[round], auroc(scoreOf((defect) => defect === "hole"), good));
    const holes = drawn(maps, names.filter((name) => !name.startsWith("dent")));
    const byHole = byDefect.get("hole")!.exact["0.3"].draws[round];
    ok(Math.abs(byHole - (await exactFigures(holes)).exact["0.3"]) < 1e-12);
  }
});

Deno.test("bootstrap() is within the grid's error of each draw's exact AU-PRO", async () => {
  const { maps, scans } = category(2);
  for (const grid of [32, 4096]) {
    const histograms = await scanHistograms(walked(maps), scans, { grid });
    const { all } = bootstrap(histograms, { rounds: 200, seed: 3, stream: "toy" });
    let furthest = 0;
    for (const [round, names] of drawsOf(scans, 200, 3, "toy").entries()) {
      const found = new Float64Array(histograms.bins);
      let components = 0;
      for (const name of names) {
        const { overlap, components: own } = histograms.scans.find((scan) => scan.name === name)!;
        overlap?.forEach((weight, bin) => found[bin] += weight);
        components += own;
      }
      const bound = Math.max(...found) / components; // two monotone curves through the same corners
      const exact = (await exactFigures(drawn(maps, names))).exact;
      for (const limit of BOOTSTRAP_LIMITS) {
        const away = Math.abs(all.exact[limit].draws[round] - exact[limit]);
        ok(away <= bound + 1e-12, `grid ${grid}, round ${round}, limit ${limit}: ${away} away, at most ${bound}`);
        furthest = Math.max(furthest, away);
      }
    }
    ok(grid === 32 ? furthest > 1e-4 : furthest < 0.02, `grid ${grid}: ${furthest}`);
  }
});

Deno.test("scanHistograms() has the scans as they are: the figures without a draw are the exact ones", async () => {
  const { maps, scans } = category(3);
  const histograms = await scanHistograms(walked(maps), scans);
  const { all, byDefect } = bootstrap(histograms, { rounds: 1, seed: 0, stream: "" });
  const want = await mapMetrics(walked(maps), { limits: BOOTSTRAP_LIMITS });
  for (const limit of BOOTSTRAP_LIMITS) ok(Math.abs(all.exact[limit].value - want.all!.exact[limit]) < 0.01);
  ok(Math.abs(all.pixelAuroc.value - want.all!.pixelAuroc) < 1e-3);
  deepEqual([...byDefect.keys()], ["dent", "hole"]);
  ok(Math.abs(byDefect.get("dent")!.exact["0.3"].value - want.byDefect.get("dent")!.exact["0.3"]) < 0.01);
});

Deno.test("scanHistograms() loses no place and no component, and gives a tied score a bin of its own", async () => {
  const { maps, scans } = category(4);
  const { bins, scans: rows } = await scanHistograms(walked(maps.toReversed()), scans, { grid: 64 });
  deepEqual(rows.map(({ name }) => name), scans.map(({ name }) => name).sort(), "sorted, whatever the walk's order");
  ok(bins > 32 && bins <= 2 * 64 + 1, `${bins} bins`);
  const sum = (values?: Float64Array) => values?.reduce((total, value) => total + value, 0) ?? 0;
  for (const row of rows) {
    const own = maps.find(({ name }) => name === row.name)!, anomalous = sum(Float64Array.from(own.truth));
    deepEqual([sum(row.normal), sum(row.anomalous)], [SIDE * SIDE - anomalous, anomalous]);
    equal(row.components, connectedComponents(own.truth, SIDE, SIDE).sizes.length);
    ok(Math.abs(sum(row.overlap) - row.components) < 1e-12);
    equal(row.normal![1], own.scores.filter((score, i) => score === 0 && own.truth[i] === 0).length, "the background");
  }
});

Deno.test("bootstrap() draws the same for a seed, and something else for another", async () => {
  const { maps, scans } = category(6), histograms = await scanHistograms(walked(maps), scans);
  const draws = (
    seed: number,
    stream: string,
  ) => [...bootstrap(histograms, { rounds: 20, seed, stream }).all.exact["0.3"].draws];
  deepEqual(draws(1, "a"), draws(1, "a"));
  ok(draws(1, "a").some((value, i) => value !== draws(2, "a")[i]));
  ok(draws(1, "a").some((value, i) => value !== draws(1, "b")[i]));
});

Deno.test("intervalsOf() encloses the figure, and is null where there is none", async () => {
  const { maps, scans } = category(8), histograms = await scanHistograms(walked(maps), scans);
  const { all, byDefect } = bootstrap(histograms, { rounds: 400, seed: 1, stream: "toy" });
  const { exact, pixelAuroc, scanAuroc } = intervalsOf(all);
  for (
    const [interval, figure] of [[exact["0.3"], all.exact["0.3"]], [pixelAuroc, all.pixelAuroc], [
      scanAuroc,
      all.scanAuroc,
    ]] as const
  ) {
    ok(interval![0] < figure.value && figure.value < interval![1], `${interval} around ${figure.value}`);
  }
  equal(byDefect.size, 2);
  const good = await scanHistograms(walked(maps.slice(0, 4)), scans.slice(0, 4));
  deepEqual(intervalsOf(bootstrap(good, { rounds: 10, seed: 0, stream: "" }).all), {
    exact: { "0.3": null, "0.1": null, "0.05": null, "0.01": null },
    pixelAuroc: null,
    scanAuroc: null,
  });
});

Deno.test("bootstrap() counts a scan without ground truth in the scan AUROC alone", async () => {
  const { maps, scans } = category(9);
  const histograms = await scanHistograms(walked(maps), [...scans, { name: "dent/x", defect: "dent", score: 9 }]);
  const { all } = bootstrap(histograms, { rounds: 1, seed: 0, stream: "" });
  const without = bootstrap(await scanHistograms(walked(maps), scans), { rounds: 1, seed: 0, stream: "" }).all;
  equal(all.exact["0.3"].value, without.exact["0.3"].value);
  ok(all.scanAuroc.value > without.scanAuroc.value);
});

Deno.test("percentiles() takes 2.5 % and 97.5 % by rank, of what is a number", () => {
  deepEqual(percentiles(Float64Array.from({ length: 201 }, (_, i) => 200 - i)), [5, 195]);
  deepEqual(percentiles(Float64Array.of(NaN, 3, NaN)), [3, 3]);
  equal(percentiles(Float64Array.of(NaN)), null);
});

Deno.test("scanHistograms() refuses scores that are NaN and maps of no scan, and stops when it is told to", async () => {
  const { maps, scans } = category(10);
  await rejects(scanHistograms(walked(maps), [{ ...scans[0], score: NaN }]), ScoreRefused);
  await rejects(scanHistograms(walked(maps), scans.slice(1)), /no scan of that name/);
  const reason = new Error("enough");
  await rejects(scanHistograms(walked(maps), scans, { signal: AbortSignal.abort(reason) }), reason);
});
