/** The models of a folder: what lies there, and what is set of each. @module */
import { FileMissing, type Log, type ModelIndex, reachableAlpha, readModelIndex } from "../core/mod.ts";
import { Uni3dadError } from "../errors.ts";
import { NoSuchModel, RequestRefused } from "./errors.ts";
import { GONE, modelBytes, modelFiles } from "./model_files.ts";
import { modelNameSchema, type ModelSettings, type ServedModel } from "./schemas/model_schema.ts";
import type { Scorer } from "./scoring/scorer.ts";
import type { Store } from "./store/store.ts";

/** A folder of models. */
export interface ModelShelf {
  /** Whether there is one of this name. */
  has(name: string): Promise<boolean>;
  /** All of them by name, and those that can't be read with why. */
  list(): Promise<{ models: ServedModel[]; refused: { name: string; error: { code: string; message: string } }[] }>;
  /** One. @throws {NoSuchModel} @throws {ModelRefused} */
  get(name: string): Promise<ServedModel>;
  /** One that may score. @throws {NoSuchModel} @throws {RequestRefused} where it is inactive */
  scoring(name: string): Promise<Pick<ModelSettings, "threshold" | "alpha">>;
  /** Changes settings. @throws {NoSuchModel} */
  set(name: string, settings: ModelSettings): Promise<ServedModel>;
  /** Takes its files away, after scans that it is scoring. @throws {NoSuchModel} */
  remove(name: string): Promise<void>;
}

/** The shelf over a folder; a model is a folder in it that has a `model.json`. */
export function modelShelf(
  folder: string,
  { settings }: Pick<Store, "settings">,
  scorer: Scorer,
  log: Pick<Log, "warn">,
): ModelShelf {
  const has = async (name: string) => {
    if (!modelNameSchema.safeParse(name).success) return false;
    return (await Deno.stat(`${folder}/${name}/model.json`).catch(() => undefined))?.isFile ?? false;
  };
  const served = async (name: string, loaded: readonly string[]): Promise<ServedModel> => {
    if (!await has(name)) throw new NoSuchModel(name);
    try {
      const index = await readModelIndex(modelFiles(folder, name)), bytes = await modelBytes(folder, name);
      return { ...factsOf(name, index), bytes, loaded: loaded.includes(name), ...settings.get(name) };
    } catch (error) {
      const gone = error instanceof FileMissing || error instanceof Deno.errors.NotFound; // deleted just now
      throw gone ? new NoSuchModel(name) : error;
    }
  };
  return {
    has,
    async list() {
      const { loaded } = await scorer.state(), names: string[] = [];
      for await (const { name } of Deno.readDir(folder)) if (await has(name)) names.push(name);
      const models: ServedModel[] = [], refused: { name: string; error: { code: string; message: string } }[] = [];
      for (const name of names.sort()) {
        try {
          models.push(await served(name, loaded));
        } catch (error) {
          if (!(error instanceof Uni3dadError)) throw error;
          if (error instanceof NoSuchModel) continue;
          refused.push({ name, error: { code: error.code, message: error.message } });
        }
      }
      return { models, refused };
    },
    get: async (name) => await served(name, (await scorer.state()).loaded),
    async scoring(name) {
      if (!await has(name)) throw new NoSuchModel(name);
      const { active, ...decision } = settings.get(name);
      if (!active) {
        throw new RequestRefused(
          409,
          "model-inactive",
          `The model "${name}" is inactive: PATCH it with {"active": true}`,
        );
      }
      return decision;
    },
    async set(name, change) {
      if (!await has(name)) throw new NoSuchModel(name);
      settings.set(name, change);
      return await this.get(name);
    },
    async remove(name) {
      const gone = `${folder}/.${name}.${crypto.randomUUID()}${GONE}`; // renamed first, so that no half of it can be opened
      if (!await has(name)) throw new NoSuchModel(name);
      await Deno.rename(`${folder}/${name}`, gone).catch((error) => {
        throw error instanceof Deno.errors.NotFound ? new NoSuchModel(name) : error;
      });
      settings.forget(name);
      try {
        await scorer.forget(name);
      } finally {
        await Deno.remove(gone, { recursive: true }).catch((error) => {
          log.warn(`${gone} could not be removed, and is a model no more: ${error.message}`);
        });
      }
    },
  };
}

const factsOf = (
  name: string,
  { method, preset, uni3dad, trainNames, suspects, fingerprint, calibration }: ModelIndex,
): Pick<
  ServedModel,
  "name" | "method" | "preset" | "version" | "trainScans" | "suspects" | "fingerprint" | "calibration"
> => ({
  name,
  method,
  preset,
  version: uni3dad,
  trainScans: trainNames.length,
  suspects,
  fingerprint,
  calibration: calibration
    ? {
      kind: calibration.scan.kind,
      scans: calibration.scan.scores.length,
      reachableAlpha: reachableAlpha(calibration.scan.scores.length),
      scores: calibration.scan.scores,
    }
    : null,
});
