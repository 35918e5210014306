/** `import-sp-gan`: networks that the published code trained, as a generator of ours. @module */
import { writeTensorFile } from "../core/mod.ts";
import { FileTooLarge, MalformedFile, readSafetensors, UnsupportedFile } from "../formats/mod.ts";
import {
  importDiscriminator,
  importGenerator,
  type PublishedTensors,
  saveGenerator,
  WeightsRefused,
} from "../plugins/mod.ts";
import { diskStorage, provideFolder, readFile } from "./disk.ts";
import { OutputUnwritable } from "./errors.ts";
import { isTraining, trainingFiles } from "./train_folder.ts";

/** What to bring, and where to. */
export interface ImportOptions {
  /** Path of the generator's tensors, a safetensors file with the names of the published code. */
  readonly generator: string;
  /** Path of the discriminator's, where there are any. */
  readonly discriminator?: string;
  /** Points that a shape will have. */
  readonly points: number;
  /** Folder that the generator is written to. */
  readonly model: string;
}

/** A network that was brought. */
export interface ImportedNetwork {
  /** By layer. */
  readonly widths: Readonly<Record<string, number | readonly number[]>>;
  /** How many numbers were learned; running statistics are none. */
  readonly parameters: number;
}

/** What `import-sp-gan --json` says. */
export interface ImportDocument {
  /** Name and version of the document. */
  readonly schema: "uni3dad.import-sp-gan/1";
  /** Path of the folder. */
  readonly model: string;
  /** Names of the files in it. */
  readonly files: readonly string[];
  /** Points that a shape will have. */
  readonly points: number;
  /** The generator. */
  readonly generator: ImportedNetwork;
  /** The discriminator; null where none was named. */
  readonly discriminator: ImportedNetwork | null;
}

/**
 * Writes `generator.safetensors`, without latents and without a frame, of which nothing is known; one that was imported before is replaced.
 * @throws {WeightsRefused} @throws {InputUnreadable} @throws {OutputUnwritable} for the folder of a training
 */
export async function importSpGan(
  { generator, discriminator, points, model }: ImportOptions,
): Promise<ImportDocument> {
  const path = model.replace(/(?<=.)\/+$/, "");
  const made = importGenerator(await tensorsOf("generator", generator));
  const judge = discriminator === undefined
    ? undefined
    : importDiscriminator(await tensorsOf("discriminator", discriminator));
  await provideFolder(path);
  const storage = diskStorage(path);
  if (isTraining(await storage.list(""))) {
    throw new OutputUnwritable(path, "a training lies there, which no other generator may join");
  }
  await writeTensorFile(storage, trainingFiles.generator, (file) => {
    saveGenerator(file, {
      size: { points, generator: made.widths },
      generator: made.values,
      discriminator: judge,
      latents: new Float32Array(0),
      learned: [],
    });
  });
  return {
    schema: "uni3dad.import-sp-gan/1",
    model: path,
    files: [trainingFiles.generator],
    points,
    generator: told(made),
    discriminator: judge ? told(judge) : null,
  };
}

/** @throws {WeightsRefused} for a file that is no whole safetensors file of numbers that are read here */
async function tensorsOf(network: string, path: string): Promise<PublishedTensors> {
  const bytes = await readFile(path);
  try {
    return readSafetensors(bytes).tensors;
  } catch (cause) {
    if (cause instanceof UnsupportedFile) {
      const advice = "save them as float32, without num_batches_tracked";
      throw new WeightsRefused(network, `${path}: ${cause.message}; ${advice}`, { cause });
    }
    if (cause instanceof MalformedFile || cause instanceof FileTooLarge) {
      throw new WeightsRefused(network, `${path}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

function told({ widths, values }: {
  readonly widths: object;
  readonly values: ReadonlyMap<string, Float32Array>;
}): ImportedNetwork {
  const learned = [...values].filter(([name]) => !name.endsWith(".running"));
  return {
    widths: { ...widths },
    parameters: learned.reduce((sum, [, value]) => sum + value.length, 0),
  };
}
