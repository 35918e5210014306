/** Networks that `train` or `import-sp-gan` left, for fits that take them. @module */
import { digestOf, memoryStorage, type Method, type ModelFolder, readTensorFile } from "../core/mod.ts";
import { diskStorage } from "./disk.ts";
import { TrainedMissing } from "./errors.ts";
import { trainingFiles, type TrainingSettings } from "./train_folder.ts";

/** Generators of a product. */
export interface TrainedNetworks {
  /** At least one. */
  readonly generators: readonly ModelFolder[];
  /** SHA-256 over their files. */
  readonly digest: string;
}

/**
 * Opens the generators of a training folder, `FOLDER/1`, `FOLDER/2`, …, or the one that lies in the folder itself, such as an imported one;
 * those below `FOLDER/CATEGORY` where there are any. @throws {TrainedMissing} @throws {ModelRefused} for a file that is damaged
 */
export async function openTrained(folder: string, category: string): Promise<TrainedNetworks> {
  const path = folder.replace(/(?<=.)\/+$/, "");
  const own = category === "" ? [] : await generatorsIn(`${path}/${category}`);
  const found = own.length > 0 ? own : await generatorsIn(path), { generator } = trainingFiles;
  if (found.length === 0) throw new TrainedMissing(path, "none");
  const files = await Promise.all(found.map(async (at) => ({ at, bytes: await diskStorage(at).read(generator) })));
  const digests = await Promise.all(files.map(({ bytes }) => digestOf(bytes)));
  return {
    generators: await Promise.all(
      files.map(({ at, bytes }) => readTensorFile(memoryStorage({ [generator]: bytes }, at), generator)),
    ),
    digest: await digestOf(new TextEncoder().encode(digests.join("\n"))),
  };
}

/** The folders that hold a generator: this one, or else its numbered ones in turn. */
async function generatorsIn(path: string): Promise<string[]> {
  const names = await diskStorage(path).list(""), { generator } = trainingFiles;
  if (names.includes(generator)) return [path];
  const found: string[] = [];
  for (let number = 1; names.includes(`${number}/${generator}`); number++) found.push(`${path}/${number}`);
  const wanted = found.length > 0 ? await generatorsOf(found[0]) : 0;
  if (found.length < wanted) throw new TrainedMissing(path, `${found.length} of ${wanted}`);
  return found;
}

/** How many generators belong to the training that this one is of; 0 where nothing says so. */
async function generatorsOf(path: string): Promise<number> {
  const storage = diskStorage(path), { training } = trainingFiles;
  if (!(await storage.list("")).includes(training)) return 0;
  return (JSON.parse(new TextDecoder().decode(await storage.read(training))) as Partial<TrainingSettings>).generators ??
    0;
}

/** What a folder has for a method on a category; nothing without a folder, and for methods that train no networks. @throws {TrainedMissing} @throws {ModelRefused} */
export async function trainedFor(
  { reconstructor }: Method,
  folder: string | undefined,
  category: string,
): Promise<TrainedNetworks | undefined> {
  return folder !== undefined && reconstructor?.takesTrained ? await openTrained(folder, category) : undefined;
}
