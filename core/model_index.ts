/** What a model's folder says of itself: `model.json`. @module */
import { z } from "zod";
import type { Method } from "./method.ts";
import type { Plugin } from "./plugin.ts";

/** The form that this program writes and reads. */
export const FORMAT = 3;

/** The index's file. */
export const INDEX = "model.json";

/** Whoever refuses a model: with what is wrong, what this program wants, and what it found. */
export type Refuse = (what: string, expected: string, found: string) => never;

const calibrationSchema = z.strictObject({
  kind: z.enum(["split", "leave-one-out", "cross"]),
  scores: z.array(z.number()),
  names: z.array(z.string()),
  folds: z.int(),
  costs: z.array(z.number().nullable()).optional(),
});

const pluginSchema = z.strictObject({ name: z.string(), version: z.string(), api: z.int() });

const record = z.record(z.string(), z.unknown());

const indexSchema = z.strictObject({
  format: z.int(),
  uni3dad: z.string(),
  name: z.string(),
  method: z.string(),
  preset: z.string(),
  plugins: z.strictObject({
    extractor: pluginSchema,
    reconstructor: pluginSchema.optional(),
    fuser: pluginSchema.optional(),
  }),
  options: z.strictObject({
    prepare: record,
    extractor: record,
    reconstructor: record.optional(),
    missing: record.optional(),
    fuser: record.optional(),
  }),
  facts: z.strictObject({ extractor: record, reconstructor: record.optional(), fuser: record.optional() }),
  registered: z.array(z.string()).optional(),
  calibration: z.strictObject({ scan: calibrationSchema, peak: calibrationSchema }).optional(),
  partSizes: z.strictObject({ least: z.number(), most: z.number() }),
  trainNames: z.array(z.string()),
  suspects: z.array(z.string()),
  fingerprint: z.string(),
  files: z.record(z.string(), z.string()),
});

/**
 * The index as JSON has it.
 * @internal
 */
export type ModelIndex = z.output<typeof indexSchema>;

/** The plugins of a method by their part. */
export const pluginParts = ["extractor", "reconstructor", "fuser"] as const;

/** One of {@linkcode pluginParts}. */
export type PluginPart = (typeof pluginParts)[number];

/** The plugins of a method, as the index names them. */
export function pluginsOf({ extractor, reconstructor, fuser }: Method): ModelIndex["plugins"] {
  const of = ({ name, version, api }: Plugin<unknown>) => ({ name, version, api });
  return {
    extractor: of(extractor),
    reconstructor: reconstructor && of(reconstructor),
    fuser: fuser && of(fuser),
  };
}

/** Refuses a model that other versions of the method's plugins wrote. */
export function assertPlugins(method: Method, found: ModelIndex["plugins"], refuse: Refuse): void {
  const wanted = pluginsOf(method);
  for (const part of pluginParts) {
    const ours = wanted[part], its = found[part];
    if (ours?.name !== its?.name) refuse(part, ours?.name ?? "none", its?.name ?? "none");
    if (!ours || !its) continue;
    if (ours.version !== its.version) refuse(`version of ${ours.name}`, ours.version, its.version);
    if (ours.api !== its.api) refuse(`plugin interface of ${ours.name}`, String(ours.api), String(its.api));
  }
}

/** The index in a file's bytes. */
export function parseIndex(bytes: Uint8Array, refuse: Refuse): ModelIndex {
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
