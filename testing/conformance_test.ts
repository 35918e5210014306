import { ok, throws } from "node:assert/strict";
import { z } from "zod";
import { type Descriptor, type Extractor, type FittedExtractor, ScanRefused } from "../core/mod.ts";
import { conformance } from "./conformance.ts";
import { type BrokenPlugin, failuresOf } from "./conformance_failures.ts";
import { gpuTest } from "./gpu.ts";
import { testConformance } from "./test_conformance.ts";
import { tinyScan } from "./tiny_scan.ts";
import { toyDescriptor, toyExtractor, type ToyOptions } from "./toy_plugins.ts";

await testConformance(toyDescriptor);
await testConformance(toyExtractor);
await testConformance(toyExtractor, { scans: [5, 6, 7].map((seed) => tinyScan({ seed })), options: { scale: 2 } });

/** The toy with another way of describing, made of the right one. */
const describing = (describe: Descriptor<ToyOptions>["describe"]): Descriptor<ToyOptions> => ({
  ...toyDescriptor,
  describe,
});

/** The toy whose fitted form is changed. */
const fittedAs = (change: (fitted: FittedExtractor) => Partial<FittedExtractor>): Extractor<ToyOptions> => {
  const changed = (fitted: FittedExtractor) => ({ ...fitted, ...change(fitted) });
  return {
    ...toyExtractor,
    fit: async (...given) => changed(await toyExtractor.fit(...given)),
    load: async (...given) => changed(await toyExtractor.load(...given)),
  };
};

const running = new AbortController().signal;

/** Each breaks one thing; the checks have to say which. */
const broken: readonly BrokenPlugin<Descriptor<ToyOptions> | Extractor<ToyOptions>>[] = [
  [
    "whose rows are its memory's leftovers",
    describing((scan, _, run) => {
      const values = run.gpu.buffer("f32", 4 * scan.count); // never written
      return { values, count: scan.count, columns: 2, stride: 4, [Symbol.dispose]: () => values[Symbol.dispose]() };
    }),
    /the same bits again.*NaN/,
  ],
  [
    "that counts its calls",
    describing((() => {
      const calls = { count: 0 };
      return (scan, { scale }, run) => toyDescriptor.describe(scan, { scale: scale + calls.count++ }, run);
    })()),
    /the same bits again.*: value \d+ of the rows/,
  ],
  [
    "that keeps a buffer",
    describing((scan, options, run) => {
      run.gpu.buffer("f32", 4);
      return toyDescriptor.describe(scan, options, run);
    }),
    /leaves no buffer.*left 1 GPU buffers/,
  ],
  [
    "that writes into the scan",
    describing((scan, options, run) => {
      run.gpu.copy(run.gpu.zeros("f32", 4), scan.points, { length: 4 });
      return toyDescriptor.describe(scan, options, run);
    }),
    /the scan as it was.*/,
  ],
  [
    "that gives a row too few",
    describing(async (scan, options, run) => ({
      ...await toyDescriptor.describe(scan, options, run),
      count: scan.count - 1,
    })),
    /a row of finite features.*points gave/,
  ],
  [
    "that gives NaN",
    describing((scan, _, run) => toyDescriptor.describe(scan, { scale: NaN }, run)),
    /value 0 of the rows of tiny\/1 is NaN/,
  ],
  [
    "that ignores an interrupt",
    describing((scan, options, run) => toyDescriptor.describe(scan, options, { ...run, signal: running })),
    /RunAborted.*went on though/,
  ],
  [
    "that crashes on poor scans",
    describing((scan, options, run) => {
      if (scan.count < 30) throw new RangeError("Cannot read properties of undefined");
      return toyDescriptor.describe(scan, options, run);
    }),
    /bears poor scans.*RangeError.*instead of ScanRefused/,
  ],
  ["without a version", { ...toyDescriptor, version: "latest" }, /a name, a version.*"latest"/],
  ["with a preset that its schema refuses", {
    ...toyDescriptor,
    presets: { ...toyDescriptor.presets, wide: { scale: -1 } },
  }, /presets.*scale/],
  [
    "without a default",
    { ...toyExtractor, presets: { small: { scale: 1 } }, fit: toyExtractor.fit },
    /default is missing/,
  ],
  ["that swallows unknown options", {
    ...toyDescriptor,
    options: z.looseObject({ scale: z.number().default(1).describe("x") }) as unknown as z.ZodType<ToyOptions>,
  }, /refuses options.*noSuchOption/],
  [
    "whose option has no help",
    { ...toyDescriptor, options: z.strictObject({ scale: z.number().default(1) }) },
    /help.*scale/,
  ],
  ["that leaks when it is interrupted", {
    ...toyExtractor,
    fit: (source, options, run) => {
      run.gpu.buffer("f32", 4);
      return toyExtractor.fit(source, options, run);
    },
  }, /RunAborted.*left 1 GPU/],
  ["that gives up fitting at a poor scan", {
    ...toyExtractor,
    async fit(source, options, run) {
      for await (const { name, count } of source.walk()) {
        if (count < 30) throw new ScanRefused(name, "too-few-points", `${count} points are left`);
      }
      return toyExtractor.fit(source, options, run);
    },
  }, /among the normal ones.*ScanRefused.*instead of telling/s],
  ["that fits to the end though interrupted", {
    ...toyExtractor,
    fit: (source, options, run) => toyExtractor.fit(source, options, { ...run, signal: running }),
  }, /RunAborted.*fit\(\) went on though/],
  [
    "that scores though interrupted",
    fittedAs(({ score }) => ({
      score: (scan, run) => score(scan, { ...run, signal: running }),
    })),
    /RunAborted.*score\(\) went on though/,
  ],
  ["that never frees what it fitted", fittedAs(() => ({ [Symbol.dispose]: () => {} })), /disposed, left 1 GPU/],
  [
    "that remembers what it scored",
    fittedAs(({ score }) => {
      const last = { score: 0 };
      return {
        async score(scan, run) {
          const map = await score(scan, run), before = last.score;
          last.score = map.score;
          return { ...map, score: map.score + before };
        },
      };
    }),
    /the same bits.*scored again was/,
  ],
  [
    "that saves less than it knows",
    fittedAs(({ save }) => ({
      save: (model) =>
        save({
          ...model,
          putTensor: (name, { shape, values }) =>
            model.putTensor(name, { shape, values: values.map(Math.round) as Float32Array }),
        }),
    })),
    /saved and loaded.*loaded/,
  ],
  ["that turns half a model into a crash", {
    ...toyExtractor,
    load(model, options, run) {
      try {
        return toyExtractor.load(model, options, run);
      } catch {
        throw new TypeError("no tensor");
      }
    },
  }, /ModelRefused.*TypeError/],
  [
    "whose map is of another size",
    fittedAs(({ score }) => ({
      score: async (scan, run) => ({ ...await score(scan, run), size: 7 }),
    })),
    /finite maps.*is not 56 × 56/,
  ],
];

for (const [what, plugin, complaint] of broken) {
  await gpuTest(`conformance() finds a broken ${plugin.kind} ${what}`, async () => {
    const found = await failuresOf(plugin);
    ok(found.some((line) => complaint.test(line)), found.join("\n") || "no check failed");
  });
}

Deno.test("conformance() wants three scans", () => {
  throws(() => conformance(toyDescriptor, { scans: [tinyScan({ seed: 1 })] }), /with 1 scans: three are needed/);
});
