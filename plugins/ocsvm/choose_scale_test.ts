import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createRun, type Log, randomStream, type Run } from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { chooseScale, middleOfPlateau } from "./choose_scale.ts";
import type { Example } from "./examples.ts";
import { type OcsvmOptions, presets } from "./options.ts";
import type { NormalPairs } from "./pairs.ts";

/** A run that writes down what it is told; nothing here touches a GPU. */
function quietRun(signal = new AbortController().signal): { readonly run: Run; readonly told: string[] } {
  const told: string[] = [], tell = (level: string) => (message: string) => void told.push(`${level}: ${message}`);
  const log: Log = { debug: tell("debug"), info: tell("info"), warn: tell("warn") };
  return { run: createRun({} as Gpu, { log, signal }), told };
}

/** Feature scores to 2, the other branch silent but for `alarms`. */
const pairsWith = (...alarms: number[]): NormalPairs => ({
  s1: Float32Array.from({ length: 100 }, (_, i) => (i + 1) / 50),
  s2: Float32Array.from({ length: 100 }, (_, i) => alarms[i] ?? 0),
  peak: 2,
});

/** Places of one scan, and the shares of those that are of its defect. */
const example = (s1: number[], s2: number[], shares: number[], kind?: string): Example => ({
  kind,
  defects: shares.some((share) => share > 0) ? 1 : 0,
  s1: Float32Array.from(s1),
  s2: Float32Array.from(s2),
  shares: Float64Array.from(shares),
  silentNormal: 10,
  silentShare: 0,
});

/** A dent of 1.9 among surfaces up to 1, a piece of 3 mm beside false alarms of 0.5: both are found for k between 0.5 / 1.9 and 3. */
const examples = [
  example([1, 0, 0.5], [0, 0.5, 0], [0, 0, 0]),
  example([1.9], [0], [1], "dent"),
  example([0], [3], [1], "piece"),
];

const choose = (
  pairs: NormalPairs,
  options: Partial<OcsvmOptions>,
  given: readonly Example[],
  { run } = quietRun(),
  weightAt = (k: number) => 1 / k,
) =>
  chooseScale(pairs, {
    options: { ...presets.default, ...options },
    examples: given,
    fitAt: (k) => ({ score: (x, y) => x + y, weight: weightAt(k) }),
    random: randomStream(1, "choice"),
    run,
  });

Deno.test("k fixed is the ratio of one quantile, and a millimetre's worth where that is 0", async () => {
  const pairs = pairsWith(4, 4, 4);
  deepEqual(await choose(pairs, { k: "fixed", quantile: 1 }, []), { k: 2, q: 1, by: "fixed" });
  const quiet = quietRun();
  deepEqual(await choose(pairs, { k: "fixed", quantile: 0.5, silentUnit: 4 }, [], quiet), { k: 2, by: "unit" });
  match(quiet.told[0], /^warn: a quantile of a branch is 0 .* 4 mm/);
});

Deno.test("k given is what it is, whatever else is there", async () => {
  deepEqual(await choose(pairsWith(4), { k: 0.3, quantile: 1 }, examples), { k: 0.3, by: "given" });
});

Deno.test("k synthetic is the middle of the values that find both kinds, though no quantile of the silent branch is above 0", async () => {
  const { k, by, q, area, spread } = await choose(pairsWith(), { k: "synthetic" }, examples);
  deepEqual([by, q, area, spread], ["synthetic", undefined, 1, 0]);
  // half an octave apart from 0.5 on, those within are 0.5 to 2.83; of the two in the middle the rounded logarithms choose
  ok(Math.abs(Math.log2(k) - 0.25) < 0.251, `${k}`);
});

Deno.test("k synthetic lets the unit count as much as the largest feature scores at most, however well more would find gaps", async () => {
  const shallow = [...examples.slice(0, 2), example([0], [0.3], [1], "piece")], silent = example([1], [0], [0]);
  const given = [silent, ...shallow.slice(1)]; // 0.3 mm is found with k below 0.3, where a dent stays above all
  const held = await choose(pairsWith(), { kernel: "linear" }, given);
  ok(held.k >= 0.5 && held.area! < 0.6, `${held.k}, ${held.area}`);
  const free = await choose(pairsWith(), { kernel: "linear" }, given, quietRun(), () => 0);
  ok(free.k < 0.3 && free.area === 1, `${free.k}, ${free.area}`);
  const none = await choose(pairsWith(), { kernel: "linear" }, given, quietRun(), () => Infinity);
  deepEqual(none, { k: 8, by: "synthetic" });
});

Deno.test("k synthetic takes a quantile's ratio where it lies best, and quantiles alone where no unit is given", async () => {
  const many = { ...pairsWith(), s2: Float32Array.from({ length: 100 }, (_, i) => (i + 1) / 49) };
  const { q, k } = await choose(many, { k: "synthetic", silentUnit: null }, examples);
  ok(q !== undefined && Math.abs(k - 50 / 49) < 1e-6, `${q}, ${k}`);
});

Deno.test("k labelled is the highest official AU-PRO, at a tie the larger quantile, as published", async () => {
  const spread = { ...pairsWith(), s2: Float32Array.from({ length: 100 }, (_, i) => i < 95 ? 1e-3 : i < 99 ? 2 : 20) };
  const found = await choose(spread, { ...presets.reference }, examples);
  deepEqual([found.by, found.q], ["labelled", quantileOf(0.99)]); // at 1, k is 10, and features outrank the piece; below 0.95 it is tiny
  ok(found.area! > 0.99 && found.spread === undefined);
});

/** The largest of the 21 quantiles up to `q`. */
const quantileOf = (q: number) => 0.9 + Math.floor((q - 0.9) / 0.005 + 1e-9) * ((1 - 0.9) / 20);

Deno.test("no defect, or labels without one: the tails are made equal, and a warning says so", async () => {
  for (const k of ["synthetic", "labelled"] as const) {
    for (const given of [[], [example([1, 2], [0, 0], [0, 0], "good")]]) {
      const quiet = quietRun();
      deepEqual(await choose(pairsWith(4), { k }, given, quiet), {
        k: 4 / Math.fround(1.98),
        q: 0.99,
        by: "equal tails",
      });
      match(quiet.told[0], new RegExp(`^warn: no ${k} defect`));
    }
  }
});

Deno.test("k labelled by quantiles that are all 0 is a millimetre's worth, and a warning says so", async () => {
  const quiet = quietRun();
  deepEqual(await choose(pairsWith(), { ...presets.paper }, examples, quiet), { k: 0.5, by: "unit" });
  match(quiet.told[0], /^warn: .* 1 mm/);
});

Deno.test("an interruption is heard between two values of k", async () => {
  const stop = new AbortController();
  setTimeout(() => stop.abort());
  await rejects(choose(pairsWith(), { k: "synthetic" }, examples, quietRun(stop.signal)), { code: "run-aborted" });
});

Deno.test("middleOfPlateau() stays on the plateau of the best, and goes by the ratio of k", () => {
  const ks = [1, 2, 4, 8, 16, 32, 64], all = (spread: number) => ks.map(() => spread);
  equal(middleOfPlateau(ks, [0.1, 0.9, 0.91, 0.9, 0.5, 0.92, 0.1], all(0.005)), 5);
  equal(middleOfPlateau(ks, [0.1, 0.9, 0.91, 0.9, 0.5, 0.1, 0.91], all(0.02)), 2);
  equal(middleOfPlateau(ks, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], all(0)), 3);
  equal(middleOfPlateau(ks, [0.1, 0.9, 0.91, 0.9, 0.9, 0.1, 0.1], [0, 0, 0, 0.02, 0.02, 0, 0]), 3);
  equal(middleOfPlateau([1, 1.1, 1.2, 1.3, 16], [1, 1, 1, 1, 1], all(0.1)), 3); // 4 is the middle: 1.3 is nearer than 16 by ratio
  equal(middleOfPlateau([1, 4], [1, 1], all(0)), 0);
});
