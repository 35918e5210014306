import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../core/mod.ts";
import { bootstrap } from "./bootstrap.ts";
import { compareRuns } from "./comparison.ts";
import type { ScoredMap } from "./metrics/mod.ts";
import { scanHistograms } from "./scan_histograms.ts";

const DRAWN = { rounds: 200, seed: 5, stream: "toy" };

/** Six good and six defective scans; noise is the same for every `strength` of the defects. */
async function run(strength: number, keep: (name: string) => boolean = () => true, drawn = DRAWN) {
  const random = randomStream(1, "comparison/test");
  const maps = Array.from({ length: 12 }, (_, i): ScoredMap => {
    const defect = i < 6 ? "good" : "hole";
    const truth = Uint8Array.from({ length: 64 }, (_, place) => defect === "hole" && place < 9 ? 1 : 0);
    const scores = Float32Array.from(truth, (anomalous) => random.uniform() + anomalous * strength);
    return { name: `${defect}/${i}`, defect, width: 8, height: 8, scores, truth };
  }).filter(({ name }) => keep(name!));
  const scans = maps.map(({ name, defect, scores }) => ({ name: name!, defect, score: Math.max(...scores) }));
  const walk = {
    async *walk() {
      yield* maps;
    },
  };
  return bootstrap(await scanHistograms(walk, scans), drawn);
}

Deno.test("compareRuns() of a run with itself is 0 in every draw, with p 1", async () => {
  const one = await run(0.3), { scans, exact, pixelAuroc, scanAuroc } = compareRuns(one, one);
  equal(scans, 12);
  deepEqual(Object.keys(exact), ["0.3", "0.1", "0.05", "0.01"]);
  for (const figure of [...Object.values(exact), pixelAuroc, scanAuroc]) {
    deepEqual(figure, { value: 0, interval: [0, 0], p: 1 });
  }
});

Deno.test("compareRuns() finds a clearly better run better in every draw: p is at its floor", async () => {
  const worse = await run(0.1), better = await run(0.8);
  const { exact, pixelAuroc } = compareRuns(worse, better);
  for (const figure of [exact["0.3"], pixelAuroc]) {
    equal(figure!.p, 1 / DRAWN.rounds);
    ok(figure!.interval[0] > 0 && figure!.interval[0] < figure!.value && figure!.value < figure!.interval[1]);
  }
  const back = compareRuns(better, worse).exact["0.3"]!;
  deepEqual([back.value, back.p], [-exact["0.3"]!.value, 1 / DRAWN.rounds]);
});

Deno.test("compareRuns() is paired: what is the same in both runs does not widen the interval", async () => {
  const one = await run(0.3), other = await run(0.35);
  const { value, interval } = compareRuns(one, other).pixelAuroc!;
  const { draws } = one.all.pixelAuroc;
  const spread = Math.max(...draws) - Math.min(...draws);
  ok(value > 0 && interval[1] - interval[0] < spread / 2, `${interval} against a spread of ${spread}`);
});

Deno.test("compareRuns() leaves out scans that only one run has, and draws the others anew", async () => {
  const whole = await run(0.3), part = await run(0.3, (name) => name !== "hole/7"), again = compareRuns(whole, part);
  equal(again.scans, 11);
  // the noise is the same, but each run cuts its own grid: of 11 scans the figures are nearly the same, of 12 they are not
  ok(Math.abs(again.pixelAuroc!.value) < 1e-3, `${again.pixelAuroc!.value}`);
  ok(Math.abs(whole.all.pixelAuroc.value - part.all.pixelAuroc.value) > 1e-3);
});

Deno.test("compareRuns() draws anew where the runs were drawn unlike", async () => {
  const one = await run(0.3), other = await run(0.3, undefined, { rounds: 50, seed: 9, stream: "else" });
  deepEqual(compareRuns(one, other).exact["0.3"], { value: 0, interval: [0, 0], p: 1 });
});

Deno.test("compareRuns() gives null for what is not defined", async () => {
  const good = await run(0.3, (name) => name.startsWith("good"));
  const { exact, pixelAuroc, scanAuroc } = compareRuns(good, good);
  deepEqual([exact["0.3"], pixelAuroc, scanAuroc], [null, null, null]);
});
