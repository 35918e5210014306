/** Work that goes on after the answer. @module */
import { z } from "zod";

/** States of a job; the last three are ends. */
export const jobStateSchema = z.enum(["queued", "running", "done", "failed", "cancelled"]);

/** A job as it stands. */
export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(["batch", "fit"]),
  model: z.string(),
  state: jobStateSchema,
  created: z.iso.datetime(),
  started: z.iso.datetime().nullable(),
  ended: z.iso.datetime().nullable(),
  total: z.int().describe("scans of a batch; of a fit, steps of its task"),
  done: z.int().describe("of them, refused ones in it"),
  failed: z.int().describe("scans that were refused"),
  task: z.string().describe("what is being done"),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
}).meta({ id: "Job" });

/** One scan of a batch. */
export const jobItemSchema = z.object({
  index: z.int(),
  input: z.string(),
  state: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  result: z.string().nullable().describe("id of its result"),
  decision: z.enum(["normal", "anomalous"]).nullable(),
  score: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
}).meta({ id: "JobItem" });

/** Items of a job by index. */
export const jobItemPageSchema = z.object({
  items: z.array(jobItemSchema),
  next: z.int().nullable().describe("give it as `after` for the page behind this one"),
}).meta({ id: "JobItemPage" });

/** Jobs, latest first. */
export const jobListSchema = z.object({ jobs: z.array(jobSchema) }).meta({ id: "JobList" });

/** See {@linkcode jobSchema}. */
export type Job = z.output<typeof jobSchema>;
/** See {@linkcode jobStateSchema}. */
export type JobState = z.output<typeof jobStateSchema>;
/** See {@linkcode jobItemSchema}. */
export type JobItem = z.output<typeof jobItemSchema>;
