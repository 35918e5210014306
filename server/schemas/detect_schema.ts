/** The detect document as the server answers it: the schema of `core`'s {@linkcode DetectDocument}. @module */
import { z } from "zod";
import type { DetectDocument } from "../../core/mod.ts";

const region = z.object({
  areaMm2: z.number().describe(
    "surface of the part that it covers, mm²; of what is missing, the area it had across the viewing direction",
  ),
  centreMm: z.tuple([z.number(), z.number(), z.number()]).readonly().describe("centre in the camera's frame, mm"),
  peak: z.number().describe("largest score in it"),
  branch: z.enum(["feature", "reconstruction"]).describe(
    "feature: an odd surface; reconstruction: something is missing",
  ),
}).meta({ id: "Region" });

/** A scan that was decided. */
export const foundSchema = z.object({
  input: z.string().describe("name of the scan as it was sent"),
  score: z.number().describe("higher is more anomalous"),
  pValue: z.number().nullable().describe("share of held-out normal scans that score at least as high"),
  threshold: z.number().nullable().describe("the scan is anomalous when its score is above this"),
  thresholdOrigin: z.string().describe("where the threshold comes from"),
  decision: z.enum(["normal", "anomalous"]),
  decidedBy: z.enum(["feature", "reconstruction"]).nullable().describe("the branch of the map's highest place"),
  notes: z.array(z.string()).readonly().describe("what people should know before they trust the decision"),
  pose: z.object({ costMm: z.number(), covered: z.boolean(), fits: z.boolean() }).nullable(),
  regions: z.array(region).readonly().describe("connected places above the map's threshold, largest peak first"),
  files: z.record(z.string(), z.string()).describe("what can be fetched of the scan, by kind: paths on this server"),
  seconds: z.number().describe("from reading the scan to the decision"),
  truth: z.string().optional(),
}).meta({ id: "ScanFound" });

const failed = z.object({
  input: z.string(),
  error: z.object({ code: z.string(), message: z.string() }),
}).meta({ id: "ScanFailed" });

const modelFacts = z.object({
  name: z.string(),
  method: z.string(),
  preset: z.string(),
  version: z.string().describe("of uni3dad"),
  trainScans: z.int(),
  suspects: z.array(z.string()).readonly(),
  fingerprint: z.string(),
  facts: z.record(z.string(), z.union([z.number(), z.string()])),
  calibration: z.object({ kind: z.string(), scans: z.int(), reachableAlpha: z.number() }).nullable(),
}).meta({ id: "ModelFacts" });

/** `uni3dad.detect/1`. */
export const detectSchema = z.object({
  schema: z.literal("uni3dad.detect/1"),
  adapter: z.object({ description: z.string(), software: z.boolean() }),
  model: modelFacts,
  scans: z.array(z.union([foundSchema, failed])).readonly(),
}).meta({ id: "DetectDocument" }) satisfies z.ZodType<DetectDocument>;
