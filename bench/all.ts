/**
 * Runs the benches: every `*_bench.ts` beside this file, in order of name. @module
 *
 * `deno task bench [WORD…]`: with words, those whose name contains one of them.
 */
import { readdir } from "node:fs/promises";
import process from "node:process";

const words = process.argv.slice(2);
const files = (await readdir(new URL(".", import.meta.url))).filter((file) => file.endsWith("_bench.ts")).sort();
for (const file of files) {
  if (words.length === 0 || words.some((word) => file.includes(word))) {
    await import(new URL(file, import.meta.url).href);
  }
}
process.exit(0); // the device is never closed, and would keep the process alive
