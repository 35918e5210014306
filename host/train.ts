/** `train`: generators of a product's normal shapes from its normal scans, in a folder. @module */
import { randomStream, type Run, VERSION } from "../core/mod.ts";
import {
  bestOf,
  identityOf,
  isTrained,
  loadCheckpoint,
  type NormalCloud,
  type ScannedFrame,
  type Share,
  sharesOf,
  type SizedTraining,
  taughtLatents,
  trainGenerator,
  type TrainingLook,
  type TrainingReport,
  type TrainingWatcher,
  watchesHeldOut,
} from "../plugins/mod.ts";
import { shapeSheetPng } from "../report/mod.ts";
import type { OpenDataset, Refused } from "./fit.ts";
import { trainingClouds } from "./train_clouds.ts";
import {
  assertSame,
  keepDocument,
  keepLook,
  type TrainingDocument,
  trainingFiles,
  type TrainingFolder,
  type TrainingPart,
} from "./train_folder.ts";
import { generatorName, lookWords, sayingWhy, type TrainingCourse } from "./train_words.ts";

/** How to train. */
export interface TrainOptions extends SizedTraining {
  /** What the size is called. */
  readonly name: string;
}

/** One of the generators, as `train --json` tells it. */
export interface TrainedPart {
  /** Name of its folder in that of the training. */
  readonly folder: string;
  /** How many scans it learned from, and how many were held out of it. */
  readonly scans: { readonly learned: number; readonly heldOut: number };
  /** Which shapes the looks compare random ones with: held-out ones, if there are two. */
  readonly watchedOn: "held-out" | "learned";
  /** The iteration that it went on from, or was at its end; null where it began. */
  readonly resumedFrom: number | null;
  /** The look whose generator is kept; distances in metres. */
  readonly best: TrainingReport;
  /** All looks, those before it went on too. */
  readonly reports: readonly TrainingReport[];
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
  /** Names of the files in the folder of each generator. */
  readonly files: readonly string[];
  /** SHA-256 over the training scans' points. */
  readonly fingerprint: string;
  /** In their order. */
  readonly generators: readonly TrainedPart[];
  /** Scans that could not be used. */
  readonly refused: readonly Refused[];
  /** Of this run. */
  readonly seconds: number;
}

/** Shapes of a row of the sheet. */
const SHEET = 8;

/**
 * Trains one generator after another, and leaves whole files in the folder at each look. A training that was kept there is gone on with, to the
 * result that it would have had; generators at their end stay as they are.
 * @throws {TrainingRefused} for one of other settings or scans @throws {TooFewScans} @throws {TrainingTooLarge} @throws {TrainingDiverged}
 * @throws {OutputUnwritable} @throws {RunAborted}
 */
export async function train(
  data: OpenDataset,
  folder: TrainingFolder,
  { name, size, options, plan }: TrainOptions,
  run: Run,
): Promise<TrainDocument> {
  const began = performance.now(), { path, parts } = folder, { category } = data.dataset;
  const { iterations, ...looks } = plan;
  const known = { uni3dad: VERSION, size: name, seed: run.seed, networks: size, options, looks };
  const settingsOf = (i: number) => ({ ...known, generators: parts.length, generator: i + 1 });
  for (const [i, { kept }] of parts.entries()) if (kept) assertSame(path, kept.settings, settingsOf(i));
  const { clouds, frame, fingerprint, refused } = await trainingClouds(data, size.points, run);
  for (const { kept } of parts) if (kept) assertSame(path, kept.settings, { fingerprint });
  const shares = sharesOf(clouds, parts.length);
  const starts = parts.map(({ kept }) => !kept ? 0 : isTrained(kept.reports, plan) ? iterations : lastOf(kept.reports));
  const course: TrainingCourse = { iterations, starts }, say = lookWords(course, run);
  const trained: TrainedPart[] = [];
  const work = async () => {
    for (const [i, part] of parts.entries()) {
      const share = shares[i], watchedOn = watchesHeldOut(share.heldOut) ? "held-out" : "learned";
      const document = { ...settingsOf(i), fingerprint, category, iterations, ...namesOf(share) };
      const called = { task: `training ${generatorName(course, i)}`, report: say(i, watchedOn) };
      if (watchedOn === "learned" && starts[i] < iterations) {
        const out = `${share.heldOut.length} of ${clouds.length} normal scans`;
        run.log.info(
          `${
            generatorName(course, i)
          }: ${out} held out are too few to watch it on: distances are of those it learns from`,
        );
      }
      const reports = await trainPart({ part, share, document, frame }, { size, options, plan }, called, run);
      trained.push({
        folder: part.name,
        scans: { learned: share.learned.length, heldOut: share.heldOut.length },
        watchedOn,
        resumedFrom: part.kept ? lastOf(part.kept.reports) : null,
        best: bestOf(reports),
        reports,
      });
    }
  };
  await sayingWhy({ path, clouds: options.clouds, points: size.points }, run, work);
  return {
    schema: "uni3dad.train/1",
    model: path,
    category,
    size: name,
    seed: run.seed,
    files: Object.values(trainingFiles),
    fingerprint,
    generators: trained,
    refused,
    seconds: (performance.now() - began) / 1000,
  };
}

const lastOf = (reports: readonly TrainingReport[]) => reports.at(-1)!.iteration;

const namesOf = ({ learned, heldOut }: Share) => ({
  learned: learned.map(({ name }) => name),
  heldOut: heldOut.map(({ name }) => name),
});

/** A generator to train, and what is written of it. */
interface PartToTrain {
  readonly part: TrainingPart;
  readonly share: Share;
  readonly document: Omit<TrainingDocument, "schema" | "reports">;
  readonly frame: ScannedFrame;
}

/** Trains one generator, unless it is at its end; gives all reports. */
async function trainPart(
  { part, share: { learned, heldOut }, document: known, frame }: PartToTrain,
  { size, options, plan }: SizedTraining,
  called: Pick<TrainingWatcher, "task" | "report">,
  run: Run,
): Promise<readonly TrainingReport[]> {
  const { kept } = part;
  if (kept && isTrained(kept.reports, plan)) return kept.reports;
  const documentOf = (reports: readonly TrainingReport[]): TrainingDocument => ({
    schema: "uni3dad.training/1",
    ...known,
    reports,
  });
  if (!kept) await keepDocument(part, documentOf([]));
  const start = kept && { state: loadCheckpoint(kept.file, size, learned.length), reports: kept.reports };
  const checkpoint = async (look: TrainingLook) => {
    const { averageGenerator, discriminator } = look.state, latents = taughtLatents(look.state, options);
    await keepLook(part, {
      document: documentOf(look.reports),
      look,
      sheet: await sheetOf(look, learned, latents, { size, options }, run),
      best: look.isBest
        ? {
          size: { points: size.points, generator: size.generator },
          generator: averageGenerator,
          discriminator: { widths: size.discriminator, values: discriminator },
          latents,
          learned: learned.map(identityOf),
          frame,
        }
        : undefined,
    });
  };
  const set = { clouds: learned, heldOut, radius: frame.radius };
  return await trainGenerator(set, size, options, plan, run, { ...called, checkpoint }, start);
}

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
