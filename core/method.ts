/** What a method's name and preset stand for, resolved in one place. @module */
import { OptionsRefused, UnknownName } from "./errors.ts";
import { type MissingOptions, missingOptions, missingPresets } from "./missing_region.ts";
import { type OptionsSchema, parseOptions } from "./options.ts";
import { withOverrides } from "./overrides.ts";
import type { Extractor, Fuser, Plugin, Reconstructor } from "./plugin.ts";
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
  /** The plugin of the reconstruction branch, where the method has two. */
  // deno-lint-ignore no-explicit-any -- as above
  readonly reconstructor?: Reconstructor<any>;
  /** The plugin that joins two branches, where there are two. */
  // deno-lint-ignore no-explicit-any -- as above
  readonly fuser?: Fuser<any>;
  /** The preset's options with the changes in. */
  readonly options: MethodOptions;
}

/** All options of a method, each checked by its owner's schema. */
export interface MethodOptions {
  /** How scans are made ready. */
  readonly prepare: PrepareOptions;
  /** The extractor's own, as its schema gives them. */
  readonly extractor: Readonly<Record<string, unknown>>;
  /** The reconstructor's own, where there is one. */
  readonly reconstructor?: Readonly<Record<string, unknown>>;
  /** How a reconstruction becomes a map, where there is one. */
  readonly missing?: MissingOptions;
  /** The fuser's own, where there is one. */
  readonly fuser?: Readonly<Record<string, unknown>>;
}

/** Changes to a preset by part, nested as the options are, such as `{ prepare: { background: "none" }, extractor: { ratio: 0.01 } }`. */
export type MethodOverrides = { readonly [part in keyof MethodOptions]?: Readonly<Record<string, unknown>> };

/** The parts that options belong to. */
export const methodParts: readonly (keyof MethodOptions)[] = [
  "prepare",
  "extractor",
  "reconstructor",
  "missing",
  "fuser",
];

/**
 * Resolves `EXTRACTOR[+RECONSTRUCTOR/FUSER]`, a preset and changes to it. A part that has no preset of the name takes its default; one
 * of the plugins has to have it. @throws {UnknownName} for names and presets that nobody has @throws {OptionsRefused} also for options of
 * a part that the method lacks, and for a reconstructor without a fuser
 */
export function resolveMethod(
  name: string,
  preset: string,
  { plugins }: Registry,
  overrides: MethodOverrides = {},
): Method {
  const parts = partsOf(name, plugins), { extractor, reconstructor, fuser } = parts;
  const known = new Set(
    [extractor, reconstructor, fuser].flatMap((plugin) => plugin ? Object.keys(plugin.presets) : []),
  );
  if (!known.has(preset)) throw new UnknownName(`preset of ${name}`, preset, [...known]);
  const missing = reconstructor && { name: "missing", options: missingOptions, presets: missingPresets };
  const owners = {
    prepare: { name: "prepare", options: prepareOptions, presets: preparePresets },
    ...parts,
    missing,
  };
  const strange = methodParts.filter((part) => !owners[part] && Object.keys(overrides[part] ?? {}).length > 0);
  if (strange.length > 0) {
    throw new OptionsRefused(
      name,
      strange.flatMap((part) =>
        Object.keys(overrides[part]!).map((option) => ({
          path: `${part}.${option}`,
          message: `this method has no ${part === "missing" ? "reconstructor" : part}`,
        }))
      ),
    );
  }
  const options = methodParts.flatMap((part) => {
    const owner: OptionOwner | undefined = owners[part];
    return owner ? [[part, optionsOf(owner, preset, overrides[part])] as const] : [];
  });
  return { name, preset, ...parts, options: Object.fromEntries(options) as unknown as MethodOptions };
}

/** Who has options: a plugin, or a step between them. */
interface OptionOwner {
  readonly name: string;
  readonly options: OptionsSchema<unknown>;
  readonly presets: Readonly<Record<string, unknown>>;
}

function optionsOf({ name, options, presets }: OptionOwner, preset: string, changes: MethodOverrides["prepare"]) {
  const base = Object.hasOwn(presets, preset) ? presets[preset] : presets.default;
  return parseOptions(name, options, withOverrides(base as Readonly<Record<string, unknown>>, changes));
}

/** The plugins that a method's name names. */
function partsOf(name: string, plugins: Registry["plugins"]): Pick<Method, "extractor" | "reconstructor" | "fuser"> {
  const [first, second] = cutAt("+", name);
  const extractor = find(plugins, "extractor", first) as Method["extractor"];
  if (second === undefined) return { extractor };
  const [third, fourth] = cutAt("/", second);
  const reconstructor = find(plugins, "reconstructor", third) as Method["reconstructor"];
  if (fourth === undefined) {
    const example = `${name}/FUSER, FUSER one of ${namesOf(plugins, "fuser").join(", ")}`;
    throw new OptionsRefused(name, [{ path: "fuser", message: `two branches need one that joins them: ${example}` }]);
  }
  return { extractor, reconstructor, fuser: find(plugins, "fuser", fourth) as Method["fuser"] };
}

function cutAt(sign: string, text: string): readonly [string, string | undefined] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function namesOf(plugins: Registry["plugins"], kind: Plugin<unknown>["kind"]): readonly string[] {
  const names = plugins.filter((plugin) => plugin.kind === kind).map(({ name }) => name);
  return names.length > 0 ? names : ["(none in this version)"];
}

function find(plugins: Registry["plugins"], kind: Plugin<unknown>["kind"], name: string): Registry["plugins"][number] {
  const found = plugins.find((plugin) => plugin.kind === kind && plugin.name === name);
  if (!found) throw new UnknownName(kind, name, namesOf(plugins, kind));
  return found;
}
