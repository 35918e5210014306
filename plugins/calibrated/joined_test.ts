import { equal, ok } from "node:assert/strict";
import { readNpy } from "../../formats/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { joinedBy } from "./joined.ts";
import type { Law } from "./law.ts";

/** A law by which a score is its own evidence. */
const itself: Law = { scores: Float64Array.of(0), evidence: Float64Array.of(0), shape: 0, scale: 1 };
const max = joinedBy("max", itself, itself), sum = joinedBy("fisher", itself, itself);

const golden = (name: string) => sharedData(`golden/fusion/combine_${name}.npy`);
const read = async (name: string) => (await readNpy(await Deno.readFile(golden(name)!))).values as Float64Array;

Deno.test({
  name: "the golden combinations: Fisher's of the sum, Bonferroni's of the stronger",
  ignore: !golden("p") || !golden("fisher") || !golden("bonferroni"),
  fn: async () => {
    const pairs = await read("p"), fisher = await read("fisher"), bonferroni = await read("bonferroni");
    equal(fisher.length, 9);
    fisher.forEach((wanted, i) => {
      const a = -Math.log(pairs[2 * i]), b = -Math.log(pairs[2 * i + 1]);
      const product = Math.exp(-sum(a, b)), found = product * (1 - Math.log(product));
      ok(Math.abs(found - wanted) <= 1e-12 * wanted, `pair ${i}: ${found}, not ${wanted}`);
      const stronger = Math.min(1, 2 * Math.exp(1e-3 * Math.min(a, b) - max(a, b)));
      ok(Math.abs(stronger - bonferroni[i]) <= 1e-12 * bonferroni[i], `pair ${i}: ${stronger}, not ${bonferroni[i]}`);
    });
  },
});

Deno.test("rule max: the stronger branch decides, the weaker parts ties", () => {
  equal(max(5, 0), 5);
  equal(max(0, 5), 5);
  ok(max(5, 1) > 5 && max(5, 4) > max(5, 1) && max(5, 4) < 5.01 && max(5, 4) === max(4, 5));
});
