/** Models as folders: what is written, and what is refused when it is read. @module */
import { readSafetensors, writeSafetensors } from "../formats/mod.ts";
import { digestOf } from "./digest.ts";
import { ModelRefused } from "./errors.ts";
import { type FittedBranches, type Model, registryOf } from "./fitted_model.ts";
import { type Method, type MethodOverrides, methodParts, type Registry, resolveMethod } from "./method.ts";
import type { ModelFolder, Tensor } from "./model_folder.ts";
import {
  assertPlugins,
  FORMAT,
  INDEX,
  type ModelIndex,
  parseIndex,
  type PluginPart,
  pluginsOf,
  type Refuse,
} from "./model_index.ts";
import { firstDifference } from "./overrides.ts";
import type { FittedFuser } from "./plugin.ts";
import { loadRegistry } from "./registration.ts";
import type { Run } from "./run.ts";
import type { Storage } from "./storage.ts";
import { folderInto, folderOver } from "./tensor_folder.ts";
import { VERSION } from "./version.ts";

const TENSORS = "extractor.safetensors";

/** What the names of a part's tensors begin with; the extractor's are as it gives them. */
const prefixOf = (part: PluginPart): string => part === "extractor" ? "" : `${part}.`;

/** Writes the model: tensors first, the index that names them last, so that half a model has none. */
export async function saveModel(storage: Storage, model: Model): Promise<void> {
  const tensors = new Map<string, Tensor>(), parts: [PluginPart, ModelFolder][] = [];
  const folderOf = (part: PluginPart): ModelFolder => {
    const folder = folderInto(tensors, prefixOf(part));
    parts.push([part, folder]);
    return folder;
  };
  const folder = folderOf("extractor"), registry = registryOf(model);
  await model.extractor.save(folder);
  registry?.save(folder);
  await model.reconstruction?.reconstructor.save(folderOf("reconstructor"));
  await model.fuser?.save(folderOf("fuser"));
  const bytes = writeSafetensors(tensors, { format: String(FORMAT), uni3dad: VERSION });
  await storage.write(TENSORS, bytes);
  const { name, method, calibration, partSizes, trainNames, suspects, fingerprint } = model;
  const index: ModelIndex = {
    format: FORMAT,
    uni3dad: VERSION,
    name,
    method: method.name,
    preset: method.preset,
    plugins: pluginsOf(method),
    options: { ...method.options } as ModelIndex["options"],
    facts: Object.fromEntries(parts.map(([part, folder]) => [part, folder.facts()])) as ModelIndex["facts"],
    registered: registry && [...registry.names],
    calibration: calibration && structuredClone(calibration) as ModelIndex["calibration"],
    partSizes,
    trainNames: [...trainNames],
    suspects: [...suspects],
    fingerprint,
    files: { [TENSORS]: await digestOf(bytes) },
  };
  await storage.write(INDEX, new TextEncoder().encode(JSON.stringify(index, null, 2) + "\n"));
}

/** What the caller asks of a model that is opened: it is refused when it was fitted otherwise. */
export interface WantedModel {
  /** Such as `fpfh`; any where absent. */
  readonly method?: string;
  /** Name of the option set; any where absent. */
  readonly preset?: string;
  /** Options that the model must have been fitted with; others may be what they are. */
  readonly overrides?: MethodOverrides;
}

const refusing = ({ label }: Storage): Refuse => (what, expected, found) => {
  throw new ModelRefused(label, what, expected, found);
};

/**
 * What a model's folder says of itself, its tensors not opened. @throws {ModelRefused} @throws {FileMissing}
 * @internal
 */
export async function readModelIndex(storage: Storage): Promise<ModelIndex> {
  return parseIndex(await storage.read(INDEX), refusing(storage));
}

/** Opens a model folder. @throws {ModelRefused} with both sides named, when it is damaged, of another version, or not what is wanted */
export async function loadModel(storage: Storage, registry: Registry, wanted: WantedModel, run: Run): Promise<Model> {
  const refuse = refusing(storage), index = await readModelIndex(storage);
  if (index.uni3dad !== VERSION) refuse("uni3dad version", VERSION, index.uni3dad);
  if (wanted.method !== undefined && wanted.method !== index.method) refuse("method", wanted.method, index.method);
  if (wanted.preset !== undefined && wanted.preset !== index.preset) refuse("preset", wanted.preset, index.preset);
  const method = resolveMethod(index.method, index.preset, registry, index.options);
  assertPlugins(method, index.plugins, refuse);
  for (const part of methodParts) {
    const other = firstDifference({ ...method.options[part] }, wanted.overrides?.[part]);
    if (other) refuse(`option ${part}.${other.path}`, other.wanted, other.found);
  }
  const bytes = await storage.read(TENSORS);
  const digest = await digestOf(bytes);
  if (digest !== index.files[TENSORS]) refuse(`sha-256 of ${TENSORS}`, index.files[TENSORS] ?? "(none stated)", digest);
  using owned = new DisposableStack();
  const loaded = owned.use(await loadParts(method, index, readSafetensors(bytes).tensors, refuse, run));
  const kept = owned.move();
  return {
    name: index.name,
    method,
    ...loaded,
    calibration: index.calibration,
    partSizes: index.partSizes,
    trainNames: index.trainNames,
    suspects: index.suspects,
    fingerprint: index.fingerprint,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

type LoadedParts = FittedBranches & { readonly fuser?: FittedFuser };

/** Opens each part from what it kept. */
async function loadParts(
  { extractor, reconstructor, fuser, options }: Method,
  { registered, facts }: ModelIndex,
  tensors: ReadonlyMap<string, unknown>,
  refuse: Refuse,
  run: Run,
): Promise<LoadedParts & Disposable> {
  const folderOf = (part: PluginPart) => folderOver(tensors, facts[part] ?? {}, refuse, prefixOf(part));
  using owned = new DisposableStack();
  const folder = folderOf("extractor");
  const fitted = owned.use(await extractor.load(folder, options.extractor, run));
  const scans = registered && owned.use(loadRegistry(folder, registered, run));
  const asks = extractor.registers?.(options.extractor) ?? false;
  const reconstruction = reconstructor && {
    reconstructor: owned.use(await reconstructor.load(folderOf("reconstructor"), options.reconstructor, run)),
    missing: options.missing!,
    registry: reconstructor.registers?.(options.reconstructor) ? scans : undefined,
  };
  const joins = fuser && owned.use(await fuser.load(folderOf("fuser"), options.fuser, run));
  const kept = owned.move();
  return {
    extractor: fitted,
    registry: asks ? scans : undefined,
    reconstruction,
    fuser: joins,
    [Symbol.dispose]: () => kept.dispose(),
  };
}
