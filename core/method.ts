/** What a method's name and preset stand for, resolved in one place. @module */
import { UnknownName } from "./errors.ts";
import { parseOptions } from "./options.ts";
import { withOverrides } from "./overrides.ts";
import type { Extractor, Plugin } from "./plugin.ts";
import { type PrepareOptions, prepareOptions, preparePresets } from "./prepare.ts";

/** The plugins that names can stand for. */
export interface Registry {
  /** Plugins of all kinds; a name need only be unique within its kind. */
  // deno-lint-ignore no-explicit-any -- a list holds plugins with options of every kind
  readonly plugins: readonly Plugin<any>[];
}

/** A method with all its options: what is fitted, and what a model stores. */
export interface Method {
  /** As given, such as `fpfh`. */
  readonly name: string;
  /** Name of the option set that it starts from. */
  readonly preset: string;
  /** The plugin of the feature branch. */
  // deno-lint-ignore no-explicit-any -- its options belong to it alone; they were checked by its schema
  readonly extractor: Extractor<any>;
  /** The preset's options with the changes in. */
  readonly options: MethodOptions;
}

/** All options of a method, each checked by its owner's schema. */
export interface MethodOptions {
  /** How scans are made ready. */
  readonly prepare: PrepareOptions;
  /** The extractor's own, as its schema gives them. */
  readonly extractor: Readonly<Record<string, unknown>>;
}

/** Changes to a preset, such as `{ prepare: { background: "none" }, extractor: { ratio: 0.01 } }`. */
export interface MethodOverrides {
  /** Some of {@linkcode PrepareOptions}. */
  readonly prepare?: Readonly<Record<string, unknown>>;
  /** Some of the extractor's own, nested as they are. */
  readonly extractor?: Readonly<Record<string, unknown>>;
}

/**
 * Resolves `EXTRACTOR[+RECONSTRUCTOR/FUSER]`, a preset and changes to it. @throws {UnknownName} for names and presets that nobody has
 * @throws {OptionsRefused}
 */
export function resolveMethod(
  name: string,
  preset: string,
  { plugins }: Registry,
  overrides: MethodOverrides = {},
): Method {
  const [extractorName, branch] = name.split("+", 2);
  // deno-lint-ignore no-explicit-any -- see Method
  const extractor = find(plugins, "extractor", extractorName) as Extractor<any>;
  if (branch !== undefined) {
    const [reconstructor, fuser = ""] = branch.split("/", 2);
    find(plugins, "reconstructor", reconstructor);
    find(plugins, "fuser", fuser);
  }
  const base = extractor.presets[preset];
  if (base === undefined) throw new UnknownName(`preset of ${extractor.name}`, preset, Object.keys(extractor.presets));
  const prepareBase = preparePresets[preset as keyof typeof preparePresets] ?? preparePresets.default;
  return {
    name,
    preset,
    extractor,
    options: {
      prepare: parseOptions("prepare", prepareOptions, withOverrides(prepareBase, overrides.prepare)),
      extractor: parseOptions(extractor.name, extractor.options, withOverrides(base, overrides.extractor)) as Readonly<
        Record<string, unknown>
      >,
    },
  };
}

// deno-lint-ignore no-explicit-any -- see Registry
function find(plugins: readonly Plugin<any>[], kind: Plugin<any>["kind"], name: string): Plugin<any> {
  const of = plugins.filter((plugin) => plugin.kind === kind);
  const found = of.find((plugin) => plugin.name === name);
  if (!found) {
    throw new UnknownName(
      kind,
      name,
      of.length > 0 ? of.map((plugin) => plugin.name) : ["(none in this version)"],
    );
  }
  return found;
}
