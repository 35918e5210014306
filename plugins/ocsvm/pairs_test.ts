import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../../core/mod.ts";
import { gatherPairs, type NormalPairs, planePairs, stratifiedPlaces } from "./pairs.ts";

const random = () => randomStream(7, "test");
const of = (...values: number[]) => Float32Array.from(values);

Deno.test("gatherPairs() leaves out places where both branches are silent, and averages the largest feature scores", () => {
  const gathering = gatherPairs(random());
  gathering.add(of(0, 1, 0, 3), of(0, 0, 2, 4));
  gathering.add(of(0, 0), of(0, 0));
  deepEqual(gathering.pairs(), { s1: of(1, 0, 3), s2: of(0, 2, 4), peak: 1.5 });
  deepEqual(gatherPairs(random()).pairs(), { s1: of(), s2: of(), peak: 0 });
});

Deno.test("gatherPairs() keeps a uniform sample of more places than it may, the same one each time", () => {
  const count = 40_000, most = 20_000, values = Float32Array.from({ length: count }, (_, i) => i + 1);
  const gather = () => {
    const gathering = gatherPairs(random(), most);
    for (let first = 0; first < count; first += 10_000) {
      const part = values.subarray(first, first + 10_000);
      gathering.add(part, part.map((value) => 2 * value));
    }
    return gathering.pairs();
  };
  const { s1, s2 } = gather();
  equal(new Set(s1).size, most);
  ok(s1.every((value, i) => s2[i] === 2 * value));
  deepEqual(gather().s1, s1);
  for (let quarter = 0; quarter < 4; quarter++) {
    const kept = s1.filter((value) => Math.floor((value - 1) / 10_000) === quarter).length;
    ok(Math.abs(kept - 5000) < 250, `${kept} of quarter ${quarter}`); // 5 deviations of a hypergeometric count
  }
});

Deno.test("planePairs() are (k · s1, s2), of all places or of some", () => {
  const pairs: NormalPairs = { s1: of(1, 2, 3), s2: of(4, 5, 6), peak: 3 };
  deepEqual(planePairs(pairs, 2), Float64Array.of(2, 4, 4, 5, 6, 6));
  deepEqual(planePairs(pairs, 2, Uint32Array.of(2, 0)), Float64Array.of(6, 6, 2, 4));
});

Deno.test("stratifiedPlaces() takes the top per cent whole, and alike of all the others", () => {
  const count = 10_000, places = Array.from({ length: count }, (_, i) => i);
  const s1 = Float32Array.from(places, (i) => (i * 7919) % count), s2 = new Float32Array(count);
  const taken = stratifiedPlaces({ s1, s2, peak: 0 }, 1090, random());
  equal(taken.length, 1090);
  const bins = new Uint32Array(100);
  taken.forEach((place) => bins[Math.floor(s1[place] / 100)]++);
  deepEqual([...bins], [...new Array(99).fill(10), 100]);
  deepEqual(stratifiedPlaces({ s1, s2, peak: 0 }, 1090, random()), taken);
  ok(taken.every((place, i) => i === 0 || place > taken[i - 1]));
});

Deno.test("stratifiedPlaces() goes by the branch in which a place stands higher; equal values stand low", () => {
  const count = 2000, alarms = 20, places = Array.from({ length: count }, (_, i) => i);
  const s1 = Float32Array.from(places, (i) => i < alarms ? 0 : i), s2 = Float32Array.from(places, (i) => +(i < alarms));
  const taken = stratifiedPlaces({ s1, s2, peak: 0 }, 400, random());
  equal(taken.filter((place) => place < alarms).length, 20); // rank 1980 of 2000: the top per cent
  ok(taken.length > 390 && taken.length <= 400, `${taken.length}`);
});

Deno.test("stratifiedPlaces() takes all where they are few, and half where the top alone is too much", () => {
  const same = new Float32Array(1000).fill(3);
  equal(stratifiedPlaces({ s1: same, s2: same, peak: 3 }, 1000, random()).length, 1000);
  const rising = Float32Array.from({ length: 100_000 }, (_, i) => i);
  const taken = stratifiedPlaces({ s1: rising, s2: rising, peak: 0 }, 500, random());
  equal(taken.filter((place) => place >= 99_000).length, 250);
});
