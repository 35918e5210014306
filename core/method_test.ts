import { deepEqual, equal, throws } from "node:assert/strict";
import { builtIn } from "../plugins/mod.ts";
import { OptionsRefused, preparePresets, resolveMethod, UnknownName } from "./mod.ts";

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
  refused("fpfh+sp-gan/ocsvm", "default", "reconstructor", ["(none in this version)"]);
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
