/** What all plugins have to keep: names, versions, options, presets. Nothing here needs a GPU. @module */
import { OptionsRefused, parseOptions, type Plugin } from "../core/mod.ts";
import { expect } from "./conformance_assert.ts";
import type { ConformanceCheck } from "./conformance_trial.ts";

/** The checks of {@linkcode Plugin}'s own members. */
export function pluginChecks<O>({ name, version, api, options, presets }: Plugin<O>): ConformanceCheck[] {
  const check = (sentence: string, work: () => void): ConformanceCheck => ({
    name: sentence,
    run: () => Promise.resolve().then(work),
  });
  const parse = (input: unknown) => parseOptions(name, options, input);
  return [
    check("has a name, a version and an interface that a model can store", () => {
      expect(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name), `the name "${name}" is not in kebab-case`);
      expect(/^\d+\.\d+\.\d+$/.test(version), `the version "${version}" is not like 1.0.0`);
      expect(api === 1, `the interface is ${api}, not 1`);
    }),
    check("has a preset default, and presets that its schema takes as they are", () => {
      expect("default" in presets, `the presets are ${Object.keys(presets).join(", ")}: default is missing`);
      for (const [preset, values] of Object.entries(presets)) {
        const stored = JSON.parse(JSON.stringify(values)); // as a model keeps them
        expect(ordered(parse(stored)) === ordered(values), `the preset ${preset} comes out of the schema changed`);
      }
    }),
    check("refuses options that it does not have, or that are none", () => {
      for (const input of [{ ...presets.default, noSuchOption: 1 }, "default", 3, null, []]) {
        expect(refuses(() => parse(input)), `the schema takes ${JSON.stringify(input)}`);
      }
    }),
    check("has a sentence of help for each option", () => {
      const silent = withoutHelp(options.toJSONSchema() as Schema);
      expect(silent.length === 0, `no .describe() for ${silent.join(", ")}`);
    }),
  ];
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
}

/** Paths of options that have no description; groups of options need none. */
function withoutHelp({ properties = {} }: Schema, path = ""): string[] {
  return Object.entries(properties).flatMap(([name, option]) =>
    option.properties ? withoutHelp(option, `${path}${name}.`) : option.description ? [] : [path + name]
  );
}

function refuses(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return error instanceof OptionsRefused;
  }
}

/** JSON with keys in order, so that equal values give equal text. */
function ordered(value: unknown): string {
  return JSON.stringify(
    value,
    (_, inner) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1))
        : inner,
  );
}
