import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { mapMetrics } from "../evaluation/mod.ts";
import { placeRanking, randomStream, type RankedMap } from "./mod.ts";

const LIMITS = [0.01, 0.05, 0.3, 1];
const SIDE = 12;

/** The measure of the evaluation, which labels components and walks twice. */
async function evaluated(maps: readonly RankedMap[]) {
  const { all } = await mapMetrics({
    async *walk() {
      for (const map of maps) {
        yield { width: map.scores.length / SIDE, height: SIDE, defect: "pasted", ...map };
      }
    },
  }, { limits: LIMITS });
  return all;
}

/** Both sum at most some thousand float64 terms of size 1: 1e-12 is far above their rounding, far below one place. */
async function sameAsEvaluated(maps: readonly RankedMap[]) {
  const got = placeRanking(maps, LIMITS), want = await evaluated(maps);
  if (!got || !want) return equal(got, want);
  for (const limit of LIMITS) {
    ok(Math.abs(got[limit] - want.exact[limit]) <= 1e-12, `at ${limit}: ${got[limit]}, not ${want.exact[limit]}`);
  }
}

/** One map with a rectangle of truth, empty where it has no area; integer scores, so that ties abound, with 0 of either sign. */
const tiedMap: fc.Arbitrary<RankedMap> = fc.tuple(
  fc.array(fc.oneof(fc.constantFrom(0, -0), fc.integer({ min: -2, max: 6 })), {
    minLength: SIDE * SIDE,
    maxLength: SIDE * SIDE,
  }),
  fc.nat(SIDE - 1),
  fc.nat(SIDE - 1),
  fc.nat(5),
  fc.nat(5),
).map(([scores, top, left, height, width]) => ({
  scores: Float32Array.from(scores),
  truth: Uint8Array.from(scores, (_, place) => {
    const row = Math.floor(place / SIDE), column = place % SIDE;
    return row >= top && row < top + height && column >= left && column < left + width ? 1 : 0;
  }),
}));

Deno.test("placeRanking() equals mapMetrics() where each map has one component or none, with ties", () =>
  fc.assert(fc.asyncProperty(fc.array(tiedMap, { maxLength: 5 }), sameAsEvaluated), { numRuns: 60 }));

Deno.test("placeRanking() equals mapMetrics() on real-valued scores of 40 larger maps", async () => {
  const random = randomStream(3, "test/place-ranking");
  const maps = Array.from({ length: 40 }, (_, index): RankedMap => {
    const truth = new Uint8Array(SIDE * 300), first = random.integer(200);
    if (index % 4 > 0) truth.fill(1, first, first + 5 + random.integer(60));
    return { scores: Float32Array.from(truth, (place) => Math.max(0, random.normal() + 2 * place)), truth };
  });
  await sameAsEvaluated(maps);
});

Deno.test("placeRanking() takes a truth in two pieces as one component", () => {
  // Of four anomalous places the best three are found before any normal one, in whichever piece they lie.
  const scores = Float32Array.of(9, 1, 1, 8, 7, 0), truth = Uint8Array.of(1, 0, 0, 1, 1, 1);
  equal(placeRanking([{ scores, truth }], [1])![1], 0.75);
});

Deno.test("placeRanking() is 1 for perfect maps and half the limit for constant ones", () => {
  const truth = Uint8Array.of(0, 0, 1, 1, 0, 0);
  equal(placeRanking([{ scores: Float32Array.from(truth), truth }], [0.3])![0.3], 1);
  ok(Math.abs(placeRanking([{ scores: new Float32Array(6), truth }], [0.3])![0.3] - 0.15) < 1e-15);
});

Deno.test("placeRanking() walks a generator once", () => {
  function* once() {
    yield { scores: Float32Array.of(1, 0), truth: Uint8Array.of(1, 0) };
  }
  equal(placeRanking(once(), [0.05])![0.05], 1);
});

Deno.test("placeRanking() has nothing to say without a defect or without a normal place", () => {
  const scores = new Float32Array(4);
  equal(placeRanking([], [0.3]), undefined);
  equal(placeRanking([{ scores, truth: new Uint8Array(4) }], [0.3]), undefined);
  equal(placeRanking([{ scores, truth: new Uint8Array(4).fill(1) }], [0.3]), undefined);
});
