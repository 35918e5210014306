import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { sharedData } from "../../tests/shared_data.ts";
import { equalTailScale, nearestQuantile, quantiles, quantileScales, unitScale, unitScales } from "./scale.ts";

const folder = sharedData("golden/fusion");

/** Values of a golden .npy file of float64. */
function golden(name: string): number[] {
  const bytes = new Uint8Array(readFileSync(`${folder}/${name}.npy`));
  return [...new Float64Array(bytes.slice(10 + bytes[8] + 256 * bytes[9]).buffer)];
}

Deno.test({
  name: "quantileScales() equals the golden ratios of 21 quantiles on both grids; 0/0 is skipped",
  ignore: !folder,
  fn: () => {
    const pairs = golden("fuse_scores"), speaks = (i: number) => pairs[2 * i] !== 0 || pairs[2 * i + 1] !== 0;
    const places = Array.from({ length: pairs.length / 2 }, (_, i) => i).filter(speaks);
    const [s1, s2] = [0, 1].map((branch) => Float64Array.from(places, (i) => pairs[2 * i + branch]).sort());
    for (const [grid, name] of [["upper", "09_1"], ["whole", "0_1"]] as const) {
      const want = golden(`fuse_k_quantile_${name}`), qs = quantiles(grid), scales = quantileScales(s1, s2, qs);
      const usable = want.flatMap((k, i) => k > 0 && k < Infinity ? [{ k, q: qs[i] }] : []);
      equal(Number.isNaN(want[0]), grid === "whole");
      deepEqual(scales.map(({ q }) => q), usable.map(({ q }) => q));
      scales.forEach(({ k }, i) => ok(Math.abs(k / usable[i].k - 1) <= 1e-14, `${k}, not ${usable[i].k}`));
    }
  },
});

Deno.test("nearestQuantile() rounds half to even, as numpy does", () => {
  const six = Float64Array.from([0, 1, 2, 3, 4, 5]);
  deepEqual([0, 0.1, 0.3, 0.5, 0.7, 0.9, 1].map((q) => nearestQuantile(six, q)), [0, 0, 2, 2, 4, 4, 5]);
  equal(nearestQuantile(Float64Array.of(7), 0.9), 7);
});

Deno.test("quantileScales() skips what is nothing beside the branch's largest value, and bears no pairs", () => {
  const s1 = Float64Array.of(1e-13, 1, 2), s2 = Float64Array.of(1, 2, 4);
  deepEqual(quantileScales(s1, s2, [0, 0.5, 1]), [{ k: 2, q: 0.5 }, { k: 2, q: 1 }]);
  deepEqual(quantileScales(s1, Float64Array.of(0, 0, 0), [0, 0.5, 1]), []);
  deepEqual(quantileScales(new Float64Array(), new Float64Array(), [0, 0.5, 1]), []);
});

Deno.test("unitScales() rise from a multiple of the millimetre's worth by so many octaves", () => {
  const scales = unitScales({ peak: 4 }, 2, -1, 0.5).map(({ k }) => k);
  deepEqual([scales.length, scales[0], scales[2], scales[20]], [21, 0.25, 0.5, 256]);
  deepEqual([unitScale({ peak: 4 }, 2).k, unitScale({ peak: 0 }, 2).k], [0.5, 1]);
});

Deno.test("equalTailScale() compares what both branches say where they speak, and grants few false alarms no more than the unit", () => {
  const pairs = { peak: 2 }, s1 = Float32Array.of(0, 1, 2, 2), none = new Float32Array(4);
  deepEqual(equalTailScale(s1, Float32Array.of(0, 0, 0, 3), pairs, 1), { k: 1.5, q: 0.99 });
  deepEqual(equalTailScale(s1, Float32Array.of(0, 0, 0, 1e-6), pairs, 1), { k: 0.5 });
  deepEqual(equalTailScale(s1, none, pairs, 1), { k: 0.5 });
  deepEqual(equalTailScale(none, s1, { peak: 0 }, 1), { k: 1 });
  deepEqual(equalTailScale(new Float32Array(), new Float32Array(), { peak: 0 }, 1), { k: 1 });
});
