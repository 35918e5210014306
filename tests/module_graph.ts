/** Which file imports which, and which packages, as Deno resolves them. @module */
import { root, sourceFiles, textOf } from "./project_files.ts";
import { runDeno, temporaryFolder } from "./run_deno.ts";

/** The imports of all files: types count as code does. Paths are relative to the checkout. */
export interface ModuleGraph {
  /** File to the project's files that it imports. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  /** File to the packages that it imports or resolves: `zod`, or `node:` for any built-in of Node. */
  readonly packages: ReadonlyMap<string, readonly string[]>;
  /** Files that are imported and not there, or cannot be read, each with the reason. */
  readonly missing: readonly string[];
}

interface InfoDependency {
  readonly specifier: string;
  readonly code?: { readonly specifier?: string; readonly error?: string };
  readonly type?: { readonly specifier?: string; readonly error?: string };
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly InfoDependency[];
    readonly error?: string;
  }[];
}

/** Reads the graph of these files, by default all, with `deno info --json`. */
export async function moduleGraph(roots: readonly string[] = sourceFiles()): Promise<ModuleGraph> {
  using folder = temporaryFolder();
  const entry = folder.put("all.ts", roots.map((file) => `import "${new URL(file, root).href}";\n`).join(""));
  const { code, stdout, stderr } = await runDeno(["info", "--json", "--config", "deno.json", entry]);
  if (code !== 0) throw new Error(`Cannot read the module graph: ${stderr}`);
  const { modules }: Info = JSON.parse(stdout);
  const files = new Map<string, string[]>(), packages = new Map<string, string[]>();
  const missing: string[] = [];
  for (const { specifier, dependencies = [], error } of modules) {
    if (!specifier.startsWith(root.href)) continue;
    const file = specifier.slice(root.href.length);
    if (error) {
      missing.push(`${file}: ${error}`);
      continue;
    }
    const inside = new Set<string>(), outside = new Set(resolvedPackages(file));
    for (const dependency of dependencies) {
      const target = dependency.code?.specifier ?? dependency.type?.specifier;
      if (target?.startsWith(root.href)) inside.add(target.slice(root.href.length));
      else outside.add(packageOf(dependency.specifier));
    }
    files.set(file, [...inside].sort());
    packages.set(file, [...outside].sort());
  }
  return { files, packages, missing };
}

/** The package's name in an import: without `npm:`, version and path; built-ins of Node are one package. */
function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return "node:";
  return /^(?:npm:\/?)?(@[^/]+\/[^/@]+|[^/@]+)/.exec(specifier)?.[1] ?? specifier;
}

/** Packages that a file finds by `import.meta.resolve("…")`, which no module graph shows. */
function resolvedPackages(file: string): string[] {
  return [...textOf(file).matchAll(/import\.meta\.resolve\(\s*["'`]([^."'`][^"'`]*)/g)].map(([, name]) =>
    packageOf(name)
  );
}
