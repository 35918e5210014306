import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { type BranchMaps, type DefectMaps, type FittedFuser, type Run, type ScoreMap } from "../../core/mod.ts";
import { gpuTest, testConformance } from "../../testing/mod.ts";
import { refusedMaps } from "../../testing/refused_maps.ts";
import { mapOf, tinyMaps, withDefects } from "../../testing/tiny_maps.ts";
import { tinyFolder } from "../../testing/tiny_source.ts";
import { inTurn, toldRun } from "../../testing/told_run.ts";
import { TIE_SHARE } from "./fit_boundary.ts";
import { ocsvm, type OcsvmOptions } from "./mod.ts";
import { monotoneDistance } from "./monotone_distance.ts";

/** A curve through fewer pairs takes less time. */
const quick = { ...ocsvm.presets.default, most: 300 };

await testConformance(ocsvm, { options: quick });
for (const preset of ["linear", "sgd", "reference", "paper"]) {
  await testConformance(ocsvm, { options: ocsvm.presets[preset] });
}

const map = (...values: number[]): ScoreMap => mapOf(Float32Array.from(values));

const normal = [1, 2, 3, 4].map((seed) => tinyMaps(seed));

/** An odd surface alone, a missing piece alone. */
const defects = [5, 6, 7, 8].map((seed): DefectMaps => {
  const clean = tinyMaps(seed), { feature, missing } = withDefects(clean), isOdd = seed % 2 === 0;
  const maps = isOdd ? { feature, missing: clean.missing } : { feature: clean.feature, missing };
  const [before, after] = isOdd ? [clean.feature, feature] : [clean.missing, missing];
  return {
    ...maps,
    kind: isOdd ? "bump" : "piece",
    truth: Uint8Array.from(after.values, (v, i) => +(v > before.values[i])),
  };
});

const fit = (run: Run, changes: Partial<OcsvmOptions> = {}, given: readonly DefectMaps[] = defects, maps = normal) =>
  ocsvm.fit(inTurn(maps), { ...quick, ...changes }, run, inTurn(given));

Deno.test("examples() are what chooses k, and none where it is fixed", () => {
  const asked = Object.values(ocsvm.presets).map((preset) => ocsvm.examples!(preset));
  deepEqual(asked, ["synthetic", "synthetic", "synthetic", "synthetic", "labelled", "labelled"]);
  for (const k of ["fixed", 2] as const) equal(ocsvm.examples!({ ...ocsvm.presets.default, k }), undefined);
});

Deno.test("k can be given as a number above 0, and is the scale of the plane, pairs or none", async () => {
  const read = (k: unknown) => ocsvm.options.safeParse({ ...ocsvm.presets.default, k }).success;
  deepEqual([1e-9, 0.02, 1e9].map(read), [true, true, true]);
  deepEqual([0, -1, 1e10, Infinity, NaN, "2", null].map(read), Array.from({ length: 7 }, () => false));
  for (const maps of [normal, [{ feature: map(0), missing: map(0) }]]) {
    const { run, told } = toldRun();
    using fitted = await fit(run, { kernel: "linear", k: 0.375 }, [], maps);
    deepEqual([fitted.facts.k, fitted.facts.by, fitted.facts.q, fitted.plane!.scale], [
      0.375,
      "given",
      undefined,
      0.375,
    ]);
    if (maps === normal) match(told.join(), /info: k 0.3750 by its option/);
  }
  const { run } = toldRun(), fixed = await fit(run, { kernel: "linear", k: "fixed", quantile: 1 }, []);
  const given = await fit(run, { kernel: "linear", k: Number(fixed.facts.k) }, []);
  const { by: _by, q: _q, ...facts } = fixed.facts;
  deepEqual(given.facts, { ...facts, by: "given" });
});

gpuTest("a fit chooses k by synthetic defects, says it, and both branches' defects stand out", async (gpu) => {
  const { run, told } = toldRun(gpu);
  using fitted = await fit(run);
  const { k, by, area, spread, nu, kernel, pairs } = fitted.facts;
  deepEqual([kernel, nu, by], ["rbf", 0.5, "synthetic"]);
  ok(Number(area) > 0.95 && Number(spread) >= 0 && Number(k) > 0 && Number(pairs) > 1000);
  match(told.join(), /info: k [\d.e-]+ by synthetic, .*AU-PRO@0.05 [\d.]+, ± [\d.]+/);
  for (const { truth, ...maps } of defects) {
    const { values, score } = await fitted.fuse(maps, run);
    equal(score, Math.max(...values));
    const usual = Math.max(...values.filter((_, i) => truth[i] === 0));
    const found = values.filter((value, i) => truth[i] === 1 && value > usual).length;
    ok(found > 0.8 * truth.reduce((sum, place) => sum + place), `${found} of a defect above ${usual}`);
  }
});

gpuTest(
  "rbf fuses to the monotone distance above that of silence, and the plane shows where that begins",
  async (gpu) => {
    const { run } = toldRun(gpu), folder = tinyFolder(), { feature, missing } = withDefects(tinyMaps(9));
    using fitted = await fit(run);
    await fitted.save(folder);
    const frontier = Float64Array.from(folder.tensor("frontier").values), { scale, boundary, normal } = fitted.plane!;
    equal(scale, fitted.facts.k);
    const { values } = await fitted.fuse({ feature, missing }, run), least = monotoneDistance(frontier, 0, 0);
    const far = Math.max(...frontier.map(Math.abs));
    values.forEach((value, i) => {
      const x = scale * feature.values[i], y = missing.values[i];
      const want = x === 0 && y === 0 ? 0 : monotoneDistance(frontier, x, y) - least + TIE_SHARE * (x + y);
      ok(Math.abs(value - want) <= 1e-5 * (far + x + y), `place ${i} is ${value}, not ${want}`);
    });
    const corners = boundary.flatMap((line) =>
      Array.from({ length: line.length / 2 }, (_, i) => line.slice(2 * i, 2 * i + 2))
    );
    ok(corners.length > 100 && corners.every(([x, y]) => monotoneDistance(frontier, x, y) < 1e-2 * far));
    ok(normal.length > 1000 && normal.length <= 4000 && normal.every((value) => value >= 0));
  },
);

gpuTest("no place ties with another one that has less in one branch, however silent the other", async (gpu) => {
  const { run } = toldRun(gpu), rising = Float32Array.from({ length: 1024 }, (_, i) => i / 100);
  const risingMap = { size: 32, values: rising, score: 10.23 }, silent = { ...risingMap, values: rising.map(() => 0) };
  using fitted = await fit(run);
  for (const maps of [{ feature: risingMap, missing: silent }, { feature: silent, missing: risingMap }]) {
    const { values } = await fitted.fuse(maps, run);
    ok(values.every((value, i) => i === 0 ? value === 0 : value > values[i - 1]));
  }
});

Deno.test("a line fuses to the distance along w, in float64, and the plane has its segment", async () => {
  for (const preset of ["linear", "sgd", "reference", "paper"]) {
    const { run } = toldRun(), { feature, missing } = withDefects(tinyMaps(9));
    using fitted = await fit(run, ocsvm.presets[preset]);
    const { k, w1, w2, rho } = fitted.facts as Record<string, number>,
      { values } = await fitted.fuse({ feature, missing }, run);
    values.forEach((value, i) => {
      const want = (w1 * k * feature.values[i] + w2 * missing.values[i]) / Math.hypot(w1, w2);
      ok(Math.abs(value - want) <= 1e-6 * want + 1e-12, `place ${i} is ${value}, not ${want}`);
    });
    const [[x0, y0, x1, y1]] = fitted.plane!.boundary;
    for (const [x, y] of [[x0, y0], [x1, y1]]) {
      ok(Math.abs(w1 * x + w2 * y - rho) <= 1e-5 * Math.abs(rho) && x >= 0 && y >= 0);
    }
    ok(x0 < x1);
  }
});

Deno.test("labels without a defect, and defects that are not there, leave k to the tails, with a warning", async () => {
  const clean = defects.map((maps) => ({ ...maps, truth: new Uint8Array(1024) }));
  for (const [k, given] of [["labelled", clean], ["synthetic", clean], ["synthetic", []]] as const) {
    const { run, told } = toldRun();
    using fitted = await fit(run, { kernel: "linear", k }, given);
    equal(fitted.facts.by, "equal tails");
    match(told.join("\n"), new RegExp(`warn: no ${k} defect`));
  }
});

Deno.test("fewer than two pairs, and a branch without weight: both count alike, and a warning says so", async () => {
  const one = { feature: map(0, 2, 0, 0), missing: map(0, 0, 0, 0) }, none = { feature: map(0), missing: map(0) };
  for (const maps of [[], [none], [one], [{ feature: map(1, 2, 3, 4), missing: map(0, 0, 0, 0) }]]) {
    const { run, told } = toldRun();
    using fitted = await fit(run, { kernel: "linear" }, [], maps);
    match(
      told.join("\n"),
      maps.length === 1 && maps[0] !== one && maps[0] !== none ? /a branch no weight/ : /no boundary/,
    );
    const unit = 1 / Number(fitted.facts.k); // feature scores that count as a millimetre
    const { values } = await fitted.fuse({ feature: map(unit, 0, 2 * unit, 0), missing: map(0, 1, 0, 0) }, run);
    deepEqual([...values], [1, 1, 2, 0].map((value) => Math.fround(value * Math.SQRT1_2)));
  }
});

gpuTest("a fused map is finite and never below 0, and never falls where a branch rises, in every preset", (gpu) => {
  const { run } = toldRun(gpu), value = fc.float({ min: 0, max: 1e6, noNaN: true });
  const four = fc.array(fc.oneof(value, fc.constant(0)), { minLength: 4, maxLength: 4 });
  const fused = async (fitted: FittedFuser, s1: number[], s2: number[]) =>
    (await fitted.fuse({ feature: map(...s1), missing: map(...s2) }, run)).values;
  return fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(four, four), { maxLength: 3 }),
      fc.tuple(four, four),
      four,
      fc.constantFrom(...Object.values(ocsvm.presets)),
      async (scans, [s1, s2], rise, preset) => {
        const maps = scans.map(([a, b]): BranchMaps => ({ feature: map(...a), missing: map(...b) }));
        using fitted = await fit(run, preset, [], maps);
        const values = await fused(fitted, s1, s2);
        ok(values.every((v) => Number.isFinite(v) && v >= 0), `${values}`);
        const [raised, deeper] = [s1, s2].map((scores) => scores.map((v, i) => Math.max(v, rise[i])));
        for (const [a, b] of [[raised, s2], [s1, deeper]]) {
          const after = await fused(fitted, a, b);
          ok(after.every((v, i) => v >= values[i]), `${values} fell to ${after}`);
        }
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("maps that are no maps are refused by the branch's name: normal ones, defects, and those to fuse", async () => {
  const { run } = toldRun(), options = { kernel: "linear" } as const;
  using fitted = await fit(run, options);
  for (const { maps, refused } of refusedMaps()) {
    await rejects(fit(run, options, [], [maps]), refused);
    await rejects(fit(run, options, [{ ...maps, kind: "dent", truth: new Uint8Array(4) }]), refused);
    await rejects(fitted.fuse(maps, run), refused);
  }
});
