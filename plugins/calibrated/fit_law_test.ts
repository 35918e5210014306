import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { mapOf } from "../../testing/tiny_maps.ts";
import { fitLaw } from "./fit_law.ts";
import { evidenceBy } from "./law.ts";
import { gatherPlaces } from "./normal_places.ts";

const SIDE = 64, PLACES = SIDE * SIDE, alarms = { share: 0.03, unit: 0.5 };

/** Values of a place in each of `scans` maps, the other branch silent but for `part`, which makes every place one of the part. */
function placesOf(scans: number, value: (scan: number, place: number) => number, part = 0) {
  const gathering = gatherPlaces();
  for (let scan = 0; scan < scans; scan++) {
    const feature = Float32Array.from({ length: PLACES }, (_, place) => value(scan, place));
    gathering.add({ feature: mapOf(feature), missing: mapOf(new Float32Array(PLACES).fill(part)) });
  }
  return gathering.places();
}

const random = randomStream(18, "test/fit-law");
const noise = Float64Array.from({ length: 4 * PLACES }, () => Math.exp(random.normal()));
const usual = placesOf(4, (scan, place) => noise[scan * PLACES + place]);

/** −ln p by the definition: (1 + #{≥ s})/(N + 1). */
function counted(values: Float32Array, places: number, score: number): number {
  return Math.log((places + 1) / (1 + values.reduce((sum, value) => sum + (value >= score ? 1 : 0), 0)));
}

Deno.test("below the tail a normal score has the evidence that is counted, to the distance of two knots", () => {
  const { feature, places } = usual, evidence = evidenceBy(fitLaw(usual, feature, alarms));
  let seen = 0;
  for (let at = 0; at < 0.99 * places; at += 37, seen++) {
    const score = feature.values[at], wanted = counted(feature.values, places, score), found = evidence(score);
    ok(Math.abs(found - wanted) < 1 / 400 + 1 / (places - at), `${score}: ${found}, not ${wanted}`);
  }
  ok(seen > 400);
});

Deno.test("at its knots a law is the count to the last digit, and between them a straight line", () => {
  const { feature, places } = usual, law = fitLaw(usual, feature, alarms), evidence = evidenceBy(law);
  ok(law.scores.length > 1000 && law.scores.length < 2100, `${law.scores.length} knots`);
  for (let i = 1; i < law.scores.length; i += 29) {
    const [low, score] = law.scores.subarray(i - 1, i + 1), wanted = counted(feature.values, places, score);
    ok(Math.abs(evidence(score) - wanted) < 1e-12 * wanted);
    const between = (law.evidence[i - 1] + law.evidence[i]) / 2;
    ok(Math.abs(evidence((low + score) / 2) - between) < 1e-12 * between);
  }
  ok(Math.abs(law.evidence.at(-1)! - Math.log(100)) < 3 / (0.01 * places), `${law.evidence.at(-1)}`);
  equal(law.excesses, Math.floor(places / 100));
});

Deno.test("evidence rises strictly with the score, from 0 at silence, and never ends", () => {
  const evidence = evidenceBy(fitLaw(usual, usual.feature, alarms)), top = usual.feature.values.at(-1)!;
  equal(evidence(0), 0);
  equal(evidence(-1), 0);
  const scores = Array.from({ length: 20_000 }, (_, i) => top * 3 * (i + 1) / 20_000);
  scores.push(...[10, 100, 1e6, 1e20, 1e37].map((times) => times * top));
  let before = 0;
  for (const score of scores) {
    const found = evidence(score);
    ok(found > before && Number.isFinite(found), `${score}: ${found} after ${before}`);
    before = found;
  }
});

/** The share of a scan that an alarm is taken to cover. */
const taken = (score: number) => 0.97 * Math.exp(-score / 0.0025) + 0.03 * Math.exp(-score / 0.5);

/** −ln p of a branch that is silent on most scans, by the definition. */
function alarmed(values: Float32Array, scans: number, score: number): number {
  const places = scans * PLACES,
    share = values.reduce((sum, value) => sum + (value >= score ? 1 : 0), 0) * scans / places;
  return Math.log((scans + 1) / (share + taken(score)));
}

Deno.test("a branch that is silent on all normal scans is judged by their number, then by its unit alone", () => {
  for (const scans of [1, 5, 32]) {
    const normal = placesOf(scans, () => 0, 1),
      law = fitLaw(normal, normal.feature, alarms),
      evidence = evidenceBy(law);
    const { kind, silentScans, shape, scale, excesses } = law;
    deepEqual([kind, silentScans, shape, scale, excesses], ["silent", scans, 0, 0.5, 0]);
    equal(evidence(0), 0);
    ok(
      Math.abs(evidence(1e-9) - Math.log(scans + 1)) < 1e-6,
      "the faintest alarm is as rare as one in all scans and this one",
    );
    for (
      const [score, off] of [[1e-4, 0.01], [0.003, 0.01], [0.01, 0.01], [0.1, 1e-5], [1, 1e-5], [10, 1e-5], [1e6, 1e-5]]
    ) {
      const wanted = Math.log((scans + 1) / (taken(Math.min(1, score)))) + Math.max(0, score - 1) / 0.5; // taken(1e6) is 0
      ok(Math.abs(evidence(score) - wanted) < off, `${score}: ${evidence(score)}, not ${wanted}`);
    }
  }
});

Deno.test("alarms on some normal scans count by the places they cover, and the scan to come as one more", () => {
  const scans = 8,
    depth = (scan: number, place: number) => scan < 3 && place < 400 ? (place + 1) / 400 * (1 + scan / 4) : 0;
  const normal = placesOf(scans, depth, 1), law = fitLaw(normal, normal.feature, alarms), evidence = evidenceBy(law);
  equal(law.kind, "silent");
  equal(law.silentScans, 5);
  for (const score of normal.feature.values.filter((_, i) => i % 7 === 0)) {
    const wanted = alarmed(normal.feature.values, scans, score);
    ok(Math.abs(evidence(score) - wanted) < 0.01, `${score}: ${evidence(score)}, not ${wanted}`);
  }
  equal(law.scores.at(-1), 1.5);
  const top = alarmed(normal.feature.values, scans, 1.5);
  ok(Math.abs(evidence(1.5) - top) < 1e-12);
  ok(Math.abs(evidence(11.5) - top - 20) < 1e-12, "beyond the largest it falls by the unit");
});

Deno.test("the more normal scans are silent, the rarer an alarm; the more of them have one, the more usual", () => {
  const evidence = (scans: number, alarmedScans: number) => {
    const normal = placesOf(scans, (scan, place) => scan < alarmedScans && place < 500 ? 0.8 : 0, 1);
    return evidenceBy(fitLaw(normal, normal.feature, alarms))(0.5);
  };
  ok(evidence(5, 0) < evidence(10, 0) && evidence(10, 0) < evidence(32, 0));
  ok(evidence(32, 0) > evidence(32, 1) && evidence(32, 1) > evidence(32, 5) && evidence(32, 5) > evidence(32, 15));
});

Deno.test("a branch is silent where at least half of the normal scans are", () => {
  const kind = (silentScans: number) => {
    const normal = placesOf(4, (scan, place) => scan < silentScans ? 0 : noise[place], 1);
    return fitLaw(normal, normal.feature, alarms).kind;
  };
  deepEqual([0, 1, 2, 3, 4].map(kind), ["dense", "dense", "silent", "silent", "silent"]);
});

Deno.test("a constant branch: its value is no evidence, and twice as much is some", () => {
  const normal = placesOf(3, () => 0.25), law = fitLaw(normal, normal.feature, alarms), evidence = evidenceBy(law);
  equal(law.excesses, 0);
  equal(evidence(0.25), 0);
  equal(evidence(0.5), 1);
});

Deno.test("few excesses give an exponential tail with their mean, many a shape", () => {
  const few = placesOf(1, (_, place) => 1 + place / PLACES),
    law = fitLaw(few, few.feature, alarms),
    { values } = few.feature;
  const excesses = values.filter((value) => value > law.scores.at(-1)!);
  equal(excesses.length, 40);
  equal(law.excesses, 40);
  equal(law.shape, 0);
  const mean = excesses.reduce((sum, value) => sum + value, 0) / 40 - law.scores.at(-1)!;
  ok(Math.abs(law.scale / mean - 1) < 1e-6, `${law.scale}, not ${mean}`);
  const heavy = fitLaw(usual, usual.feature, alarms); // of a log-normal, four standard errors
  ok(heavy.shape > 0.05 && heavy.shape <= 0.5, `${heavy.shape}`);
});
