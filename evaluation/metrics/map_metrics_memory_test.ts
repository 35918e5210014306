import { equal, ok } from "node:assert/strict";
import v8 from "node:v8";
import vm from "node:vm";
import { mapMetrics } from "./map_metrics.ts";
import type { ScoredMaps } from "./scored_maps.ts";

const MIB = 2 ** 20, SIDE = 224, COUNT = 1000;

/** Bytes in use after a full collection. */
function liveBytes(collect: () => void): number {
  collect();
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/** 1000 maps made one by one, half of them with a defect of 400 places; `look` sees each walk every 100 maps. */
function synthetic(look: () => void): ScoredMaps {
  return {
    async *walk() {
      let state = 1;
      for (let index = 0; index < COUNT; index++) {
        if (index % 100 === 99) look();
        const scores = new Float32Array(SIDE * SIDE), truth = new Uint8Array(SIDE * SIDE);
        for (let i = 0; i < scores.length; i++) {
          state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
          scores[i] = (state >>> 8) / 2 ** 24;
        }
        const defect = ["good", "bent", "good", "cut", "good", "hole"][index % 6];
        for (let i = 0; defect !== "good" && i < 400; i++) truth[(60 + Math.floor(i / 20)) * SIDE + 50 + i % 20] = 1;
        yield { width: SIDE, height: SIDE, scores, truth, defect };
      }
    },
  };
}

Deno.test("mapMetrics() walks 1000 maps of 224 × 224 without holding them", async () => {
  v8.setFlagsFromString("--expose-gc");
  const collect = vm.runInNewContext("gc") as () => void;
  const before = liveBytes(collect);
  const seen: number[] = [];
  const { all } = await mapMetrics(synthetic(() => seen.push(liveBytes(collect) - before)));
  equal(all?.components, COUNT / 2);
  equal(seen.length, 20);
  // What may stay: 8 bytes for each of 200,000 anomalous places, and for each distinct score among them 4 bytes and 16 for each of
  // 4 types: 15 MiB at most. The maps themselves would be 239 MiB. The rest of the bound is the maps in hand, and the test's own.
  const most = Math.max(...seen);
  ok(most < 24 * MIB, `${(most / MIB).toFixed(1)} MiB are held`);
});
