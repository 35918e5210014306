/** A fit: from an archive or a folder to a model on the shelf. @module */
import type { Log } from "../core/mod.ts";
import { RequestRefused } from "./errors.ts";
import type { JobWorker } from "./job_runner.ts";
import type { FitRequest } from "./schemas/model_schema.ts";
import { fitApart } from "./scoring/fit_apart.ts";
import type { Scorer } from "./scoring/scorer.ts";
import type { Store } from "./store/store.ts";
import { unpackZip } from "./unpack.ts";

/** What a fit keeps of its request. */
export interface KeptFitRequest extends Omit<FitRequest, "folder"> {
  /** The normal scans; or else the archive. */
  readonly folder: string | null;
  /** Folder with `archive.zip`, which goes when the job ends. */
  readonly uploads: string | null;
}

/** Scans and their pictures: many more files than any category has. */
const MOST_FILES = 100_000;

/** Fits in a worker of its own. */
export function fitWork(
  { store, scorer, models, memoryBytes, unpackedBytes, seed, log }: {
    readonly store: Store;
    readonly scorer: Scorer;
    readonly models: string;
    readonly memoryBytes: number;
    readonly unpackedBytes: number;
    readonly seed?: number;
    readonly log: Log;
  },
): JobWorker {
  return async ({ id, request, signal, tell }) => {
    const { name, method, preset, folds, active, replace, folder, uploads } = request as KeptFitRequest;
    const say = (task: string, done: number, total: number) => {
      store.jobs.progress(id, { task, done, total });
      tell();
    };
    let source = folder;
    if (source === null) {
      say("unpacking the archive", 0, 1);
      const into = `${uploads}/unpacked`;
      await Deno.remove(into, { recursive: true }).catch(() => {}); // of a try before a restart
      await Deno.mkdir(into, { recursive: true });
      const archive = new Blob([await Deno.readFile(`${uploads}/archive.zip`)]);
      await unpackZip(archive, into, { mostBytes: unpackedBytes, mostFiles: MOST_FILES }, signal);
      source = await categoryIn(into);
    }
    const { refused } = await fitApart(
      { folder: source, name, method, preset, folds, into: models, replace },
      { signal, progress: say, log, seed, memoryBytes },
    );
    await scorer.forget(name);
    store.settings.forget(name); // a threshold of the model before has nothing to say of this one
    store.settings.set(name, { active });
    const words = refused.length === 0 ? "" : `, ${refused.length} refused: ${refused.map(({ input }) => input).join(", ")}`;
    say(`fitted${words}`, 1, 1);
  };
}

/** The folder of the category, which an archive may have at its top or in one folder. @throws {RequestRefused} */
async function categoryIn(folder: string): Promise<string> {
  const folders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) if (isDirectory) folders.push(name);
  if (folders.includes("train")) return folder;
  if (folders.length === 1) return await categoryIn(`${folder}/${folders[0]}`);
  throw new RequestRefused(422, "archive-malformed", "The archive has no folder train/ of normal scans: pack a category's folder");
}
