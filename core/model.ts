/** Models as folders: what is written, and what is refused when it is read. @module */
import { z } from "zod";
import { readSafetensors, writeSafetensors } from "../formats/mod.ts";
import { ModelRefused } from "./errors.ts";
import { type MethodOverrides, type Registry, resolveMethod } from "./method.ts";
import type { ModelFolder, Tensor } from "./model_folder.ts";
import { firstDifference } from "./overrides.ts";
import { digestOf, type Model } from "./pipeline.ts";
import { loadRegistry } from "./registration.ts";
import type { Run } from "./run.ts";
import type { Storage } from "./storage.ts";
import { VERSION } from "./version.ts";

const FORMAT = 2, INDEX = "model.json", TENSORS = "extractor.safetensors";

const calibrationSchema = z.strictObject({
  kind: z.enum(["split", "leave-one-out", "cross"]),
  scores: z.array(z.number()),
  names: z.array(z.string()),
  folds: z.int(),
  costs: z.array(z.number().nullable()).optional(),
});

const indexSchema = z.strictObject({
  format: z.int(),
  uni3dad: z.string(),
  name: z.string(),
  method: z.string(),
  preset: z.string(),
  extractor: z.strictObject({ name: z.string(), version: z.string(), api: z.int() }),
  options: z.strictObject({ prepare: z.record(z.string(), z.unknown()), extractor: z.record(z.string(), z.unknown()) }),
  facts: z.record(z.string(), z.unknown()),
  registered: z.array(z.string()).optional(),
  calibration: z.strictObject({ scan: calibrationSchema, peak: calibrationSchema }).optional(),
  partSizes: z.strictObject({ least: z.number(), most: z.number() }),
  trainNames: z.array(z.string()),
  suspects: z.array(z.string()),
  fingerprint: z.string(),
  files: z.record(z.string(), z.string()),
});

/** Writes the model: tensors first, the index that names them last, so that half a model has none. */
export async function saveModel(storage: Storage, model: Model): Promise<void> {
  const tensors = new Map<string, Tensor>();
  let facts: Readonly<Record<string, unknown>> = {};
  const folder: ModelFolder = {
    tensor: (name) => tensors.get(name)!,
    has: (name) => tensors.has(name),
    putTensor: (name, tensor) => void tensors.set(name, tensor),
    facts: () => facts,
    putFacts: (own) => void (facts = own),
  };
  await model.extractor.save(folder);
  model.registry?.save(folder);
  const bytes = writeSafetensors(tensors, { format: String(FORMAT), uni3dad: VERSION });
  await storage.write(TENSORS, bytes);
  const { name, method, calibration, partSizes, trainNames, suspects, fingerprint } = model;
  const { extractor } = method;
  const index: z.output<typeof indexSchema> = {
    format: FORMAT,
    uni3dad: VERSION,
    name,
    method: method.name,
    preset: method.preset,
    extractor: { name: extractor.name, version: extractor.version, api: extractor.api },
    options: { prepare: { ...method.options.prepare }, extractor: { ...method.options.extractor } },
    facts,
    registered: model.registry && [...model.registry.names],
    calibration: calibration && structuredClone(calibration) as z.output<typeof indexSchema>["calibration"],
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

/** Opens a model folder. @throws {ModelRefused} with both sides named, when it is damaged, of another version, or not what is wanted */
export async function loadModel(storage: Storage, registry: Registry, wanted: WantedModel, run: Run): Promise<Model> {
  const refuse = (what: string, expected: string, found: string): never => {
    throw new ModelRefused(storage.label, what, expected, found);
  };
  const index = parseIndex(await storage.read(INDEX), refuse);
  if (index.format !== FORMAT) refuse("format", String(FORMAT), String(index.format));
  if (index.uni3dad !== VERSION) refuse("uni3dad version", VERSION, index.uni3dad);
  if (wanted.method !== undefined && wanted.method !== index.method) refuse("method", wanted.method, index.method);
  if (wanted.preset !== undefined && wanted.preset !== index.preset) refuse("preset", wanted.preset, index.preset);
  const method = resolveMethod(index.method, index.preset, registry, index.options);
  const { extractor } = method;
  if (extractor.version !== index.extractor.version) {
    refuse(`version of ${extractor.name}`, extractor.version, index.extractor.version);
  }
  if (extractor.api !== index.extractor.api) {
    refuse(`plugin interface of ${extractor.name}`, String(extractor.api), String(index.extractor.api));
  }
  for (const part of ["prepare", "extractor"] as const) {
    const other = firstDifference({ ...method.options[part] }, wanted.overrides?.[part]);
    if (other) refuse(`option ${part}.${other.path}`, other.wanted, other.found);
  }
  const bytes = await storage.read(TENSORS);
  const digest = await digestOf(bytes);
  if (digest !== index.files[TENSORS]) refuse(`sha-256 of ${TENSORS}`, index.files[TENSORS] ?? "(none stated)", digest);
  const { tensors } = readSafetensors(bytes);
  const readOnly = () => {
    throw new TypeError("Cannot write into a model that is being read");
  };
  const folder: ModelFolder = {
    tensor: (name) => tensors.get(name) as Tensor | undefined ?? refuse(`tensor ${name}`, "present", "missing"),
    has: (name) => tensors.has(name),
    putTensor: readOnly,
    facts: () => index.facts,
    putFacts: readOnly,
  };
  using owned = new DisposableStack();
  const fitted = owned.use(await extractor.load(folder, method.options.extractor, run));
  const scans = index.registered && owned.use(loadRegistry(folder, index.registered, run));
  const kept = owned.move();
  return {
    name: index.name,
    method,
    extractor: fitted,
    registry: scans,
    calibration: index.calibration,
    partSizes: index.partSizes,
    trainNames: index.trainNames,
    suspects: index.suspects,
    fingerprint: index.fingerprint,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

type Refuse = (what: string, expected: string, found: string) => never;

function parseIndex(bytes: Uint8Array, refuse: Refuse): z.output<typeof indexSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    return refuse(INDEX, "JSON", cause instanceof Error ? `damaged (${cause.message})` : "damaged");
  }
  const format = (json as { format?: unknown } | null)?.format;
  if (format !== FORMAT) return refuse("format", String(FORMAT), JSON.stringify(format) ?? "not stated");
  const parsed = indexSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(`${INDEX}, ${issue.path.map(String).join(".")}`, "what the format says", issue.message);
}
