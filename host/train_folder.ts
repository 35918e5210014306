/**
 * The folder of a training: what to go on from, and what people look at. @module
 *
 * Each file is written under a temporary name and renamed, the checkpoint after all others: a training that is killed between two of them
 * takes the look once more and writes the same bytes.
 */
import { z } from "zod";
import { type ModelFolder, ModelRefused, readTensorFile, writeTensorFile } from "../core/mod.ts";
import {
  saveCheckpoint,
  saveGenerator,
  type SizedTraining,
  type TrainedGenerator,
  type TrainingLook,
  type TrainingReport,
} from "../plugins/mod.ts";
import { diskStorage, provideFolder } from "./disk.ts";
import { TrainingRefused } from "./errors.ts";

/** Names of a training's files. */
export const trainingFiles = {
  generator: "generator.safetensors",
  sheet: "sheet.png",
  losses: "losses.csv",
  training: "training.json",
  checkpoint: "checkpoint.safetensors",
} as const;

/** What two trainings must have alike, if one is to be gone on with as the other. */
export interface TrainingSettings {
  /** Version of this program. */
  readonly uni3dad: string;
  /** Name of the size. */
  readonly size: string;
  /** Of every random choice. */
  readonly seed: number;
  /** Widths, and how many points a shape has. */
  readonly networks: SizedTraining["size"];
  /** How they are trained. */
  readonly options: SizedTraining["options"];
  /** Iterations between two looks, and looks without anything better after which it ends. */
  readonly looks: { readonly every: number; readonly patience: number };
  /** SHA-256 over the training scans' points. */
  readonly fingerprint: string;
}

/** `training.json`. */
export interface TrainingDocument extends TrainingSettings {
  /** Name and version of the document. */
  readonly schema: "uni3dad.training/1";
  /** Of the data set. */
  readonly category: string;
  /** Iterations in all. */
  readonly iterations: number;
  /** Names of the scans that are learned from. */
  readonly learned: readonly string[];
  /** Names of those that it is watched on. */
  readonly heldOut: readonly string[];
  /** All looks so far. */
  readonly reports: readonly TrainingReport[];
}

/** A training that was begun in the folder. */
export interface KeptTraining {
  /** What it was begun with. */
  readonly settings: TrainingSettings;
  /** All looks up to its checkpoint. */
  readonly reports: readonly TrainingReport[];
  /** The checkpoint. */
  readonly file: ModelFolder;
}

/** A folder that a training may be written to. */
export interface TrainingFolder {
  /** Its path. */
  readonly path: string;
  /** Absent where a training begins. */
  readonly kept?: KeptTraining;
}

/** What a look leaves. */
export interface LookToKeep {
  readonly document: TrainingDocument;
  readonly look: TrainingLook;
  /** A PNG. */
  readonly sheet: Uint8Array;
  /** Of a look that is the best so far. */
  readonly best?: TrainedGenerator;
}

/**
 * Opens a folder to train in, before the work. A training that was begun and has no checkpoint yet begins anew.
 * @throws {TrainingRefused} for a training that lies there, unless it is to be gone on with @throws {ModelRefused} for a checkpoint that is damaged
 * @throws {OutputUnwritable}
 */
export async function openTrainingFolder(
  folder: string,
  { resume }: { readonly resume: boolean },
): Promise<TrainingFolder> {
  const path = folder.replace(/(?<=.)\/+$/, "");
  await provideFolder(path);
  const names = await diskStorage(path).list(""), { training, checkpoint } = trainingFiles;
  if (!names.includes(training)) {
    const lost = Object.values(trainingFiles).find((name) => names.includes(name));
    if (lost) throw new TrainingRefused(path, `${lost} lies there and would be lost; name another folder`);
    return { path };
  }
  if (!resume) {
    throw new TrainingRefused(path, "a training lies there; go on with it by --resume, or name another folder");
  }
  return names.includes(checkpoint)
    ? { path, kept: keptIn(path, await readTensorFile(diskStorage(path), checkpoint)) }
    : { path };
}

const number = z.number(), perhaps = number.nullable();
const factsSchema = z.looseObject({
  settings: z.strictObject({
    uni3dad: z.string(),
    size: z.string(),
    seed: number,
    networks: z.custom<SizedTraining["size"]>(),
    options: z.custom<SizedTraining["options"]>(),
    looks: z.strictObject({ every: number, patience: number }),
    fingerprint: z.string(),
  }),
  reports: z.array(z.strictObject({
    iteration: number,
    losses: z.strictObject({ discriminator: perhaps, generator: perhaps, chamfer: perhaps }),
    quality: z.strictObject({ nearest: number, coverage: number, oneNearest: number, spread: number }),
    reconstruction: perhaps,
  })),
});

function keptIn(path: string, file: ModelFolder): KeptTraining {
  const facts = factsSchema.safeParse(file.facts());
  if (!facts.success) {
    const [{ path: at, message }] = facts.error.issues;
    throw new ModelRefused(path, `checkpoint, ${at.join(".") || "its facts"}`, "what a training keeps", message);
  }
  const { settings, reports } = facts.data;
  return { settings, reports, file };
}

/** Says that a training begins here, so that nobody begins another. @throws {OutputUnwritable} */
export function keepDocument({ path }: TrainingFolder, document: TrainingDocument): Promise<void> {
  return diskStorage(path).write(trainingFiles.training, textOf(JSON.stringify(document, null, 2)));
}

/** Writes all files of a look; the checkpoint last. @throws {OutputUnwritable} */
export async function keepLook(folder: TrainingFolder, { document, look, sheet, best }: LookToKeep): Promise<void> {
  const storage = diskStorage(folder.path), { uni3dad, size, seed, networks, options, looks, fingerprint } = document;
  const settings: TrainingSettings = { uni3dad, size, seed, networks, options, looks, fingerprint };
  const { state, reports } = look;
  if (best) await writeTensorFile(storage, trainingFiles.generator, (file) => saveGenerator(file, best));
  await storage.write(trainingFiles.sheet, sheet);
  await storage.write(trainingFiles.losses, textOf(lossesCsv(reports)));
  await keepDocument(folder, document);
  await writeTensorFile(
    storage,
    trainingFiles.checkpoint,
    (file) => saveCheckpoint(file, state, networks, { settings, reports }),
  );
}

/** One line a look; distances in millimetres, empty where there is none. */
function lossesCsv(reports: readonly TrainingReport[]): string {
  const millimetres = (metres: number | null) => metres === null ? null : 1000 * metres;
  const rows = reports.map(({ iteration, losses, quality, reconstruction }) => ({
    iteration,
    discriminator: losses.discriminator,
    generator: losses.generator,
    chamfer: losses.chamfer,
    reconstruction_mm: millimetres(reconstruction),
    nearest_mm: millimetres(quality.nearest),
    coverage: quality.coverage,
    one_nearest: quality.oneNearest,
    spread: quality.spread,
  }));
  const lines = rows.map((row) => Object.values(row).map((value) => value ?? "").join());
  return [Object.keys(rows[0]).join(), ...lines].join("\n");
}

const textOf = (text: string) => new TextEncoder().encode(`${text}\n`);
