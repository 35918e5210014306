/** A training from first step to last: watched, kept, stopped in time, taken back where it goes wrong. @module */
import { randomStream, type Run, throwIfAborted } from "../../core/mod.ts";
import { TrainingDiverged } from "./errors.ts";
import type { NormalCloud } from "./normal_shapes.ts";
import { chamferTable, type ShapeQuality, shapeQuality } from "./shape_quality.ts";
import type { SpGanSize } from "./sizes.ts";
import {
  createTraining,
  type Training,
  type TrainingLosses,
  type TrainingOptions,
  type TrainingState,
} from "./training.ts";

/** What is learned from, and what it is watched on. */
export interface TrainingSet {
  readonly clouds: readonly NormalCloud[];
  /** Normal shapes that are not learned from; with fewer than two of them it is watched on those that are. */
  readonly heldOut: readonly NormalCloud[];
  /** Of the unit ball, metres. */
  readonly radius: number;
}

/** How long a training goes on. */
export interface TrainingPlan {
  /** Iterations in all. */
  readonly iterations: number;
  /** Iterations between two looks at losses and shapes, where a checkpoint is kept. */
  readonly every: number;
  /** Looks in a row from which held-out shapes are reached no better, after which it ends. */
  readonly patience: number;
}

/** What a look showed. */
export interface TrainingReport {
  /** How many iterations were run. */
  readonly iteration: number;
  /** Means since the look before. */
  readonly losses: TrainingLosses;
  /** Generated shapes against held-out normal ones; distances in metres. */
  readonly quality: ShapeQuality;
  /** Mean distance of held-out shapes to what the generator gives for them once latents are fitted to them, metres: by it the best look is told. */
  readonly inverted: number;
  /** Root mean squared distance of normal shapes to what their own latents give, metres; null where these are not learned. */
  readonly reconstruction: number | null;
}

/** A look at which all was well. */
export interface TrainingLook extends Pick<Training, "shapesOf"> {
  readonly state: TrainingState;
  /** So far; the last is this look's. */
  readonly reports: readonly TrainingReport[];
  /** Whether held-out shapes were reached better than from any state before. */
  readonly isBest: boolean;
}

/** Who is told. */
export interface TrainingWatcher {
  /** What progress and warnings call the training; `training` when left out. */
  readonly task?: string;
  /** After each look. */
  readonly report?: (report: TrainingReport) => void | Promise<void>;
  /** Told of each look at which all was well. */
  readonly checkpoint?: (look: TrainingLook) => void | Promise<void>;
}

/** What it goes on from. */
export interface TrainingStart {
  readonly state: TrainingState;
  readonly reports: readonly TrainingReport[];
}

/** Shapes generated at each look. */
const LOOKED_AT = 16;

/** Held-out shapes that latents are fitted to at each look, which is the most of its time. */
const INVERTED = 8;

/** Generated shapes that differ by less than this share of what normal ones differ by are one shape. */
const COLLAPSED = 0.05;

/** Times in a row that a training is taken back to its last good state, with half the rate each time. */
const MOST_RESTARTS = 3;

/**
 * Trains; the state from which held-out shapes were reached best goes to `checkpoint`. Losses that are no numbers, and
 * shapes that have become one, are said, and the training goes on from the last good state at half the rate. Gives all reports.
 * @throws {TrainingDiverged} when that doesn't help either @throws {RunAborted}
 */
export async function trainGenerator(
  { clouds, heldOut, radius }: TrainingSet,
  size: SpGanSize,
  options: TrainingOptions,
  plan: TrainingPlan,
  run: Run,
  { task = "training", report, checkpoint }: TrainingWatcher = {},
  start?: TrainingStart,
): Promise<readonly TrainingReport[]> {
  using training = createTraining(clouds, size, options, run);
  let good = start?.state ?? await training.state(), restarts = 0;
  training.restore(good);
  const reports = [...start?.reports ?? []];
  const watched = await watchOf(watchesHeldOut(heldOut) ? heldOut : clouds, size, options, radius, run);
  while (!isTrained(reports, plan)) {
    throwIfAborted(run);
    training.iterate();
    run.progress(task, training.iterations, plan.iterations);
    if (training.iterations % plan.every !== 0 && training.iterations < plan.iterations) {
      if (training.iterations % 8 === 0) await run.gpu.done(); // or a whole look's worth of work would queue up
      continue;
    }
    const seen = await watched(training), problem = problemOf(seen, options);
    if (problem) {
      if (++restarts > MOST_RESTARTS) throw new TrainingDiverged(training.iterations, problem);
      good = { ...good, rate: good.rate / 2 };
      const back = `back to ${good.iterations}, with half the rate (${good.rate})`;
      run.log.warn(`${task}: ${problem} at iteration ${training.iterations}; ${back}`);
      training.restore(good);
      continue;
    }
    reports.push(seen);
    good = await training.state();
    restarts = 0; // what happened before a kept state counts no more, as when it is gone on from there
    await report?.(seen);
    await checkpoint?.({ state: good, reports, isBest: bestOf(reports) === seen, shapesOf: training.shapesOf });
  }
  return reports;
}

/** The look from which held-out shapes were reached best, the first of several; there is one. */
export const bestOf = (reports: readonly TrainingReport[]): TrainingReport =>
  reports.reduce((best, one) => one.inverted < best.inverted ? one : best);

/** Whether a training is at its end after these looks. */
export const isTrained = (
  reports: readonly TrainingReport[],
  { iterations, patience }: Pick<TrainingPlan, "iterations" | "patience">,
): boolean => (reports.at(-1)?.iteration ?? 0) >= iterations || isStale(reports, patience);

/** Whether a training is watched on the shapes that it doesn't see: two tell how much shapes differ, one does not. */
export const watchesHeldOut = (heldOut: readonly NormalCloud[]): boolean => heldOut.length >= 2;

const isStale = (reports: readonly TrainingReport[], patience: number) =>
  reports.length > patience && reports.indexOf(bestOf(reports)) < reports.length - patience;

/** What is wrong, if anything is. */
function problemOf(
  { losses, quality, inverted, reconstruction }: TrainingReport,
  { adversarial }: TrainingOptions,
): string | undefined {
  const numbers = [
    losses.discriminator,
    losses.generator,
    losses.chamfer,
    quality.nearest,
    quality.spread,
    inverted,
    reconstruction,
  ];
  if (numbers.some((value) => value !== null && !Number.isFinite(value))) return "losses are no numbers any more";
  if (adversarial && quality.spread < COLLAPSED) return "all generated shapes are one";
}

/** Looks at a training: the same latents and the same normal shapes each time. */
async function watchOf(
  normal: readonly NormalCloud[],
  size: SpGanSize,
  { sigma }: TrainingOptions,
  radius: number,
  { gpu, seed }: Run,
): Promise<(training: Training) => Promise<TrainingReport>> {
  const random = randomStream(seed, "sp-gan/looks"), { latent } = size.generator;
  const latents = Float32Array.from({ length: LOOKED_AT * latent }, () => sigma * random.normal());
  const wanted = normal.map(({ samples }) => samples[0]), own = await chamferTable(gpu, wanted, wanted);
  return async (training) => {
    const losses = await training.losses(), generated = await training.shapesOf(latents);
    const between = await chamferTable(gpu, wanted, generated), made = await chamferTable(gpu, generated, generated);
    const quality = shapeQuality(own, between, made);
    const inverted = await training.invertedTo(wanted.slice(0, INVERTED), latents);
    return {
      iteration: training.iterations,
      losses,
      quality: { ...quality, nearest: radius * quality.nearest },
      inverted: radius * inverted,
      reconstruction: losses.chamfer === null ? null : radius * Math.sqrt(losses.chamfer / 2),
    };
  };
}
