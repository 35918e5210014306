/** `train`: a generator of a product's normal shapes from its normal scans, in a folder. @module */
import {
  digestedScans,
  firstDifference,
  fitRegistry,
  type NamedScan,
  preparePresets,
  randomStream,
  type Run,
  RunAborted,
  scanSource,
  TooFewScans,
  VERSION,
} from "../core/mod.ts";
import type { Uni3dadError } from "../errors.ts";
import { GpuOutOfMemory } from "../kernels/mod.ts";
import {
  bestOf,
  loadCheckpoint,
  type NamedFrame,
  type NormalCloud,
  normalShapes,
  type SizedTraining,
  trainGenerator,
  type TrainingLook,
  type TrainingReport,
} from "../plugins/mod.ts";
import { shapeSheetPng } from "../report/mod.ts";
import { TrainingRefused, TrainingTooLarge } from "./errors.ts";
import { type OpenDataset, refusal, type Refused } from "./fit.ts";
import { entryScans } from "./inputs.ts";
import {
  keepDocument,
  keepLook,
  type TrainingDocument,
  trainingFiles,
  type TrainingFolder,
  type TrainingSettings,
} from "./train_folder.ts";

/** How to train. */
export interface TrainOptions extends SizedTraining {
  /** What the size is called. */
  readonly name: string;
}

/** What `train --json` says. */
export interface TrainDocument {
  /** Name and version of the document. */
  readonly schema: "uni3dad.train/1";
  /** Path of the folder. */
  readonly model: string;
  /** Of the data set. */
  readonly category: string;
  /** Name of the size. */
  readonly size: string;
  /** Of every random choice. */
  readonly seed: number;
  /** Names of the files in the folder. */
  readonly files: readonly string[];
  /** How many scans are learned from, and how many it is watched on. */
  readonly scans: { readonly learned: number; readonly heldOut: number };
  /** SHA-256 over the training scans' points. */
  readonly fingerprint: string;
  /** The iteration that it went on from; null where it began. */
  readonly resumedFrom: number | null;
  /** The look whose generator is kept; distances in metres. */
  readonly best: TrainingReport;
  /** All looks, those before it went on too. */
  readonly reports: readonly TrainingReport[];
  /** Scans that could not be used. */
  readonly refused: readonly Refused[];
  /** Of this run. */
  readonly seconds: number;
}

/** Samples of each scan's surface. */
const SAMPLES = 4;

/** Every which scan is held out where there are enough, how many at least, and scans below which none is. */
const HELD_OUT = 8, FEWEST_HELD_OUT = 2, FEWEST = 4;

/** Scans that shapes can be learned from: each is brought to others. */
const FEWEST_LEARNED = 2;

/** Shapes of a row of the sheet. */
const SHEET = 8;

/**
 * Trains, and leaves whole files in the folder at each look. A training that was kept there is gone on with, to the result that it would have had.
 * @throws {TrainingRefused} for one of other settings or scans @throws {TooFewScans} @throws {TrainingTooLarge} @throws {TrainingDiverged}
 * @throws {OutputUnwritable} @throws {RunAborted}
 */
export async function train(
  data: OpenDataset,
  folder: TrainingFolder,
  { name, size, options, plan }: TrainOptions,
  run: Run,
): Promise<TrainDocument> {
  const began = performance.now(), { kept } = folder, { category } = data.dataset;
  const { iterations, ...looks } = plan;
  const known = { uni3dad: VERSION, size: name, seed: run.seed, networks: size, options, looks };
  if (kept) assertSame(folder.path, kept.settings, known);
  const { clouds, frame, fingerprint, refused } = await learnable(data, size.points, run);
  if (kept) assertSame(folder.path, kept.settings, { fingerprint });
  const { learned, heldOut } = apart(clouds);
  if (heldOut.length === 0) {
    run.log.info(`${clouds.length} normal scans are too few to hold any out: distances are of those it learns from`);
  }
  const names = (of: readonly NormalCloud[]) => of.map((cloud) => cloud.name);
  const documentOf = (reports: readonly TrainingReport[]): TrainingDocument => ({
    schema: "uni3dad.training/1",
    ...known,
    fingerprint,
    category,
    iterations,
    learned: names(learned),
    heldOut: names(heldOut),
    reports,
  });
  if (!kept) await keepDocument(folder, documentOf([]));
  const start = kept && { state: loadCheckpoint(kept.file, size, learned.length), reports: kept.reports };
  const watchedOn = heldOut.length > 0 ? "held-out" : "learned";
  const saying = progressWords({ from: start?.state.iterations ?? 0, iterations, watchedOn }, run);
  const latentsOf = ({ state }: TrainingLook) =>
    options.reconstructions > 0 ? state.latents.get("latents")! : new Float32Array(0); // else nothing taught them
  const checkpoint = async (look: TrainingLook) => {
    const { generator, discriminator } = look.state;
    await keepLook(folder, {
      document: documentOf(look.reports),
      look,
      sheet: await sheetOf(look, learned, latentsOf(look), { size, options }, run),
      best: look.isBest
        ? {
          size: { points: size.points, generator: size.generator },
          generator,
          discriminator: { widths: size.discriminator, values: discriminator },
          latents: latentsOf(look),
          frame,
        }
        : undefined,
    });
  };
  const reports = await sayingWhy({ folder, options, size }, run, () =>
    trainGenerator(
      { clouds: learned, heldOut, radius: frame.radius },
      size,
      options,
      plan,
      run,
      { report: saying, checkpoint },
      start,
    ));
  return {
    schema: "uni3dad.train/1",
    model: folder.path,
    category,
    size: name,
    seed: run.seed,
    files: Object.values(trainingFiles),
    scans: { learned: learned.length, heldOut: heldOut.length },
    fingerprint,
    resumedFrom: start?.state.iterations ?? null,
    best: bestOf(reports),
    reports,
    refused,
    seconds: (performance.now() - began) / 1000,
  };
}

/** The scans' clouds in the product's frame. @throws {TooFewScans} */
async function learnable({ storage, dataset: { category, train } }: OpenDataset, points: number, run: Run): Promise<{
  readonly clouds: readonly NormalCloud[];
  readonly frame: NamedFrame;
  readonly fingerprint: string;
  readonly refused: readonly Refused[];
}> {
  const refused = new Map<string, Refused>(), digested = digestedScans(entryScans(storage, category, train));
  const onRefused = (scan: string, error: Uni3dadError) => {
    if (refused.has(scan)) return;
    run.log.warn(error.message);
    refused.set(scan, refusal(scan, error));
  };
  const source = (scans: readonly NamedScan[], task: string) =>
    scanSource({ scans, prepare: preparePresets.default, run, task, onRefused });
  using registry = await fitRegistry(source(digested.scans, "laying out"), run);
  if (registry.names.length < FEWEST_LEARNED) {
    throw new TooFewScans(registry.names.length, FEWEST_LEARNED, "learn shapes");
  }
  const usable = digested.scans.filter((scan) => !refused.has(scan.name));
  const { frame, clouds } = await normalShapes(
    source(usable, "sampling shapes"),
    registry,
    { points, samples: SAMPLES },
    run,
  );
  const copies = digested.copies(registry.names).length;
  if (copies > 0) {
    run.log.warn(`${copies} of ${registry.names.length} normal scans are copies, which teach nothing new`);
  }
  if (clouds.length < registry.names.length) {
    run.log.warn(
      `${registry.names.length - clouds.length} normal scans could not be brought to others, and are left out`,
    );
  }
  return {
    clouds,
    frame: { ...frame, names: registry.names },
    fingerprint: await digested.fingerprint(registry.names),
    refused: [...refused.values()],
  };
}

/** Every 8th is held out, two where that would be fewer; none of fewer than four. */
function apart(clouds: readonly NormalCloud[]): Record<"learned" | "heldOut", readonly NormalCloud[]> {
  const step = Math.min(HELD_OUT, Math.floor(clouds.length / FEWEST_HELD_OUT));
  const isHeldOut = (_: NormalCloud, i: number) => clouds.length >= FEWEST && i % step === step - 1;
  return { learned: clouds.filter((cloud, i) => !isHeldOut(cloud, i)), heldOut: clouds.filter(isHeldOut) };
}

/** @throws {TrainingRefused} with both sides named */
function assertSame(path: string, kept: TrainingSettings, asked: Partial<TrainingSettings>): void {
  const other = firstDifference({ ...kept }, { ...asked });
  if (!other) return;
  const what = other.path === "fingerprint" ? "sha-256 of the training scans" : other.path;
  throw new TrainingRefused(
    path,
    `the training there has ${other.found} as ${what}, this one ${other.wanted}; ask for what it was begun with, or name another folder`,
  );
}

/** Says each look: losses, distances in millimetres, and how long the rest takes at the pace so far. */
function progressWords(
  { from, iterations, watchedOn }: { readonly from: number; readonly iterations: number; readonly watchedOn: string },
  { log }: Run,
): (report: TrainingReport) => void {
  const began = performance.now();
  return ({ iteration, losses, quality, reconstruction }) => {
    const seconds = (performance.now() - began) / 1000, left = (iterations - iteration) * seconds / (iteration - from);
    const words = [
      losses.discriminator !== null && `discriminator ${losses.discriminator.toFixed(3)}`,
      losses.generator !== null && `generator ${losses.generator.toFixed(3)}`,
      reconstruction !== null && `normal shapes to ${millimetres(reconstruction)}`,
      `${watchedOn} shapes to ${millimetres(quality.nearest)}`,
      left > 0 && `${left < 90 ? `${Math.ceil(left)} s` : `${Math.round(left / 60)} min`} left at most`,
    ].filter((part) => part !== false);
    log.info(`iteration ${iteration} of ${iterations}: ${words.join(", ")}`);
  };
}

const millimetres = (metres: number) => `${(1000 * metres).toFixed(2)} mm`;

/** Normal shapes, the same by their own latents where these are learned, and shapes of random latents. */
async function sheetOf(
  { shapesOf }: TrainingLook,
  learned: readonly NormalCloud[],
  latents: Float32Array,
  { size: { generator: { latent } }, options: { sigma } }: Pick<SizedTraining, "size" | "options">,
  { seed }: Run,
): Promise<Uint8Array> {
  const random = randomStream(seed, "sp-gan/sheet"), own = latents.subarray(0, SHEET * latent);
  const drawn = Float32Array.from({ length: SHEET * latent }, () => sigma * random.normal());
  return shapeSheetPng([
    learned.slice(0, SHEET).map(({ samples }) => samples[0]),
    ...own.length > 0 ? [await shapesOf(own)] : [],
    await shapesOf(drawn),
  ]);
}

/** Says what to do where a training ends before its time. */
async function sayingWhy<T>(
  { folder, options, size }: Pick<TrainOptions, "options" | "size"> & { readonly folder: TrainingFolder },
  { log }: Run,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GpuOutOfMemory) throw new TrainingTooLarge(options.clouds, size.points, { cause: error });
    if (error instanceof RunAborted) log.info(`go on with this training by --resume --model ${folder.path}`);
    throw error;
  }
}
