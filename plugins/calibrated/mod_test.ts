import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import { type BranchMaps, type FittedFuser, type ScoreMap, TooFewScans } from "../../core/mod.ts";
import { testConformance } from "../../testing/mod.ts";
import { refusedMaps } from "../../testing/refused_maps.ts";
import { mapOf, tinyMaps } from "../../testing/tiny_maps.ts";
import { tinyFolder } from "../../testing/tiny_source.ts";
import { inTurn, toldRun } from "../../testing/told_run.ts";
import { calibrated, type CalibratedOptions } from "./mod.ts";

for (const options of Object.values(calibrated.presets)) await testConformance(calibrated, { options });

const map = (...values: number[]): ScoreMap => mapOf(Float32Array.from(values));
const maps = (feature: number[], missing: number[]): BranchMaps => ({
  feature: map(...feature),
  missing: map(...missing),
});

const fit = (normal: readonly BranchMaps[], changes: Partial<CalibratedOptions> = {}, run = toldRun().run) =>
  calibrated.fit(inTurn(normal), { ...calibrated.presets.default, ...changes }, run);
const fused = async (
  fitted: FittedFuser,
  feature: number[],
  missing: number[],
) => (await fitted.fuse(maps(feature, missing), toldRun().run));

const normal = [1, 2, 3, 4].map((seed) => tinyMaps(seed)),
  silent = [1, 2, 3, 4].map((seed) => tinyMaps(seed, "silent"));

/** Indices by rising value; ties by index. */
const ranking = (values: Float32Array) => [...values.keys()].sort((a, b) => values[a] - values[b] || a - b);

Deno.test("where the other branch is silent each branch keeps its ranking, also far beyond normal scans", async () => {
  const size = 1024, zeros = Array<number>(size).fill(0);
  const rising = Array.from({ length: size }, (_, i) => 1e-3 * 1.02 ** (i * 37 % size)); // 0.001 to 600,000, out of order
  for (const rule of ["max", "fisher"] as const) {
    for (const scans of [normal, silent, [normal[0]]]) {
      using fitted = await fit(scans, { rule });
      for (const [s1, s2] of [[rising, zeros], [zeros, rising]]) {
        const { values, score } = await fused(fitted, s1, s2);
        deepEqual(ranking(values), ranking(Float32Array.from(rising)));
        equal(new Set(values).size, size); // no ties
        equal(score, Math.max(...values));
      }
    }
  }
});

Deno.test("a missing millimetre is less than a dent, ten are more than any normal noise, under both usual and silent normal scans", async () => {
  const many = (kind: "usual" | "silent") => Array.from({ length: 32 }, (_, seed) => tinyMaps(seed + 1, kind));
  for (const scans of [many("silent"), [...many("silent").slice(4), ...many("usual").slice(0, 4)]]) {
    using fitted = await fit(scans);
    const of = async (s1: number, s2: number) => (await fused(fitted, [s1], [s2])).score;
    const [noise, dent, millimetre, piece] = [await of(1.4, 0), await of(8, 0), await of(0, 1), await of(0, 10)];
    ok(millimetre < dent && piece > noise && piece > millimetre, `${[noise, dent, millimetre, piece]}`);
  }
});

Deno.test("facts tell how normal scans were, and the log what is not known of them", async () => {
  const { run, told } = toldRun();
  using fitted = await fit(silent, {}, run);
  const {
    places,
    featureTailScore,
    featureTailEvidence,
    featureTailScale,
    missingTailScore,
    missingTailEvidence,
    ...facts
  } = fitted.facts;
  deepEqual(facts, {
    rule: "max",
    scans: 4,
    feature: "dense",
    featureSilentScans: 0,
    featureTailExcesses: 17,
    featureTailShape: 0,
    missing: "silent",
    missingSilentScans: 4,
    missingTailExcesses: 0,
    missingTailShape: 0,
    missingTailScale: 0.5,
  });
  equal(places, silent.reduce((sum, { feature }) => sum + feature.values.filter((value) => value > 0).length, 0));
  ok(Number(featureTailScore) > 1.2 && Number(featureTailScore) < 1.4 && Number(featureTailScale) > 0);
  ok(Math.abs(Number(featureTailEvidence) - Math.log(100)) < 0.1);
  equal(missingTailScore, 0.04); // where an alarm is no longer faint
  ok(Math.abs(Number(missingTailEvidence) - Math.log(5 / 0.03) - 0.08) < 1e-5);
  deepEqual(told, [
    "info: the missing-region map is silent on 4 of 4 normal scans; how rare its scores are is taken for granted more than known",
  ]);
});

Deno.test("a branch without a say is told of: a silent feature map, constant ones", async () => {
  const cases = [["nothing", /^warn: the feature map is silent on 2 of 2/], [
    "same feature",
    /^warn: the feature map .* constant/,
  ], [
    "same missing",
    /^warn: the missing-region map .* constant/,
  ]] as const;
  for (const [kind, words] of cases) {
    const { run, told } = toldRun();
    using _fitted = await fit([1, 2].map((seed) => tinyMaps(seed, kind)), {}, run);
    ok(told.some((line) => words.test(line)), `${kind}: ${told.join("; ")}`);
  }
});

Deno.test("maps of any numbers are fused to finite ones that never fall where a branch rises", () => {
  const value = fc.float({ min: 0, max: Math.fround(3e38), noNaN: true });
  const four = fc.array(value, { minLength: 4, maxLength: 4 });
  const two = fc.tuple(four, four);
  return fc.assert(
    fc.asyncProperty(
      fc.array(two, { minLength: 1, maxLength: 3 }),
      two,
      four,
      fc.constantFrom(...Object.values(calibrated.presets)),
      async (normal, [s1, s2], rise, preset) => {
        using fitted = await fit(normal.map(([a, b]) => maps(a, b)), preset);
        const { values, score } = await fused(fitted, s1, s2);
        ok(values.every((v) => Number.isFinite(v) && v >= 0) && score === Math.max(...values), `${values}`);
        const raised = s1.map((v, i) => Math.max(v, rise[i])), deeper = s2.map((v, i) => Math.max(v, rise[i]));
        for (const [a, b] of [[raised, s2], [s1, deeper], [raised, deeper]]) {
          const after = (await fused(fitted, a, b)).values;
          ok(after.every((v, i) => v >= values[i]), `${values} fell to ${after}`);
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("maps that are no maps are refused by the branch's name, in fit and in fuse", async () => {
  const { run } = toldRun();
  using fitted = await fit(normal);
  for (const { maps, refused } of refusedMaps()) {
    await rejects(() => fit([normal[0], maps]), refused);
    throws(() => void fitted.fuse(maps, run), refused);
  }
});

Deno.test("no scan at all is refused", () => rejects(() => fit([]), TooFewScans));

Deno.test("load() refuses what no fit keeps", async () => {
  using fitted = await fit(normal);
  const whole = tinyFolder();
  await fitted.save(whole);
  const facts = whole.facts() as Record<string, object>, row = (...values: number[]) => Float64Array.from(values);
  const broken: ((folder: ReturnType<typeof tinyFolder>) => void)[] = [
    (folder) => folder.putFacts({}),
    (folder) => folder.putFacts({ ...facts, scans: 0 }),
    (folder) => folder.putFacts({ ...facts, missing: { ...facts.missing, scale: 0 } }),
    (folder) => folder.putFacts({ ...facts, feature: { ...facts.feature, shape: 0.6 } }),
    (folder) => folder.putTensor("feature", { shape: [0, 2], values: row() }),
    (folder) => folder.putTensor("feature", { shape: [2], values: row(0, 0) }),
    (folder) => folder.putTensor("feature", { shape: [1, 2], values: Float32Array.of(0, 0) }),
    (folder) => folder.putTensor("missing", { shape: [2, 2], values: row(0, 1, 2, 0.5) }),
    (folder) => folder.putTensor("missing", { shape: [2, 2], values: row(0, 1, 0, 2) }),
    (folder) => folder.putTensor("missing", { shape: [1, 2], values: row(0, NaN) }),
    (folder) => folder.putTensor("missing", { shape: [2, 2], values: row(0, 1, Infinity, 2) }),
  ];
  for (const [at, spoil] of broken.entries()) {
    const folder = tinyFolder();
    await fitted.save(folder);
    spoil(folder);
    await rejects(
      async () => void await calibrated.load(folder, calibrated.presets.default, toldRun().run),
      { code: "model-refused" },
      `spoilt in way ${at}`,
    );
  }
});
