/** Figures over time: one JSON line a measurement, one file an adapter, in `bench/history/`. @module */
import { execFile } from "node:child_process";
import { appendFile, mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** One measurement; seconds. */
export interface HistoryEntry {
  readonly name: string;
  readonly adapter: string;
  readonly median: number;
  readonly least: number;
  readonly bound: "flops" | "bytes";
  readonly fraction: number;
}

const folder = new URL("./history/", import.meta.url);

/** An adapter's description as a file name. */
export const adapterSlug = (description: string): string =>
  description.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "unknown";

/** Adds a line to the adapter's file, with the commit (and `+` where the working tree differs from it) and the date. */
export async function appendHistory({ name, adapter, ...figures }: HistoryEntry): Promise<void> {
  const entry = { name, adapter, commit: await commit(), date: new Date().toISOString(), ...figures };
  await mkdir(folder, { recursive: true });
  await appendFile(new URL(`${adapterSlug(adapter)}.jsonl`, folder), `${JSON.stringify(entry)}\n`);
}

async function commit(): Promise<string> {
  const git = (...args: string[]) =>
    promisify(execFile)("git", args, { cwd: fileURLToPath(folder) }).then(({ stdout }) => stdout.trim());
  try {
    const hash = await git("rev-parse", "--short", "HEAD");
    return await git("status", "--porcelain", "--untracked-files=no", ":(top)", ":(top,exclude)bench/history")
      ? `${hash}+`
      : hash;
  } catch {
    return "unknown"; // an unpacked copy without its history
  }
}
