/** Plugins out of modules, next to the built-in ones. @module */
import type { Descriptor, Plugin, Registry } from "../core/mod.ts";
import { builtIn, patchCore } from "../plugins/mod.ts";
import { PluginRefused } from "./errors.ts";

/** Plugins of every kind of options. */
// deno-lint-ignore no-explicit-any -- a list holds plugins with options of every kind
type AnyPlugin = Plugin<any>;

const kinds: readonly AnyPlugin["kind"][] = ["extractor", "descriptor", "reconstructor", "fuser"];

/** The built-in plugins and those of modules; `first` names the first extractor that the modules bring. */
export interface LoadedPlugins {
  /** What method names can stand for. */
  readonly registry: Registry;
  /** The method to take where none is named; absent where the modules bring no extractor. */
  readonly first?: string;
}

/**
 * Imports modules (paths, or specifiers such as `npm:…`) and takes every export that is a plugin; a descriptor is put under PatchCore. A
 * module is code: it runs with the program's rights. @throws {PluginRefused} when a module cannot be imported or brings no plugin
 */
export async function loadPlugins(specifiers: readonly string[]): Promise<LoadedPlugins> {
  const brought: AnyPlugin[] = [];
  for (const specifier of specifiers) {
    const found = (await pluginsOf(specifier)).flatMap((plugin) =>
      plugin.kind === "descriptor"
        ? [plugin, patchCore({ descriptor: plugin as unknown as Descriptor<unknown> }) as unknown as AnyPlugin]
        : [plugin]
    );
    if (found.length === 0) {
      throw new PluginRefused(specifier, `it exports no ${kinds.join(", ")} of plugin interface 1`);
    }
    brought.push(...found);
  }
  return {
    registry: { plugins: [...brought, ...builtIn.plugins] },
    first: brought.find(({ kind }) => kind === "extractor")?.name,
  };
}

async function pluginsOf(specifier: string): Promise<AnyPlugin[]> {
  const isPath = /^(\.{1,2}[/\\]|[/\\]|[A-Za-z]:[/\\])/.test(specifier);
  try {
    const module: Record<string, unknown> = await import(
      isPath ? new URL(specifier, `file://${Deno.cwd()}/`).href : specifier
    );
    return Object.values(module).filter(isPlugin);
  } catch (cause) {
    throw new PluginRefused(specifier, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function isPlugin(value: unknown): value is AnyPlugin {
  if (typeof value !== "object" || value === null) return false;
  const { kind, name, api, options, presets } = value as Partial<AnyPlugin>;
  return kinds.some((known) => known === kind) && typeof name === "string" && api === 1 &&
    typeof options === "object" && typeof presets === "object";
}
