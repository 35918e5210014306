/**
 * What an inversion may move, decided on normal scans that the generator did not learn, whole and with a piece cut out:
 * `deno task bench:inversion FOLDER CATEGORY --trained FOLDER [--every N]`. @module
 *
 * One table line a way: how far the whole scan is from its shape, how deep gaps are where nothing is missing (of whole scans and of cut
 * ones), how far the removed points are from the shape, what share of them it has again, and how deep the gap is there.
 */
import { parseArgs } from "node:util";
import {
  digestedScans,
  fitRegistry,
  gapsAtShapes,
  type NamedScan,
  pasteDefect,
  type Prepared,
  preparePresets,
  randomStream,
  scanSource,
} from "../core/mod.ts";
import { entryScans, openCategory, openRun, openTrained } from "../host/mod.ts";
import { type InversionPreset, inversionPresets } from "../plugins/sp_gan/inversion_presets.ts";
import { identityOf, normalShapes } from "../plugins/sp_gan/normal_shapes.ts";
import { readyGenerator, reconstructionOf, wholeShape } from "../plugins/sp_gan/reconstructing.ts";
import { takeGenerators } from "../plugins/sp_gan/taken_generators.ts";

const { values: asked, positionals: [folder, category] } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: { trained: { type: "string" }, every: { type: "string", default: "5" } },
});

const own = inversionPresets.default, { toScan: { mask: _, ...unmasked } } = own.terms;
const rates = (latentRate: number, weightRate: number) => [
  { iterations: 20, latentRate, weightRate },
  { iterations: 10, latentRate: latentRate / 4, weightRate: weightRate / 5 },
];
const masked = (preset: InversionPreset, mask?: number): InversionPreset => ({
  ...preset,
  stopsEarly: false,
  terms: { ...preset.terms, toScan: { ...unmasked, ...(mask ? { mask } : {}) } },
});
const ways: Readonly<Record<string, InversionPreset>> = {
  "the best start, as it is": masked({ ...own, stages: [] }),
  "latent, no pose": masked({ ...own, pose: false, stages: rates(0.02, 0) }),
  "latent": masked({ ...own, stages: rates(0.02, 0) }),
  "latent, mask 5": masked({ ...own, stages: rates(0.02, 0) }, 5),
  "a latent for each place": masked({ ...own, latents: "place", stages: rates(0.005, 0) }),
  "a latent for each place, mask 5": masked({ ...own, latents: "place", stages: rates(0.005, 0) }, 5),
  "latent, weights 1e-4": masked({ ...own, stages: rates(0.02, 1e-4) }),
  "latent, weights 1e-4, mask 5 (default)": masked({ ...own, stages: rates(0.02, 1e-4) }, 5),
  "latent, weights 5e-4": masked({ ...own, stages: rates(0.02, 5e-4) }),
  "latent, weights 5e-4, mask 5": masked({ ...own, stages: rates(0.02, 5e-4) }, 5),
  "way paper": inversionPresets.paper,
  "way reference": inversionPresets.reference,
  "way feature": inversionPresets.feature,
};

/** What a shape of a scan is like; lengths in millimetres. */
interface Figures {
  readonly distance: number;
  readonly elsewhere: number;
  readonly lost?: number;
  readonly regained?: number;
  readonly gap?: number;
}

/** A removed point that close to the shape is there again, metres; gaps at shape points that close to removed ones are of the cut. */
const THERE = 0.0025, AT = 0.002;

using run = await openRun({ log: { debug: () => {}, info: console.error, warn: console.error } });
const { storage, dataset } = await openCategory(folder, category, run);
const normal = digestedScans(entryScans(storage, category, dataset.train)).scans;
const source = (scans: readonly NamedScan[]) =>
  scanSource({
    scans,
    prepare: preparePresets.default,
    run,
    task: "",
    onRefused: (scan, error) => console.error(scan, error.message),
  });
using registry = await fitRegistry(source(normal), run);
const shapes = await normalShapes(source(normal), registry, { points: 1024, samples: 1 }, run);
const { generators: trained } = await openTrained(asked.trained ?? "", category);
const generators = await takeGenerators(trained, shapes, 0.2, run);
const ready = await Promise.all(generators.map((one) => readyGenerator(one, 0.2, run)));

/** For each point of `a` the distance to the nearest of `b`, metres. */
const nearest = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
  Array.from({ length: a.length / 3 }, (_, i) => {
    let least = Infinity;
    for (let j = 0; j < b.length; j += 3) {
      least = Math.min(least, Math.hypot(a[3 * i] - b[j], a[3 * i + 1] - b[j + 1], a[3 * i + 2] - b[j + 2]));
    }
    return least;
  });
const rms = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
const most = (values: readonly number[]) => values.reduce((largest, value) => Math.max(largest, value), 0);

/** The scan by the way, once for each generator that did not learn it; `removed` are the points that it lacks. */
async function figuresOf(scan: Prepared, preset: InversionPreset, removed?: number[]): Promise<Figures[]> {
  using registration = await registry.register(scan, run, { without: scan.name });
  if (!registration) return [];
  const found: Figures[] = [];
  for (const [i, one] of ready.entries()) {
    if (generators[i].learned.includes(identityOf(scan))) continue;
    const shape = await wholeShape(one, scan, registration, registry.extent, preset, run);
    using whole = reconstructionOf([shape], undefined, run);
    const [depths] = await gapsAtShapes(scan, whole, run), some = scan.hostPoints.filter((_, i) => i % 30 < 3);
    const inCut = removed ? nearest(shape, removed).map((distance) => distance < AT) : [];
    const lost = removed && nearest(removed, shape), all = Array.from(depths);
    found.push({
      distance: 1000 * rms(nearest(some, shape)),
      elsewhere: 1000 * most(all.filter((_, i) => !inCut[i])),
      ...lost && {
        lost: 1000 * rms(lost),
        regained: lost.filter((distance) => distance < THERE).length / lost.length,
        gap: 1000 * most(all.filter((_, i) => inCut[i])),
      },
    });
  }
  return found;
}

const found = Object.fromEntries(
  Object.keys(ways).map((way) => [way, { whole: [] as Figures[], cut: [] as Figures[] }]),
);
const seconds = new Map<string, number>();
for await (const scan of source(normal.filter((_, i) => i % Number(asked.every) === 0)).walk()) {
  using cut = pasteDefect(scan, "cut", randomStream(run.seed, scan.name), run);
  const left = new Set(cut?.pixels), removed: number[] = [];
  scan.pixels.forEach((pixel, i) => {
    if (!left.has(pixel)) removed.push(...scan.hostPoints.subarray(3 * i, 3 * i + 3));
  });
  for (const [way, preset] of Object.entries(ways)) {
    const start = performance.now();
    found[way].whole.push(...await figuresOf(scan, preset));
    seconds.set(way, (seconds.get(way) ?? 0) + (performance.now() - start) / 1000);
    if (cut) found[way].cut.push(...await figuresOf(cut, preset, removed));
  }
}
const mean = (of: readonly Figures[], what: keyof Figures, digits: number) =>
  (of.reduce((sum, one) => sum + one[what]!, 0) / of.length).toFixed(digits);
console.log(
  "| what moves | scans, cut | to the shape, mm | deepest gap, whole | deepest elsewhere, cut | removed to the shape, mm | regained | deepest gap of the cut | s |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
for (const [way, { whole, cut }] of Object.entries(found)) {
  const cells = [
    way,
    `${whole.length}, ${cut.length}`,
    mean(whole, "distance", 2),
    mean(whole, "elsewhere", 2),
    mean(cut, "elsewhere", 2),
    mean(cut, "lost", 2),
    mean(cut, "regained", 2),
    mean(cut, "gap", 2),
    (seconds.get(way)! / whole.length).toFixed(1),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
Deno.exit(0);
