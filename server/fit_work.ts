/** A fit: from an archive or a folder to a model on the shelf. @module */
import type { Log } from "../core/mod.ts";
import { Uni3dadError } from "../errors.ts";
import { readFile } from "../host/mod.ts";
import { CarriedError, ModelExists, RequestRefused } from "./errors.ts";
import type { JobWorker } from "./job_runner.ts";
import type { Job } from "./schemas/job_schema.ts";
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

/** Refused scans that are named where a fit has ended. */
const MOST_NAMED = 10;

/** What fitting needs of the service. */
export interface FitSurroundings {
  readonly store: Store;
  readonly scorer: Scorer;
  /** Folder of models. */
  readonly models: string;
  /** Most bytes that a fit may use. */
  readonly memoryBytes: number;
  /** Most bytes that an archive may unpack to. */
  readonly unpackedBytes: number;
  /** Every random choice comes from it. */
  readonly seed?: number;
  /** Whether a driver may be downloaded where there is none. */
  readonly download?: boolean;
  readonly log: Log;
}

/** Fits in a worker of its own. */
export function fitWork(
  { store, scorer, models, memoryBytes, unpackedBytes, seed, download, log }: FitSurroundings,
): JobWorker {
  return async ({ job, request, signal, keep, say }) => {
    const { name, method, preset, folds, active, replace, folder, uploads } = request as KeptFitRequest;
    let source = folder;
    if (source === null) {
      say({ task: "unpacking the archive" });
      const into = `${uploads}/unpacked`;
      await Deno.remove(into, { recursive: true }).catch(() => {}); // of a try before a restart
      const archive = new Blob([await readFile(`${uploads}/archive.zip`)]);
      await unpackZip(archive, into, { mostBytes: unpackedBytes, mostFiles: MOST_FILES }, signal);
      source = await categoryIn(into);
    }
    const { refused } = await fitApart(
      { folder: source, name, method, preset, folds, into: models, replace },
      { signal, progress: (task, done, total) => say({ task, done, total }), log, seed, download, memoryBytes },
    ).catch(async (error) => {
      if (error instanceof ModelExists && await isOf(job, `${models}/${name}`)) return { refused: [] };
      throw uploads === null || !(error instanceof Uni3dadError) ? error : withoutPath(error, source);
    });
    await scorer.forget(name);
    // a threshold of the model before has nothing to say of this one
    await keep(() => store.together(() => (store.settings.forget(name), store.settings.set(name, { active }))));
    const named = refused.slice(0, MOST_NAMED).map(({ input }) => input),
      more = refused.length > MOST_NAMED ? ", …" : "";
    const words = refused.length === 0 ? "" : `, ${refused.length} refused: ${named.join(", ")}${more}`;
    say({ task: `fitted${words}`, done: 1, total: 1 });
  };
}

/** An error of an archive's content without the path of where it was unpacked to, which is nobody's business. */
const withoutPath = ({ code, message }: Uni3dadError, path: string) =>
  new CarriedError(code, message.replaceAll(path, "the archive"));

/** Whether a model was written by this job, which was stopped before it could say so: names are free when a job begins. */
async function isOf({ started }: Job, folder: string): Promise<boolean> {
  const { mtime } = await Deno.stat(`${folder}/model.json`);
  return started !== null && mtime !== null && mtime.getTime() >= Date.parse(started);
}

/** Folders that archivers add. */
const NO_CATEGORY = /^(__MACOSX|\..*)$/;

/** The folder of the category, which an archive may have at its top or in one folder. @throws {RequestRefused} */
async function categoryIn(folder: string): Promise<string> {
  const folders: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && !NO_CATEGORY.test(name)) folders.push(name);
  }
  if (folders.includes("train")) return folder;
  if (folders.length === 1) return await categoryIn(`${folder}/${folders[0]}`);
  throw new RequestRefused(
    422,
    "archive-malformed",
    "The archive has no folder train/ of normal scans: pack a category's folder",
  );
}
