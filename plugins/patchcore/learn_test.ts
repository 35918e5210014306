import { deepEqual, equal, notDeepEqual, ok, rejects } from "node:assert/strict";
import {
  createRun,
  fitRegistry,
  type Prepared,
  type Run,
  type Scan,
  ScanRefused,
  TooFewScans,
} from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { gpuTest, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { toyDescriptor } from "../../testing/toy_plugins.ts";
import { needsRegistration } from "./channels.ts";
import { learn } from "./learn.ts";
import { type BankOptions, bankOptions } from "./options.ts";

const scans = (count: number) => Array.from({ length: count }, (_, i) => tinyScan({ seed: i + 1 }));

/** How a fit went; `refuse` is a scan that the descriptor does not take. */
interface Given {
  readonly options?: Partial<BankOptions>;
  readonly registered?: boolean;
  readonly seed?: number;
  readonly refuse?: string;
}

/** All that was learned, on the host. */
async function learned(gpu: Gpu, given: readonly Scan[], { options = {}, registered, seed, refuse }: Given = {}) {
  const run: Run = createRun(gpu, { seed });
  const source = tinySource(run, given, () => {});
  const describe = async (scan: Prepared) => {
    if (scan.name === refuse) throw new ScanRefused(scan.name, "odd", "for the test");
    return await toyDescriptor.describe(scan, toyDescriptor.presets.default, run);
  };
  using registry = registered ? await fitRegistry(source, run) : undefined;
  const wanted = bankOptions.parse({ components: null, channels: ["row"], ...options });
  const { memory, heldOut, tried } = await learn(source, describe, wanted, registry, run);
  using _memory = memory;
  const { form, fallback, prior, quantiles, bankCounts, usualCost, usualGap } = memory;
  const [bank, rowSpread, ...values] = await Promise.all(
    [memory.bank.values, memory.rowSpread, ...memory.scans.map((scan) => scan.values)].map((buffer) =>
      gpu.read(buffer)
    ),
  );
  return { form, fallback, prior, quantiles, bankCounts, usualCost, usualGap, bank, rowSpread, values, heldOut, tried };
}

const numbersOf = (all: Awaited<ReturnType<typeof learned>>) => [
  ...Object.values(all.quantiles),
  ...all.prior.mean,
  ...all.prior.deviation,
  ...all.rowSpread,
  ...all.values.flatMap((values) => [...values]),
  ...all.heldOut.flatMap(({ score, peak }) => [score, peak]),
  all.usualCost,
  all.usualGap,
];

await gpuTest("learn() holds each scan out once, and judges it by the others", async (gpu) => {
  const all = await learned(gpu, scans(4));
  deepEqual(all.heldOut.map(({ name, cost }) => [name, cost]), [1, 2, 3, 4].map((seed) => [`tiny/${seed}`, null]));
  ok(all.heldOut.every(({ score, peak }) => score > 0 && peak === score));
  deepEqual([all.form, all.fallback, all.tried], [["row"], ["row"], []]);
  equal(all.bankCounts.reduce((sum, count) => sum + count, 0) * 4, all.bank.length, "the counts sum to the bank");
});

await gpuTest("learn() gives the same bits again for a seed, and another bank for another", async (gpu) => {
  const options = { bankRows: 200, channels: "auto", trials: 3 } as const;
  const first = await learned(gpu, scans(3), { options });
  deepEqual(await learned(gpu, scans(3), { options }), first);
  notDeepEqual((await learned(gpu, scans(3), { options, seed: 7 })).bank, first.bank);
});

await gpuTest("learn() from two scans or one judges by the distance alone, whatever is asked for", async (gpu) => {
  const two = await learned(gpu, scans(2), { options: { channels: ["row", "place"] } });
  deepEqual([two.form, two.fallback, two.tried, two.heldOut.length], [["distance"], ["distance"], [], 2]);
  const one = await learned(gpu, scans(1));
  deepEqual([one.form, one.heldOut], [["distance"], []]);
  await rejects(learned(gpu, scans(1), { refuse: "tiny/1" }), TooFewScans);
  await rejects(learned(gpu, []), TooFewScans);
});

await gpuTest("learn() tries no form that needs registered scans where there are none", async (gpu) => {
  const { tried, form } = await learned(gpu, scans(3), { options: { channels: "auto", trials: 3 } });
  ok(tried.length > 1 && !tried.some(({ form }) => form.some(needsRegistration)));
  ok(tried.some((one) => one.form === form));
  ok(tried.every(({ auPro }) => auPro >= 0 && auPro <= 1));
  const untried = await learned(gpu, scans(3), { options: { channels: "auto", trials: 0 } });
  deepEqual(untried.tried, []);
});

await gpuTest("learn() goes on without a refused scan as if it had not been there", async (gpu) => {
  const with4 = await learned(gpu, scans(4), { refuse: "tiny/2" });
  const with3 = await learned(gpu, scans(4).filter(({ name }) => name !== "tiny/2"));
  deepEqual(with4.heldOut, with3.heldOut);
  deepEqual([with4.bank, with4.rowSpread, with4.quantiles], [with3.bank, with3.rowSpread, with3.quantiles]);
  deepEqual([...with4.bankCounts], [with3.bankCounts[0], 0, ...with3.bankCounts.slice(1)]);
});

await gpuTest("learn() with a registry goes on without a scan that the descriptor refuses", async (gpu) => {
  const options = { channels: ["place", "local", "tilt", "offset"] } as const;
  const all = await learned(gpu, scans(4), {
    options: { ...options, channels: [...options.channels] },
    registered: true,
    refuse: "tiny/2",
  });
  deepEqual(all.heldOut.map(({ name }) => name), ["tiny/1", "tiny/3", "tiny/4"]);
  ok(all.heldOut.every(({ cost, score }) => cost !== null && cost > 0 && score > 0));
  equal(all.values[1].length, 0);
  ok(all.usualCost > 0 && numbersOf(all).every(Number.isFinite));
  ok(!all.fallback.some(needsRegistration), "what a scan that can't be registered is judged by");
});

await gpuTest(
  "learn() from identical scans falls back to the distance by the spread of the bank, and has no NaN",
  async (gpu) => {
    const same = ["a", "b", "c"].map((name) => ({ ...tinyScan({ seed: 1 }), name }));
    for (const registered of [false, true]) {
      const all = await learned(gpu, same, {
        options: { channels: registered ? ["place", "local", "offset"] : ["row"] },
        registered,
      });
      ok(numbersOf(all).every(Number.isFinite));
      equal(all.prior.mean[0], 0);
      deepEqual(all.form, ["distance"], "nothing differs, so no spread says anything");
      ok(all.quantiles.distance > 0, "a distance is measured by something");
    }
  },
);
