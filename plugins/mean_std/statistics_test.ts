import { deepEqual, equal, ok } from "node:assert/strict";
import { readNpy } from "../../formats/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { randomStream } from "../../core/mod.ts";
import { gatherStatistics } from "./statistics.ts";
import { equation13, fusedValue } from "./weights.ts";

/** The definition, in two passes. */
function twoPass(values: readonly number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
}

const golden = (name: string) => sharedData(`golden/fusion/fuse_${name}.npy`);
const read = async (name: string) => readNpy(await Deno.readFile(golden(name)!)).values as Float64Array;
const near = (found: number, wanted: number, what: string) =>
  ok(Math.abs(found - wanted) <= 1e-12 * Math.max(1, Math.abs(wanted)), `${what}: ${found}, not ${wanted}`);

for (const [row, places, rule] of [[0, "either", "sum"], [1, "positive", "max"]] as const) {
  Deno.test({
    name: `the golden statistics and fused values of rule ${rule}, places ${places}`,
    ignore: !golden("scores") || !golden("meanstd") || !golden(rule),
    fn: async () => {
      const scores = await read("scores"), [statistics, wanted] = [await read("meanstd"), await read(rule)];
      const s1 = scores.filter((_, i) => i % 2 === 0), s2 = scores.filter((_, i) => i % 2 === 1);
      const gathering = gatherStatistics(places), half = 2500;
      gathering.add(s1.slice(0, half), s2.slice(0, half)); // as two scans
      gathering.add(s1.slice(half), s2.slice(half));
      const { feature, missing } = gathering.statistics(), { w, b } = equation13({ feature, missing });
      [feature.mean, missing.mean, feature.deviation, missing.deviation, w, b].forEach((value, i) =>
        near(value, statistics[6 * row + i], ["μ1", "μ2", "σ1", "σ2", "w", "b"][i])
      );
      const shift = rule === "sum" ? b : 0; // the sum is kept without b
      const fused = fusedValue(rule, { w, b: b - shift });
      wanted.forEach((value, i) => near(fused(s1[i], s2[i]) + shift, value, `pair ${i}`));
    },
  });
}

Deno.test("the deviation keeps its digits far from 0, over many scans", () => {
  const random = randomStream(1, "test"),
    scans = Array.from({ length: 8 }, () => ({
      feature: Float64Array.from({ length: 4096 }, () => 1e8 + random.normal()),
      missing: Float64Array.from({ length: 4096 }, () => Math.max(0, random.normal())),
    }));
  const gathering = gatherStatistics("positive");
  scans.forEach(({ feature, missing }) => gathering.add(feature, missing));
  const { feature, missing, peak } = gathering.statistics();
  const wanted = twoPass(scans.flatMap(({ feature }) => [...feature]));
  ok(Math.abs(feature.deviation / wanted.deviation - 1) < 1e-7, `${feature.deviation}, not ${wanted.deviation}`); // naive sums lose all
  near(missing.deviation, twoPass(scans.flatMap(({ missing }) => [...missing].filter((v) => v > 0))).deviation, "σ2");
  near(peak / 1e8, twoPass(scans.map(({ feature }) => Math.max(...feature))).mean / 1e8, "peak");
});

Deno.test("a constant branch has a deviation of exactly 0, and so has one without a place", () => {
  const gathering = gatherStatistics("positive"), third = Math.fround(1 / 3);
  deepEqual(gathering.statistics().peak, 0);
  gathering.add(new Float32Array(999).fill(third), new Float32Array(999));
  const { feature, missing, peak } = gathering.statistics();
  deepEqual([feature.count, feature.mean, feature.deviation], [999, third, 0]);
  deepEqual([missing.count, missing.mean, missing.deviation], [0, 0, 0]);
  equal(peak, third);
  deepEqual(equation13({ feature, missing }), { w: 0, b: 0 });
});

Deno.test("places: either takes the same places of both, positive each branch's own", () => {
  const counts = (places: "either" | "positive") => {
    const gathering = gatherStatistics(places);
    gathering.add(Float32Array.of(0, 0, 1, 2), Float32Array.of(0, 3, 0, 4));
    const { feature, missing } = gathering.statistics();
    return [feature.count, feature.mean, missing.count, missing.mean];
  };
  deepEqual(counts("either"), [3, 1, 3, 7 / 3]);
  deepEqual(counts("positive"), [2, 1.5, 2, 3.5]);
});
