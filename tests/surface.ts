/** What the package exports, one line an export. `deno task surface` writes it to docs/api.txt. @module */
import { root, textOf } from "./project_files.ts";
import { runDeno } from "./run_deno.ts";

/** The package's entry points as deno.json has them: what users import, and the file that it is. */
export const entryPoints = (): Readonly<Record<string, string>> => JSON.parse(textOf("deno.json")).exports;

/** The snapshot's place. */
export const surfaceFile = "docs/api.txt";

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly { readonly kind: string; readonly declarationKind: string }[];
}

/** Sorted lines `entry name kind`; an export that is two things at once, such as a value and a type, has both kinds. */
export async function publicSurface(entries: Readonly<Record<string, string>> = entryPoints()): Promise<string[]> {
  const lines = await Promise.all(
    Object.entries(entries).map(async ([entry, file]) => {
      const { code, stdout, stderr } = await runDeno(["doc", "--json", file]);
      if (code !== 0) throw new Error(`Cannot read the exports of ${file}: ${stderr}`);
      const { nodes }: { nodes: Record<string, { symbols: DocSymbol[] }> } = JSON.parse(stdout);
      return Object.values(nodes).flatMap(({ symbols }) => symbols).flatMap(({ name, declarations }) => {
        const kinds = new Set(declarations.map(({ kind }) => kind).filter((kind) => kind !== "moduleDoc"));
        return kinds.size > 0 ? [`${entry} ${name} ${[...kinds].sort().join("+")}`] : [];
      });
    }),
  );
  return lines.flat().sort();
}

if (import.meta.main) {
  const text = (await publicSurface()).join("\n") + "\n";
  if (Deno.args.includes("--write")) Deno.writeTextFileSync(new URL(surfaceFile, root), text);
  else await Deno.stdout.write(new TextEncoder().encode(text));
}
