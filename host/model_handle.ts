/** A model that survives the loss of its device. @module */
import {
  loadModel,
  memoryStorage,
  type Model,
  type Registry,
  saveModel,
  type Storage,
  type WantedModel,
} from "../core/mod.ts";
import { DeviceLost } from "../kernels/mod.ts";
import { builtIn } from "../plugins/mod.ts";
import { assertReplaceable, diskStorage, folderOf, provideFolder, replaceFolder } from "./disk.ts";
import type { OpenRun } from "./open_run.ts";

/** An open model with the files that it can be opened from again. */
export interface ModelHandle extends Disposable {
  /** The model as it is now; another object after a device was lost. */
  readonly model: Model;
  /** Does a piece of work; where the device is lost in it, opens device and model anew and does it once more. */
  withRetry<T>(work: (model: Model) => Promise<T>): Promise<T>;
}

/** Wraps a model that was just fitted or loaded from `storage`. */
function handle(first: Model, storage: Storage, run: OpenRun, registry: Registry): ModelHandle {
  let model = first;
  return {
    get model() {
      return model;
    },
    async withRetry(work) {
      try {
        return await work(model);
      } catch (error) {
        if (!(error instanceof DeviceLost)) throw error;
        run.log.warn(`${error.message}: opening it again`);
        await run.reopen();
        model = await loadModel(storage, registry, {}, run);
        return await work(model);
      }
    },
    [Symbol.dispose]: () => model[Symbol.dispose](),
  };
}

/** Keeps a fitted model's files in memory, so that it can be opened again. */
export async function holdModel(model: Model, run: OpenRun): Promise<ModelHandle> {
  const storage = memoryStorage({}, model.name);
  await saveModel(storage, model);
  const { extractor, reconstructor, fuser } = model.method;
  const plugins = [extractor, reconstructor, fuser].filter((plugin) => plugin !== undefined);
  return handle(model, storage, run, { plugins });
}

/** Opens a model folder. @throws {ModelRefused} @throws {FileMissing} */
export async function openModel(
  folder: string,
  run: OpenRun,
  wanted: WantedModel = {},
  registry: Registry = builtIn,
): Promise<ModelHandle> {
  const storage = diskStorage(folder);
  return handle(await loadModel(storage, registry, wanted, run), storage, run, registry);
}

const isModel = (files: string[]) =>
  files.includes("model.json") && files.every((file) => file === "model.json" || /^[^/]+\.safetensors$/.test(file));

/** Refuses, before the work, a folder that no model can be written to. @throws {OutputUnwritable} */
export async function provideModelFolder(folder: string): Promise<void> {
  await provideFolder(folderOf(folder.replace(/\/+$/, "")));
  await assertReplaceable(folder, isModel);
}

/** Writes a model folder, whole or not at all; an older model there is replaced. @throws {OutputUnwritable} when other files lie there */
export function writeModel(folder: string, model: Model): Promise<void> {
  return replaceFolder(folder, isModel, (storage) => saveModel(storage, model));
}
