/**
 * The folder of a training: what to go on from, and what people look at; of each generator in a folder of its own, `1`, `2`, … @module
 *
 * Each file is written under a temporary name and renamed, the checkpoint after all others: a training that is killed between two of them
 * takes the look once more and writes the same bytes.
 */
import { z } from "zod";
import { firstDifference, type ModelFolder, ModelRefused, readTensorFile, writeTensorFile } from "../core/mod.ts";
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

/** Names of the files of each generator. */
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
  /** How many generators there are. */
  readonly generators: number;
  /** Which of them this is, from 1. */
  readonly generator: number;
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

/** The training of a generator that has a checkpoint. */
export interface KeptTraining {
  /** What it was begun with. */
  readonly settings: TrainingSettings;
  /** All looks up to its checkpoint; at least one. */
  readonly reports: readonly TrainingReport[];
  /** The checkpoint. */
  readonly file: ModelFolder;
}

/** The folder of one of the generators. */
export interface TrainingPart {
  /** Its name in the training's folder: the generator's number, from 1. */
  readonly name: string;
  /** Its path. */
  readonly path: string;
  /** Absent where its training begins. */
  readonly kept?: KeptTraining;
}

/** A folder that a training may be written to. */
export interface TrainingFolder {
  /** Its path. */
  readonly path: string;
  /** One for each generator, in their order. */
  readonly parts: readonly TrainingPart[];
}

/** How to open one. */
export interface TrainingFolderOptions {
  /** Whether a training that lies there is to be gone on with. */
  readonly resume: boolean;
  /** How many generators are asked for. */
  readonly generators: number;
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
 * Opens a folder to train in, before the work. A generator whose training was begun and has no checkpoint yet begins anew.
 * @throws {TrainingRefused} for a training that lies there, unless it is to be gone on with as so many generators, and for a file that would be
 * lost @throws {ModelRefused} for a checkpoint that is damaged @throws {OutputUnwritable}
 */
export async function openTrainingFolder(
  folder: string,
  { resume, generators }: TrainingFolderOptions,
): Promise<TrainingFolder> {
  const path = folder.replace(/(?<=.)\/+$/, "");
  await provideFolder(path);
  const names = new Set(await diskStorage(path).list("")), begun = begunIn(names);
  const stray = ["", ...begun.map((number) => `${number}/`)].filter((prefix) =>
    prefix === "" || !names.has(prefix + trainingFiles.training)
  );
  const lost = stray.flatMap((prefix) => filesOf(prefix, names));
  if (lost.length > 0) throw new TrainingRefused(path, `${lost[0]} lies there and would be lost; name another folder`);
  if (begun.length > 0 && !resume) {
    throw new TrainingRefused(path, "a training lies there; go on with it by --resume, or name another folder");
  }
  const parts: TrainingPart[] = [];
  for (const number of new Set([...Array.from({ length: generators }, (_, i) => i + 1), ...begun])) {
    const name = `${number}`, own = `${path}/${name}`, { checkpoint } = trainingFiles;
    const kept = names.has(`${name}/${checkpoint}`)
      ? keptIn(own, await readTensorFile(diskStorage(own), checkpoint))
      : undefined;
    if (kept) assertSame(path, kept.settings, { generators });
    parts.push({ name, path: own, kept });
  }
  if (parts.length > generators) {
    const problem = `generator ${parts[generators].name} lies there, of ${generators} asked for`;
    throw new TrainingRefused(path, `${problem}; name another folder`);
  }
  for (const part of parts) await provideFolder(part.path);
  return { path, parts };
}

/** Numbers of the generators that have any file there, in their order. */
const begunIn = (names: ReadonlySet<string>): number[] =>
  [...new Set([...names].map((name) => /^([1-9]\d*)\//.exec(name)?.[1]))]
    .filter((number) => number !== undefined && filesOf(`${number}/`, names).length > 0)
    .map(Number).sort((a, b) => a - b);

/** Those of a generator's files that are there. */
const filesOf = (prefix: string, names: ReadonlySet<string>): string[] =>
  Object.values(trainingFiles).map((name) => prefix + name).filter((name) => names.has(name));

/** Whether a training was begun in a folder that holds these files. */
export const isTraining = (names: readonly string[]): boolean =>
  names.some((name) => begins.includes(name.replace(/^\d+\//, "")));

const begins: readonly string[] = [trainingFiles.training, trainingFiles.checkpoint];

/** @throws {TrainingRefused} with both sides named */
export function assertSame(path: string, kept: TrainingSettings, asked: Partial<TrainingSettings>): void {
  const other = firstDifference({ ...kept }, { ...asked });
  if (!other) return;
  const what = other.path === "fingerprint" ? "sha-256 of the training scans" : other.path;
  throw new TrainingRefused(
    path,
    `the training there has ${other.found} as ${what}, this one ${other.wanted}; ask for what it was begun with, or name another folder`,
  );
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
    generators: number,
    generator: number,
  }),
  reports: z.array(z.strictObject({
    iteration: number,
    losses: z.strictObject({ discriminator: perhaps, generator: perhaps, chamfer: perhaps }),
    quality: z.strictObject({ nearest: number, coverage: number, oneNearest: number, spread: number }),
    inverted: number,
    reconstruction: perhaps,
  })).min(1),
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
export function keepDocument({ path }: TrainingPart, document: TrainingDocument): Promise<void> {
  return diskStorage(path).write(trainingFiles.training, textOf(JSON.stringify(document, null, 2)));
}

/** Writes all files of a look; the checkpoint last. @throws {OutputUnwritable} */
export async function keepLook(part: TrainingPart, { document, look, sheet, best }: LookToKeep): Promise<void> {
  const storage = diskStorage(part.path);
  const { uni3dad, size, seed, networks, options, looks, fingerprint, generators, generator } = document;
  const settings: TrainingSettings = {
    uni3dad,
    size,
    seed,
    networks,
    options,
    looks,
    fingerprint,
    generators,
    generator,
  };
  const { state, reports } = look;
  if (best) await writeTensorFile(storage, trainingFiles.generator, (file) => saveGenerator(file, best));
  await storage.write(trainingFiles.sheet, sheet);
  await storage.write(trainingFiles.losses, textOf(lossesCsv(reports)));
  await keepDocument(part, document);
  await writeTensorFile(
    storage,
    trainingFiles.checkpoint,
    (file) => saveCheckpoint(file, state, networks, { settings, reports }),
  );
}

/** One line a look; distances in millimetres, empty where there is none. */
function lossesCsv(reports: readonly TrainingReport[]): string {
  const millimetres = (metres: number | null) => metres === null ? null : 1000 * metres;
  const rows = reports.map(({ iteration, losses, quality, inverted, reconstruction }) => ({
    iteration,
    discriminator: losses.discriminator,
    generator: losses.generator,
    chamfer: losses.chamfer,
    reconstruction_mm: millimetres(reconstruction),
    inverted_mm: millimetres(inverted),
    nearest_mm: millimetres(quality.nearest),
    coverage: quality.coverage,
    one_nearest: quality.oneNearest,
    spread: quality.spread,
  }));
  const lines = rows.map((row) => Object.values(row).map((value) => value ?? "").join());
  return [Object.keys(rows[0]).join(), ...lines].join("\n");
}

const textOf = (text: string) => new TextEncoder().encode(`${text}\n`);
