import { deepEqual, equal, ok } from "node:assert/strict";
import { createRun, prepare, type Prepared, type Run } from "../../core/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinyFolder, tinySource } from "../../testing/tiny_source.ts";
import { toyDescriptor, type ToyOptions } from "../../testing/toy_plugins.ts";
import { patchCore, type PatchCoreOptions } from "../mod.ts";

const extractor = patchCore({ descriptor: toyDescriptor });
const options: PatchCoreOptions<ToyOptions> = { ...extractor.presets.default, pooling: "zeros" }; // the coarse grid
const scans = [1, 2, 3].map((seed) => tinyScan({ seed }));

/** A bank's rows as `fit` leaves them, and one scan's score with these options. */
async function tried(changes: Partial<PatchCoreOptions<ToyOptions>>, run: Run, scan: Prepared) {
  const given = { ...options, ...changes }, folder = tinyFolder();
  using fitted = await extractor.fit(tinySource(run, scans), given, run);
  await fitted.save(folder);
  const { shape, values } = folder.tensor("bank");
  return { facts: fitted.facts, shape, values, map: await fitted.score(scan, run) };
}

Deno.test("patchCore() joins the presets that both have, and its schema takes them whole", () => {
  for (const [name, preset] of Object.entries(extractor.presets)) {
    deepEqual(extractor.options.parse(preset), preset, name);
  }
  deepEqual(extractor.presets.reference.descriptor, toyDescriptor.presets.default, "the toy has no reference");
  equal(extractor.presets.small, undefined, "and the bank no small");
  deepEqual([extractor.name, extractor.version, extractor.kind], ["toy", "1.0.0", "extractor"]);
  equal(extractor.options.safeParse({ ...options, descriptor: { scale: -1 } }).success, false);
});

Deno.test("patchCore() asks for registered scans where small patches are, or may be, judged by place", () => {
  const registers = (changes: Partial<PatchCoreOptions<ToyOptions>>) =>
    extractor.registers!({ ...options, pooling: "points", ...changes });
  deepEqual([registers({ channels: "auto" }), registers({ channels: ["row", "tilt"] })], [true, true]);
  deepEqual([registers({ channels: ["distance", "row"] }), registers({ pooling: "masked" })], [false, false]);
});

await gpuTest("patchCore() keeps the share of the rows that is asked for, of those that are looked at", async (gpu) => {
  const run = createRun(gpu);
  using ready = prepare(tinyScan({ seed: 9 }), tinyPrepare, run);
  const tenth = await tried({}, run, ready);
  deepEqual([tenth.facts.bankRows, tenth.shape], [235, [235, 2]]); // ⌊0.1 × 3 × 784⌋
  equal((await tried({ ratio: 0.25 }, run, ready)).facts.bankRows, 588);
  equal((await tried({ ratio: 1, mostRows: 100 }, run, ready)).facts.bankRows, 99, "33 of each of three scans");
  equal((await tried({ ratio: 1e-6 }, run, ready)).facts.bankRows, 1, "never none");
});

await gpuTest("patchCore() scores a dent higher than a good plate, by any of its scores and maps", async (gpu) => {
  const run = createRun(gpu);
  using good = prepare(tinyScan({ seed: 9 }), tinyPrepare, run);
  using bad = prepare(tinyScan({ seed: 9, dent: 0.004 }), tinyPrepare, run);
  for (
    const changes of [
      {},
      { score: "reweighted" },
      { distance: "squared" },
      { smoothing: "none", start: "random" },
      { smoothing: "pillow", pooling: "masked" },
    ] as const
  ) {
    const what = JSON.stringify(changes), { map } = await tried(changes, run, bad);
    ok(map.score > 1.5 * (await tried(changes, run, good)).map.score, what);
    const most = map.values.reduce((a, b) => Math.max(a, b));
    if (!("score" in changes)) equal(map.score, most, `${what}: the score is the map's maximum`);
    else ok(map.score > 0 && map.score !== most, what);
    if (!("pooling" in changes)) { // the dent is in the middle
      const at = map.values.indexOf(most);
      ok(Math.hypot(at % 56 - 27.5, Math.floor(at / 56) - 27.5) < 10, `${what}: the peak is at pixel ${at}`);
    }
  }
});

await gpuTest("patchCore() scores 0 everywhere on a scan that the whole bank holds", async (gpu) => {
  const run = createRun(gpu);
  using seen = prepare(scans[1], tinyPrepare, run);
  const { map } = await tried({ ratio: 1, smoothing: "none" }, run, seen);
  ok(map.values.every((value) => value === 0), `a training scan sees itself: ${map.score}`);
});
