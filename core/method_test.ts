import { deepEqual, equal, throws } from "node:assert/strict";
import { builtIn } from "../plugins/mod.ts";
import { toyFuser, toyReconstructor } from "../testing/toy_branches.ts";
import { toyExtractor } from "../testing/toy_plugins.ts";
import { missingPresets, OptionsRefused, preparePresets, resolveMethod, UnknownName } from "./mod.ts";

/** What a method of the built-in plugins says of its descriptor. */
const descriptorOf = (preset: string, overrides = {}) =>
  resolveMethod("fpfh", preset, builtIn, overrides).options.extractor.descriptor as Record<string, unknown>;

Deno.test("resolveMethod() gives each preset whole, on the part that owns it", () => {
  const method = resolveMethod("fpfh", "reference", builtIn);
  deepEqual([method.name, method.preset, method.extractor.kind], ["fpfh", "reference", "extractor"]);
  deepEqual(method.options.prepare, preparePresets.reference);
  deepEqual([method.options.extractor.smoothing, method.options.extractor.score], ["pillow", "reweighted"]);
  deepEqual(descriptorOf("paper"), {
    normalNeighbours: 30,
    sizes: [30],
    sparseSizes: [],
    orient: "sensor",
    form: "paper",
  });
});

Deno.test("resolveMethod() changes one option and keeps the preset's others, inside the descriptor too", () => {
  const { options } = resolveMethod("fpfh", "paper", builtIn, { prepare: { size: 64 }, extractor: { ratio: 0.5 } });
  deepEqual(options.prepare, { ...preparePresets.paper, size: 64 });
  deepEqual([options.extractor.ratio, options.extractor.start], [0.5, "random"]);
  deepEqual(
    descriptorOf("paper", { extractor: { descriptor: { orient: "none" } } }),
    { normalNeighbours: 30, sizes: [30], sparseSizes: [], orient: "none", form: "paper" },
  );
});

Deno.test("resolveMethod() refuses names and presets that nobody has, and says which there are", () => {
  const refused = (name: string, preset: string, kind: string, known: string[]) =>
    throws(() => resolveMethod(name, preset, builtIn), (error: UnknownName) => {
      deepEqual([error.code, error.kind, error.known], ["unknown-name", kind, known]);
      return true;
    });
  refused("fpfz", "default", "extractor", ["fpfh"]);
  refused("", "default", "extractor", ["fpfh"]);
  const presets = ["default", "reference", "paper", "oriented", "sizes", "row", "place", "local"];
  refused("fpfh", "best", "preset of fpfh", presets);
});

Deno.test("resolveMethod() refuses options by their path, of whichever part", () => {
  for (
    const [overrides, path] of [
      [{ prepare: { size: 5 } }, "size"],
      [{ prepare: { keep: "all" } }, "keep"],
      [{ extractor: { ratio: 0 } }, "ratio"],
      [{ extractor: { descriptor: { normalNeighbours: 2 } } }, "descriptor.normalNeighbours"],
      [{ extractor: { descriptor: 7 } }, "descriptor"],
    ] as const
  ) {
    throws(() => resolveMethod("fpfh", "default", builtIn, overrides), (error: OptionsRefused) => {
      equal(error.code, "options-refused");
      deepEqual(error.issues.map((issue) => issue.path), [path]);
      return true;
    });
  }
  throws(() => resolveMethod("fpfh", "default", builtIn, { extractor: { colour: 1 } }), OptionsRefused);
});

const toys = {
  plugins: [toyExtractor, { ...toyReconstructor, name: "whole" }, { ...toyFuser, name: "sum" }, {
    ...toyFuser,
    name: "other",
  }],
};

Deno.test("resolveMethod() finds the parts of a method with two branches, each with its preset or its default", () => {
  const method = resolveMethod("toy+whole/sum", "heavy", toys, { missing: { leastArea: 9 } });
  deepEqual([method.extractor.name, method.reconstructor!.name, method.fuser!.name], ["toy", "whole", "sum"]);
  deepEqual(method.options, {
    prepare: preparePresets.default,
    extractor: { scale: 1000 },
    reconstructor: { share: 0.5 },
    missing: { ...missingPresets.default, leastArea: 9 },
    fuser: { weight: 10 },
  });
  const changed = resolveMethod("toy+whole/sum", "all", toys, { fuser: { weight: 3 } }).options;
  deepEqual([changed.reconstructor, changed.fuser], [{ share: 1 }, { weight: 3 }]);
  deepEqual(Object.keys(resolveMethod("toy", "small", toys).options), ["prepare", "extractor"]);
});

Deno.test("resolveMethod() refuses what a method with two branches lacks, by type", () => {
  const unknown = (name: string, preset: string, kind: string, known: string[], registry = toys) =>
    throws(() => resolveMethod(name, preset, registry), (error: UnknownName) => {
      deepEqual([error.code, error.kind, error.known], ["unknown-name", kind, known]);
      return true;
    });
  unknown("toy+hole/sum", "default", "reconstructor", ["whole"]);
  unknown("toy+hole/sum", "default", "reconstructor", ["(none in this version)"], { plugins: [toyExtractor] });
  unknown("toy+whole/sums", "default", "fuser", ["sum", "other"]);
  unknown("toy+whole/", "default", "fuser", ["sum", "other"]);
  unknown("toy/sum", "default", "extractor", ["toy"]);
  unknown("toy+whole+whole/sum", "default", "reconstructor", ["whole"]);
  unknown("toy+whole/sum", "reference", "preset of toy+whole/sum", ["default", "small", "all", "heavy"]);
  unknown("toy", "constructor", "preset of toy", ["default", "small"]);
  const refused = (name: string, overrides: object, ...issues: [string, RegExp][]) =>
    throws(() => resolveMethod(name, "default", toys, overrides), (error: OptionsRefused) => {
      deepEqual([error.code, error.issues.map(({ path }) => path)], ["options-refused", issues.map(([path]) => path)]);
      return issues.every(([, words], i) => words.test(error.issues[i].message));
    });
  refused("toy+whole", {}, ["fuser", /toy\+whole\/FUSER, FUSER one of sum, other/]);
  refused("toy", { fuser: { weight: 2 }, missing: { leastArea: 2 } }, ["missing.leastArea", /no reconstructor/], [
    "fuser.weight",
    /no fuser/,
  ]);
  refused("toy+whole/sum", { fuser: { weight: 0 } }, ["weight", /0/]);
  refused("toy+whole/sum", { missing: { leastArea: -1 } }, ["leastArea", /0/]);
});
