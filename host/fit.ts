/** Fitting to a data set on disk. @module */
import type { Uni3dadError } from "../errors.ts";
import { fitModel, type Method, type Model, type Run, type Storage } from "../core/mod.ts";
import { type Dataset, openDataset, sizeClasses } from "../evaluation/mod.ts";
import { diskStorage } from "./disk.ts";
import { entryScans } from "./inputs.ts";
import type { TrainedNetworks } from "./trained_networks.ts";

/** An input that could not be used. */
export interface Refused {
  /** Path of the file, or the scan's name in its data set. */
  readonly input: string;
  /** Why: the error's stable name, and its words for people. */
  readonly error: { readonly code: string; readonly message: string };
}

/** A category of a data set that is open. */
export interface OpenDataset {
  /** Where the files of the entries are read from. */
  readonly storage: Storage;
  /** The category's scans by split. */
  readonly dataset: Dataset;
  /** How much its incomplete scans lack, by their names, where it is an augmented one. */
  readonly sizes?: ReadonlyMap<string, string>;
}

/**
 * Opens a category, and says what has no other half.
 * @throws {NoSuchCategory} @throws {ManifestRefused} @throws {NoTrainScans} unless `needsTrain` is false, for scans that a fitted model judges
 */
export async function openCategory(
  folder: string,
  category: string,
  run: Pick<Run, "log">,
  { needsTrain = true }: { needsTrain?: boolean } = {},
): Promise<OpenDataset> {
  const storage = diskStorage(folder);
  const dataset = await openDataset(storage, category, { needsTrain });
  if (dataset.unpaired.length > 0) {
    run.log.warn(`without their other half, so without ground truth or not read: ${dataset.unpaired.join(", ")}`);
  }
  return { storage, dataset, sizes: await sizeClasses(storage, category) };
}

/** Fits a method to a category's normal scans; refused scans are named and left out. `trained` is instead of networks that it would train. */
export async function fitDataset(
  { storage, dataset }: OpenDataset,
  method: Method,
  folds: number,
  run: Run,
  trained?: TrainedNetworks,
): Promise<{ model: Model; refused: Refused[] }> {
  const refused: Refused[] = [];
  const onRefused = (input: string, error: Uni3dadError) => {
    run.log.warn(error.message);
    refused.push(refusal(input, error));
  };
  const { category, train, validation } = dataset;
  const model = await fitModel({
    name: category || storage.label.split("/").at(-1)!,
    method,
    train: entryScans(storage, category, train),
    heldOut: entryScans(storage, category, validation),
    folds,
    trained: trained?.generators,
    onRefused,
  }, run);
  return { model, refused };
}

/** An error as documents carry it. */
export const refusal = (input: string, { code, message }: Uni3dadError): Refused => ({
  input,
  error: { code, message },
});
