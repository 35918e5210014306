/** Models as the server shows them. @module */
import { z } from "zod";
import { DEFAULT_METHOD } from "../../host/mod.ts";
import { queryNumber } from "./query_number.ts";

/** Names of models: a folder's name below the models' folder. */
export const modelNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/).describe(
  "1 to 64 letters, digits, _ and -, the first a letter or digit",
);

/** What can be set of a model without a refit. */
export const modelSettingsSchema = z.strictObject({
  active: z.boolean().optional().describe("an inactive model scores nothing"),
  threshold: z.number().nullable().optional().describe("replaces the calibrated threshold; null takes it back"),
  alpha: z.number().gt(0).lt(0.5).nullable().optional().describe("wanted false-alarm rate; null: 0.05"),
}).meta({ id: "ModelSettings" });

/** A model as it stands. */
export const modelSchema = z.object({
  name: z.string(),
  method: z.string(),
  preset: z.string(),
  version: z.string().describe("of uni3dad that fitted it"),
  trainScans: z.int(),
  suspects: z.array(z.string()),
  fingerprint: z.string(),
  bytes: z.int().describe("of its files, about what it takes of the GPU's memory"),
  active: z.boolean(),
  loaded: z.boolean().describe("whether it is on the GPU now"),
  threshold: z.number().nullable().describe("as set; null: the calibrated one"),
  alpha: z.number().nullable(),
  calibration: z.object({ kind: z.string(), scans: z.int(), reachableAlpha: z.number(), scores: z.array(z.number()) })
    .nullable(),
}).meta({ id: "Model" });

/** All models by name; those that can't be read with why. */
export const modelListSchema = z.object({
  models: z.array(modelSchema),
  refused: z.array(z.object({ name: z.string(), error: z.object({ code: z.string(), message: z.string() }) })),
}).meta({ id: "ModelList" });

const fit = {
  name: modelNameSchema,
  method: z.string().max(200).default(DEFAULT_METHOD).describe("EXTRACTOR[+RECONSTRUCTOR/FUSER], such as fpfh"),
  preset: z.string().max(64).default("default"),
};
const folds = z.int().min(0).max(100),
  FOLDS = "parts into which normal scans are divided to calibrate; else the preset's";
const ACTIVE = "whether it may score at once", REPLACE = "whether a model of this name may be replaced";

/** A fit of scans that lie on the server. */
export const fitRequestSchema = z.strictObject({
  ...fit,
  folder: z.string().min(1).max(4096).describe("a category's folder on the server, below an allowed root"),
  folds: folds.optional().describe(FOLDS),
  active: z.boolean().default(true).describe(ACTIVE),
  replace: z.boolean().default(false).describe(REPLACE),
}).meta({ id: "FitRequest" });

/** A fit of scans that are sent, as a form. */
export const archiveRequestSchema = z.strictObject({
  ...fit,
  archive: z.instanceof(Uint8Array<ArrayBuffer>).describe("ZIP of a category's folder").meta({
    type: "string",
    format: "binary",
  }),
  folds: queryNumber(z.coerce.number().pipe(folds).optional()).describe(FOLDS),
  active: z.stringbool().default(true).describe(ACTIVE),
  replace: z.stringbool().default(false).describe(REPLACE),
}).meta({ id: "ArchiveFitRequest" });

/** See {@linkcode modelSettingsSchema}. */
export type ModelSettings = z.output<typeof modelSettingsSchema>;
/** See {@linkcode modelSchema}. */
export type ServedModel = z.output<typeof modelSchema>;
/** See {@linkcode fitRequestSchema}. */
export type FitRequest = Omit<z.output<typeof fitRequestSchema>, "folder">;
