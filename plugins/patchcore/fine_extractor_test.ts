import { deepEqual, equal, ok } from "node:assert/strict";
import {
  createRun,
  fitRegistry,
  type Log,
  pasteDefect,
  type PastedTrial,
  prepare,
  randomStream,
  type Run,
  type ScanRegistry,
  type ScoreMap,
  scorePrepared,
} from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { toyDescriptor } from "../../testing/toy_plugins.ts";
import type { DescribePoints } from "./coarse_extractor.ts";
import { fitFine } from "./fine_extractor.ts";
import { type BankOptions, bankOptions } from "./options.ts";

const describe: DescribePoints = async (scan, run) =>
  await toyDescriptor.describe(scan, toyDescriptor.presets.default, run);

const optionsOf = (changes: Partial<BankOptions>) =>
  bankOptions.parse({ components: null, channels: ["row"], ...changes });

/** A fit to so many scans, and what it told. */
async function fit(run: Run, count: number, changes: Partial<BankOptions>, registry?: ScanRegistry) {
  const told: string[] = [];
  const log: Log = {
    debug: () => {},
    info: (words) => told.push(words),
    warn: (words) => told.push(`warning: ${words}`),
  };
  const scans = Array.from({ length: count }, (_, i) => tinyScan({ seed: i + 1 }));
  const source = tinySource(run, scans);
  return { fitted: await fitFine(source, describe, optionsOf(changes), registry, { ...run, log }), told };
}

const ready = (gpu: Gpu, dent: number) => prepare(tinyScan({ seed: 9, dent }), tinyPrepare, createRun(gpu));

/** Where the map is largest, as distance from the dent's middle, pixels. */
const farOff = ({ size, values }: { size: number; values: Float32Array }) => {
  const at = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
  return Math.hypot(at % size - (size - 1) / 2, Math.floor(at / size) - (size - 1) / 2);
};

await gpuTest(
  "fitFine() scores a dent above all held-out scans, in its place, by either channel of the bank",
  async (gpu) => {
    const run = createRun(gpu);
    using good = ready(gpu, 0), bad = ready(gpu, 0.003);
    for (const channel of ["row", "distance"] as const) {
      using fitted = (await fit(run, 4, { channels: [channel] })).fitted;
      const most = Math.max(...fitted.heldOut!.map(({ score }) => score));
      const map = await fitted.score(bad, run), normal = await fitted.score(good, run);
      ok(
        map.score > 1.5 * most && map.score > 1.5 * normal.score,
        `${channel}: ${map.score}, ${most}, ${normal.score}`,
      );
      ok(farOff(map) < 8, `${channel}: ${farOff(map)} pixels off`);
      equal(map.score, map.values.reduce((a, b) => Math.max(a, b)));
      equal(fitted.facts.channels, channel);
    }
  },
);

await gpuTest("fitFine() judges by place where a scan is registered, and by the bank where it is not", async (gpu) => {
  const run = createRun(gpu), scans = [1, 2, 3].map((seed) => tinyScan({ seed }));
  using registry = await fitRegistry(tinySource(run, scans), run);
  using fitted = (await fit(run, 3, { channels: ["place"] }, registry)).fitted;
  using byBank = (await fit(run, 3, { channels: ["distance"] })).fitted;
  using bad = ready(gpu, 0.003);
  const { map, cost } = await scorePrepared({ extractor: fitted, registry }, bad, run);
  ok(cost! > 0 && map.score > Math.max(...fitted.heldOut!.map(({ score }) => score)), `${map.score}`);
  ok(farOff(map) < 8, `${farOff(map)} pixels off`);
  const alone = await fitted.score(bad, run);
  ok(alone.values.every(Number.isFinite) && alone.score > 0 && alone.score !== map.score);
  const scale = alone.score / (await byBank.score(bad, run)).score;
  ok(Math.abs(scale - 1) < 1e-6, "as a fit without a registry scores it");
});

await gpuTest(
  "fitFine() tells which forms it tried, and warns where there are too few scans to compare",
  async (gpu) => {
    const run = createRun(gpu), two = await fit(run, 2, {});
    two.fitted[Symbol.dispose]();
    equal(two.told.length, 1);
    ok(/^warning: 2 normal scans .*distance alone$/.test(two.told[0]), two.told[0]);
    equal(two.fitted.facts.channels, "distance");
    const three = await fit(run, 3, { channels: "auto", trials: 2 });
    three.fitted[Symbol.dispose]();
    equal(three.told.length, 1);
    ok(three.told[0].includes("distance") && three.told[0].includes("row"), three.told[0]);
    const given = await fit(run, 3, { channels: ["row"] });
    given.fitted[Symbol.dispose]();
    deepEqual(given.told, []);
  },
);

await gpuTest("fitFine() tells the map of each scan by all others, whose score it keeps", async (gpu) => {
  const run = createRun(gpu), told = new Map<string, ScoreMap>();
  const source = tinySource(run, [1, 2, 3, 4].map((seed) => tinyScan({ seed, dent: seed === 3 ? 0.004 : 0 })));
  const options = optionsOf({ channels: ["row"] });
  const clean = (scan: string, map: ScoreMap) => void told.set(scan, map);
  using fitted = await fitFine(source, describe, options, undefined, run, { clean });
  deepEqual([...told.keys()].toSorted(), ["tiny/1", "tiny/2", "tiny/3", "tiny/4"]);
  for (const { name, score } of fitted.heldOut!) {
    const map = told.get(name)!;
    deepEqual([map.size, map.values.length, map.score], [56, 56 * 56, score]);
    equal(map.values.reduce((a, b) => Math.max(a, b)), score);
  }
  const dented = told.get("tiny/3")!, others = ["tiny/1", "tiny/2", "tiny/4"].map((name) => told.get(name)!.score);
  ok(farOff(dented) < 8 && dented.score > Math.max(...others), `${dented.score}, ${others}`);
  using same = await fitFine(source, describe, options, undefined, run);
  deepEqual(same.heldOut, fitted.heldOut, "it is only told");
});

await gpuTest(
  "fitFine() tells the map of each pasted defect where someone asks for them, also without a choice",
  async (gpu) => {
    const run = createRun(gpu), scans = [1, 2, 3].map((seed) => tinyScan({ seed })), source = tinySource(run, scans);
    for (const channels of ["auto", ["row"]] as const) {
      const told: { readonly trial: PastedTrial; readonly map: ScoreMap }[] = [];
      const listener = {
        clean: () => {},
        pasted: (trial: PastedTrial, map: ScoreMap) => void told.push({ trial, map }),
      };
      using _fitted = await fitFine(source, describe, optionsOf({ channels, trials: 7 }), undefined, run, listener);
      deepEqual(new Set(told.map(({ trial }) => trial.kind)).size, 7);
      for (const { trial: { scan, kind, stream }, map } of told) {
        using prepared = prepare(scans.find(({ name }) => name === scan)!, tinyPrepare, run);
        using again = pasteDefect(prepared, kind, randomStream(run.seed, stream), run)!;
        equal(map.values.length, again.truth.length);
        ok(map.score > 0 && Number.isFinite(map.score));
        if (kind === "dent") ok(again.truth[map.values.indexOf(map.score)] === 1, "the dent is the highest place");
      }
    }
  },
);
