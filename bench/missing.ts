/**
 * The reconstruction branch alone on an augmented data set, without the time of the feature branch:
 * `deno task bench:missing FOLDER CATEGORY [training scans…] [--reconstructor NAME] [--options JSON] [--trained FOLDER]`. @module
 *
 * One table line a training set (all scans unless numbers are given, evenly drawn as `evaluate --train-scans` does): AU-PRO of the
 * missing-region map, scan AUROC, by size of the missing piece, and how silent complete scans are. What `evaluate --branches` has as
 * "S2 alone", since the map does not depend on the feature branch.
 */
import { parseArgs } from "node:util";
import {
  digestedScans,
  fitRegistry,
  missingPresets,
  missingRegion,
  type NamedScan,
  parseOptions,
  type Prepared,
  preparePresets,
  type Reconstructor,
  scanSource,
} from "../core/mod.ts";
import { GOOD, mapMetrics, scanAuroc, type ScoredMap, sizeClasses, trainingSets } from "../evaluation/mod.ts";
import { entryScans, openCategory, openRun, openTrained } from "../host/mod.ts";
import { builtIn } from "../plugins/mod.ts";
import { median } from "./timed.ts";

const { values: asked, positionals: [folder, category, ...numbers] } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    reconstructor: { type: "string", default: "nearest-normal" },
    options: { type: "string", default: "{}" },
    trained: { type: "string" },
  },
});
const reconstructor = builtIn.plugins.find((plugin): plugin is Reconstructor<unknown> =>
  plugin.kind === "reconstructor" && plugin.name === asked.reconstructor
)!;
const options = parseOptions(reconstructor.name, reconstructor.options, JSON.parse(asked.options));
const LIMITS = ["0.3", "0.1", "0.05", "0.01"];

const trained = asked.trained === undefined ? undefined : await openTrained(asked.trained, category);
using run = await openRun({ log: { debug: console.error, info: console.error, warn: console.error } });
const { storage, dataset } = await openCategory(folder, category, run);
const sizes = await sizeClasses(storage, category);
const trainScans = numbers.length > 0 ? numbers.map(Number) : undefined;
const onRefused = (scan: string, error: Error) => console.error(`${scan}: ${error.message}`);
const source = (scans: readonly NamedScan[]) =>
  scanSource({ scans, prepare: preparePresets.default, run, task: "", onRefused });

console.log("| scans | piece | @0.3 | @0.1 | @0.05 | @0.01 | scan AUROC | good scans not silent | s a scan |");
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
for (const { train } of trainingSets(dataset, { trainScans, seed: 0 }).sets) {
  const normal = digestedScans(entryScans(storage, category, train)).scans;
  using registry = await fitRegistry(source(normal), run);
  using fitted = await reconstructor.fit(source(normal), options, run, registry, trained?.generators);
  const test = entryScans(storage, category, dataset.test), maps: ScoredMap[] = [], seconds: number[] = [];
  const defects = new Map(
    test.map(({ name, defect = GOOD }) => [name, defect === GOOD ? GOOD : sizes?.get(name) ?? defect]),
  );
  const scores: { defect: string; score: number }[] = [];
  const scoreOf = async (scan: Prepared) => {
    using registration = await registry.register(scan, run);
    using reconstruction = await fitted.reconstruct({ ...scan, registration }, run);
    return await missingRegion(scan, reconstruction, missingPresets.default, run);
  };
  for await (const scan of source(test).walk()) {
    const start = performance.now(), map = await scoreOf(scan), defect = defects.get(scan.name)!;
    seconds.push((performance.now() - start) / 1000);
    scores.push({ defect, score: map.score });
    if (!scan.truth) continue;
    maps.push({ name: scan.name, defect, width: map.size, height: map.size, scores: map.values, truth: scan.truth });
  }
  const walk = {
    async *walk() {
      yield* maps;
      await Promise.resolve();
    },
  };
  const metrics = await mapMetrics(walk), aurocs = scanAuroc(scores);
  const loud = scores.filter(({ defect, score }) => defect === GOOD && score > 0).length;
  const good = scores.filter(({ defect }) => defect === GOOD).length;
  const line = (piece: string, of: typeof metrics.all, auroc: number | undefined) =>
    `| ${train.length} | ${piece} | ${LIMITS.map((limit) => of?.exact[limit].toFixed(3) ?? "").join(" | ")} | ${
      auroc?.toFixed(3) ?? ""
    } | ${loud} of ${good} | ${median(seconds).toFixed(2)} |`;
  console.log(line("all", metrics.all, aurocs.all ?? undefined));
  for (const [piece, of] of metrics.byDefect) console.log(line(piece, of, aurocs.byDefect.get(piece) ?? undefined));
}
Deno.exit(0);
