import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import { type BranchMaps, type FittedFuser, type ScoreMap } from "../../core/mod.ts";
import { testConformance } from "../../testing/mod.ts";
import { refusedMaps } from "../../testing/refused_maps.ts";
import { mapOf } from "../../testing/tiny_maps.ts";
import { tinyFolder } from "../../testing/tiny_source.ts";
import { inTurn, toldRun } from "../../testing/told_run.ts";
import { meanStd, type MeanStdOptions } from "./mod.ts";

await testConformance(meanStd);
await testConformance(meanStd, { options: meanStd.presets.max });

const map = (...values: number[]): ScoreMap => mapOf(Float32Array.from(values));
const maps = (feature: number[], missing: number[]): BranchMaps => ({
  feature: map(...feature),
  missing: map(...missing),
});

const fit = (normal: readonly BranchMaps[], changes: Partial<MeanStdOptions> = {}, run = toldRun().run) =>
  meanStd.fit(inTurn(normal), { ...meanStd.presets.default, ...changes }, run);
const fused = async (
  fitted: FittedFuser,
  feature: number[],
  missing: number[],
) => (await fitted.fuse(maps(feature, missing), toldRun().run));
const published = { silentUnit: null };

/** Above 0: μ1 = 2, σ1 = √(2/3), μ2 = 0.75, σ2 = 0.25. */
const normal = [maps([1, 2, 3, 0], [0, 0, 0, 0]), maps([1, 2, 3, 0], [1, 0.5, 0, 0])];

Deno.test("a silent missing-region branch counts a unit as much as the mean of the largest normal feature scores", async () => {
  const silent = [maps([1, 2, 3, 0], [0, 0, 0, 0]), maps([1, 2, 5, 0], [0, 0, 0, 0])];
  for (const [silentUnit, w] of [[1, 4], [2, 2]] as const) {
    const { run, told } = toldRun();
    using fitted = await fit(silent, { silentUnit }, run);
    deepEqual(fitted.facts, { rule: "sum", w, b: 0 });
    const { values, score } = await fused(fitted, [1, 0, 3, 0], [0, 0.5, 2, 0]);
    deepEqual([...values], [1, 0.5 * w, 3 + 2 * w, 0]);
    equal(score, 3 + 2 * w);
    deepEqual(told, [
      `info: the missing-region map of all normal scans is constant: its values are 0; ${silentUnit} mm count as much as the largest feature score of a normal scan`,
    ]);
  }
});

Deno.test("as few false alarms as you like leave a silent branch what it counts, and many take from it", async () => {
  const size = 32, feature = Array.from({ length: size * size }, (_, i) => 1 + (i % 5) / 4);
  const factor = async (alarms: number, depth: number) => {
    const missing = feature.map((_, i) => i < alarms ? depth * (1 + 1e-6 * i) : 0);
    using fitted = await fit([maps(feature, missing)]);
    return fitted.facts.w as number;
  };
  equal(await factor(0, 0), 2);
  equal(await factor(1, 1e-6), 2);
  equal(await factor(2, 3), 2); // alike to a millionth: the values above 0 alone would make w a million
  const many = await factor(200, 3);
  ok(many > 0.2 && many < 0.5, `${many}`); // σ1 / σ2 = 0.354 / 1.189
});

Deno.test("silence stays silence: rule max gives S1 where S2 is 0, also under other limits", async () => {
  using fitted = await fit(normal, { rule: "max" });
  ok(Number(fitted.facts.b) <= 0);
  deepEqual([...(await fused(fitted, [0.5, 2, 0, 0], [0, 0, 0, 0])).values], [0.5, 2, 0, 0]);
  const { values } = await fused(fitted, [0.5, 0, 0, 0], [0, 9, 0, 0]);
  const { w, b } = fitted.facts as { w: number; b: number };
  equal(values[1], Math.fround(w * 9 + b));
});

Deno.test("preset reference lifts what is silent by b, as Shape-guided's code does; paper leaves the shift out", async () => {
  using reference = await fit(normal, meanStd.presets.reference);
  const { w, b } = reference.facts as { w: number; b: number };
  ok(Math.abs(w - Math.sqrt(2 / 3) / 0.25) < 1e-12 && Math.abs(b - (2 - 0.75 * w)) < 1e-12, `${w}, ${b}`);
  using lower = await fit([maps([1, 1.1, 1.2, 0], [0.1, 0.2, 0.3, 0]), maps([5, 5, 5, 0], [0.1, 0.1, 0.1, 0])], {
    ...meanStd.presets.reference,
  });
  ok((await fused(lower, [0, 0, 0, 0], [0, 0, 0, 0])).values.every((value) => value >= 0));
  using paper = await fit(normal, meanStd.presets.paper);
  const { values } = await fused(paper, [1, 2, 0, 0], [0, 1, 1, 0]);
  const ratio = Number(paper.facts.w);
  deepEqual([...values], [1, 2 + ratio, ratio, 0].map(Math.fround));
});

Deno.test("a constant branch: the other decides, and the log says so", async () => {
  const flat = [0.5, 0.5, 0.5, 0.5], zeros = [0, 0, 0, 0];
  const cases = [
    {
      feature: flat,
      missing: [0, 1, 2, 0],
      changes: {},
      w: 0.5,
      level: "warn",
      words: "feature map .* 1 mm count as 0.5",
    },
    {
      feature: zeros,
      missing: zeros,
      changes: {},
      w: 1,
      level: "warn",
      words: "feature map .* 1 mm count as 1",
    },
    { feature: flat, missing: [0, 1, 2, 0], changes: published, w: 0, level: "warn", words: "feature map .* left out" },
    {
      feature: [0, 1, 2, 0],
      missing: flat,
      changes: published,
      w: 0,
      level: "warn",
      words: "missing-region map .* 0.5; it is left out",
    },
  ];
  for (const { feature, missing, changes, w, level, words } of cases) {
    const { run, told } = toldRun();
    using fitted = await fit([maps(feature, missing)], changes, run);
    deepEqual(fitted.facts, { rule: "sum", w, b: 0 });
    ok(told.some((line) => new RegExp(`^${level}: the ${words}`).test(line)), told.join("\n"));
  }
});

Deno.test("no normal scan at all leaves the missing-region map in millimetres", async () => {
  using fitted = await fit([]);
  deepEqual(fitted.facts, { rule: "sum", w: 1, b: 0 });
});

Deno.test("a fused map is finite and never below 0, and never falls where a branch rises", () => {
  const value = fc.float({ min: 0, max: Math.fround(3e38), noNaN: true });
  const four = fc.array(value, { minLength: 4, maxLength: 4 });
  const two = fc.tuple(four, four);
  return fc.assert(
    fc.asyncProperty(
      fc.array(two, { maxLength: 3 }),
      two,
      four,
      fc.constantFrom(...Object.values(meanStd.presets)),
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

Deno.test("load() refuses facts that no fit keeps", () => {
  for (const facts of [{}, { w: -1, b: 0 }, { w: "1", b: 0 }, { w: 1, b: 0, c: 2 }]) {
    const folder = tinyFolder();
    folder.putFacts(facts);
    throws(() => void meanStd.load(folder, meanStd.presets.default, toldRun().run), { code: "model-refused" });
  }
});
