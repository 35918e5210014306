import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { OptionsRefused, TooFewScans } from "../core/mod.ts";
import type { ScanEntry } from "./dataset/mod.ts";
import { trainingSets } from "./training_sets.ts";

const entry = (name: string, defect: string): ScanEntry => ({ name, defect, file: `${name}.tiff` });
const train = Array.from({ length: 10 }, (_, i) => entry(`train/${i}`, "good"));
const test = ["bent", "bent", "cut", "cut", "cut", "good", "good"].map((defect, i) => entry(`${defect}/${i}`, defect));
const names = (entries: readonly ScanEntry[]) => entries.map(({ name }) => name);

Deno.test("trainingSets() is the category as it is where nothing is asked for", () => {
  deepEqual(trainingSets({ train, test }, { seed: 1 }), { sets: [{ train }], test, leftOut: [] });
});

Deno.test("trainingSets() draws sizes evenly over the sorted list", () => {
  const { sets, test: judged } = trainingSets({ train, test }, { trainScans: [2, 4, 10], seed: 1 });
  deepEqual(sets.map((set) => [set.trainScansAsked, names(set.train).map((name) => name.slice(6)).join()]), [
    [2, "0,5"],
    [4, "0,2,5,7"],
    [10, "0,1,2,3,4,5,6,7,8,9"],
  ]);
  deepEqual(judged, test);
});

Deno.test("trainingSets() replaces a share, rounded up, and no set's scan judges any set", () => {
  const { sets, test: judged, leftOut } = trainingSets({ train, test }, { contaminate: [0, 0.1, 0.21], seed: 1 });
  deepEqual(sets.map(({ contaminated }) => contaminated), [
    { share: 0, scans: 0 },
    { share: 0.1, scans: 1 },
    { share: 0.21, scans: 3 },
  ]);
  deepEqual(sets.map((set) => set.train.filter(({ defect }) => defect !== "good").length), [0, 1, 3]);
  deepEqual(sets.map((set) => set.train.length), [10, 10, 10]);
  equal(leftOut.length, 3);
  deepEqual(names(judged), names(test).filter((name) => !names(leftOut).includes(name)));
  const learned = new Set(sets.flatMap((set) => names(set.train)));
  ok(names(judged).every((name) => !learned.has(name)));
  const bad = (at: number) => names(sets[at].train).filter((name) => !name.startsWith("train"));
  ok(bad(1).every((name) => bad(2).includes(name)), "a larger share has the scans of a smaller one");
});

Deno.test("trainingSets() crosses sizes with shares, and judges all by the same scans", () => {
  const { sets, leftOut } = trainingSets({ train, test }, { trainScans: [5, 10], contaminate: [0, 0.2], seed: 3 });
  deepEqual(sets.map(({ trainScansAsked, contaminated }) => [trainScansAsked, contaminated!.scans]), [
    [5, 0],
    [5, 1],
    [10, 0],
    [10, 2],
  ]);
  equal(leftOut.length, 2);
});

Deno.test("trainingSets() depends on the seed alone", () => {
  const drawn = (seed: number) => JSON.stringify(trainingSets({ train, test }, { contaminate: [0.3], seed }));
  equal(drawn(1), drawn(1));
  ok([2, 3, 4].some((seed) => drawn(seed) !== drawn(1)));
});

Deno.test("trainingSets() rounds a share up, but not the error of a float", () => {
  const many = Array.from({ length: 100 }, (_, i) => entry(`train/${i}`, "good"));
  const defective = Array.from({ length: 20 }, (_, i) => entry(`cut/${i}`, "cut"));
  const scans = (share: number) =>
    trainingSets({ train: many, test: defective }, { contaminate: [share], seed: 0 }).sets[0].contaminated!.scans;
  deepEqual([scans(0.07), scans(0.071), scans(0.001)], [7, 8, 1]);
});

Deno.test("trainingSets() refuses more scans than there are, and to leave no defective scan to test with", () => {
  throws(() => trainingSets({ train, test }, { trainScans: [4, 11], seed: 0 }), TooFewScans);
  throws(() => trainingSets({ train, test }, { contaminate: [0.5], seed: 0 }), OptionsRefused);
  equal(trainingSets({ train, test }, { contaminate: [0.4], seed: 0 }).test.length, 3);
});
