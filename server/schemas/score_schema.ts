/** How a scan is to be scored. @module */
import { z } from "zod";
import { type Unit, units } from "../../core/mod.ts";
import { queryNumber } from "./query_number.ts";

/** Query of a score, and of a batch. */
export const scoreQuerySchema = z.strictObject({
  name: z.string().min(1).max(300).optional().describe("what the scan is called in results; else its file's name"),
  unit: z.enum(Object.keys(units) as [Unit, ...Unit[]]).default("m").describe("unit of the file's coordinates"),
  threshold: queryNumber(z.coerce.number().optional()).describe("replaces the model's threshold for this scan"),
  alpha: queryNumber(z.coerce.number().gt(0).lt(0.5).optional()).describe("wanted false-alarm rate for this scan"),
});

/** Headers of a score. */
export const scoreHeaderSchema = z.object({
  accept: z.string().optional().describe(
    "application/json, image/png (heat map), image/tiff (scores), model/ply (scored cloud)",
  ),
  "idempotency-key": z.string().min(1).max(200).optional().describe(
    "the same request under the same key gets the same answer, and is scored once",
  ),
});

/** See {@linkcode scoreQuerySchema}. */
export type ScoreQuery = z.output<typeof scoreQuerySchema>;
