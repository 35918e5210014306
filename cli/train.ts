/** `deno task train --data DIR --category NAME --model FOLDER` @module */
import { Command, InvalidArgumentError, Option } from "commander";
import { openCategory, openTrainingFolder, train as trainInto, type TrainDocument } from "../host/mod.ts";
import { sizedTrainings } from "../plugins/mod.ts";
import { exit } from "./exit.ts";
import { atLeastOne, openFor, pointCount, type RunSettings, wholeNumber, withRunOptions } from "./settings.ts";

interface TrainSettings extends RunSettings {
  readonly data: string;
  readonly category: string;
  readonly model: string;
  readonly size: keyof typeof sizedTrainings;
  readonly generators: number;
  readonly iterations?: number;
  readonly every?: number;
  readonly clouds?: number;
  readonly points?: number;
  readonly resume?: boolean;
}

/** The verb `train`. */
export function train(signal: AbortSignal, finish: (code: number) => void): Command {
  const command = new Command("train")
    .description("Train generators of a product's normal shapes (SP-GAN); goes on where a killed run left off")
    .requiredOption("--data <folder>", "data set in MVTec 3D-AD layout")
    .option("--category <name>", "category in it; the folder itself when it is one", "")
    .requiredOption("--model <folder>", "where generators, checkpoints, losses and pictures are written")
    .addOption(
      new Option("--size <name>", "small, which two processor cores train, or paper, as published")
        .choices(Object.keys(sizedTrainings)).default("small"),
    )
    .option("--generators <n>", "generators, each without a share of the scans of its own", generatorCount, 2)
    .option("--iterations <n>", "iterations of each", atLeastOne)
    .option("--every <n>", "iterations between two looks, where a checkpoint is kept", atLeastOne)
    .option("--clouds <n>", "clouds of a batch", atLeastOne)
    .option("--points <n>", "points that a shape has", pointCount)
    .option("--resume", "go on with the training that lies in the folder");
  return withRunOptions(command).action(async (settings: TrainSettings) => {
    const folder = await openTrainingFolder(settings.model, {
      resume: settings.resume ?? false,
      generators: settings.generators,
    });
    using run = await openFor(settings, signal);
    const data = await openCategory(settings.data, settings.category, run);
    const document = await trainInto(data, folder, optionsOf(settings), run);
    console.log(settings.json ? JSON.stringify(document, null, 2) : textOf(document));
    finish(document.refused.length > 0 ? exit.refused : exit.ok);
  });
}

/** Fewest and most generators, as `fit` trains them. */
const GENERATORS = [2, 8] as const;

function generatorCount(text: string): number {
  const value = wholeNumber(text), [fewest, most] = GENERATORS;
  if (value < fewest || value > most) throw new InvalidArgumentError(`It has to be from ${fewest} to ${most}.`);
  return value;
}

/** The size's training with the changes that were asked for. */
function optionsOf({ size: name, iterations, every, clouds, points }: TrainSettings) {
  const { size, options, plan } = sizedTrainings[name];
  return {
    name,
    size: { ...size, points: points ?? size.points },
    options: { ...options, clouds: clouds ?? options.clouds },
    plan: { ...plan, iterations: iterations ?? plan.iterations, every: every ?? plan.every },
  };
}

/** One line a generator. */
function textOf({ model, size, generators }: TrainDocument): string {
  return generators.map(({ folder, scans, watchedOn, best, reports }) =>
    `generator ${model}/${folder}: ${size}, ${scans.learned} scans learned and ${scans.heldOut} held out, ` +
    `the best of ${reports.length} looks at iteration ${best.iteration}, ` +
    `${watchedOn} shapes to ${(1000 * best.inverted).toFixed(2)} mm`
  ).join("\n");
}
