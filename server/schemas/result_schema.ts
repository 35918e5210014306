/** Kept results and what people said of them. @module */
import { z } from "zod";
import { detectSchema } from "./detect_schema.ts";
import { queryNumber } from "./query_number.ts";

/** What a person said of a result; it changes no model. */
export const verdictSchema = z.strictObject({
  verdict: z.enum(["right", "wrong"]).nullable().describe("whether the decision was right; null takes it back"),
  note: z.string().max(2000).default("").describe("why"),
}).meta({ id: "Verdict" });

/** One line of the history. */
export const resultRowSchema = z.object({
  id: z.string(),
  created: z.iso.datetime().describe("when it was decided"),
  model: z.string(),
  fingerprint: z.string().describe("of the model's training set"),
  input: z.string(),
  score: z.number(),
  pValue: z.number().nullable(),
  threshold: z.number().nullable(),
  decision: z.enum(["normal", "anomalous"]),
  decidedBy: z.enum(["feature", "reconstruction"]).nullable(),
  areaMm2: z.number().describe("of all regions"),
  seconds: z.number(),
  job: z.string().nullable(),
  verdict: z.enum(["right", "wrong"]).nullable(),
  note: z.string(),
}).meta({ id: "ResultRow" });

/** One result whole. */
export const resultSchema = resultRowSchema.extend({
  document: detectSchema,
  files: z.record(z.string(), z.string()).describe("paths on this server by kind: view, picture"),
}).meta({ id: "Result" });

/** A page of the history, latest first. */
export const resultPageSchema = z.object({
  results: z.array(resultRowSchema),
  next: z.string().nullable().describe("give it as `after` for the page behind this one"),
}).meta({ id: "ResultPage" });

/** What the history can be asked for. */
export const resultFilterSchema = z.strictObject({
  model: z.string().optional(),
  decision: z.enum(["normal", "anomalous"]).optional(),
  verdict: z.enum(["right", "wrong", "none"]).optional(),
  job: z.string().optional(),
  input: z.string().optional().describe("part of the input's name"),
  from: z.iso.datetime().optional().describe("decided at this time or later"),
  to: z.iso.datetime().optional().describe("decided before this time"),
  minScore: queryNumber(z.coerce.number().optional()),
  after: z.string().optional().describe("`next` of the page before"),
  limit: queryNumber(z.coerce.number().int().min(1).max(500).default(50)),
});

/** See {@linkcode verdictSchema}. */
export type Verdict = z.output<typeof verdictSchema>;
/** See {@linkcode resultRowSchema}. */
export type ResultRow = z.output<typeof resultRowSchema>;
/** See {@linkcode resultSchema}. */
export type Result = z.output<typeof resultSchema>;
/** See {@linkcode resultPageSchema}. */
export type ResultPage = z.output<typeof resultPageSchema>;
/** See {@linkcode resultFilterSchema}. */
export type ResultFilter = z.output<typeof resultFilterSchema>;
