/** The project's own files, as the rules about them see them. @module */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The checkout, with a slash at its end. */
export const root = new URL("../", import.meta.url);

/** Folders that hold no source: git's own, and what `.gitignore` names. */
const skipped = new Set([".git", "node_modules", "out", "coverage", "models"]);

/** Paths of all files below a folder of the checkout ("" for all), relative to the checkout, sorted. */
export function projectFiles(folder = ""): string[] {
  const files: string[] = [];
  const walk = (path: string) => {
    for (const entry of readdirSync(new URL(path, root), { withFileTypes: true })) {
      if (entry.isDirectory()) {
        if (!skipped.has(entry.name)) walk(`${path}${entry.name}/`);
      } else if (entry.isFile()) files.push(path + entry.name);
    }
  };
  walk(folder === "" ? "" : `${folder}/`);
  return files.sort();
}

/** Those of {@linkcode projectFiles} that are TypeScript. */
export const sourceFiles = (folder = ""): string[] => projectFiles(folder).filter((file) => file.endsWith(".ts"));

/** True of a test beside the code it tests. */
export const isTest = (file: string): boolean => file.endsWith("_test.ts");

/** The text of one file of the checkout. */
export const textOf = (file: string): string => Deno.readTextFileSync(new URL(file, root));

/** The absolute path of one file of the checkout. */
export const pathOf = (file: string): string => fileURLToPath(new URL(file, root));
