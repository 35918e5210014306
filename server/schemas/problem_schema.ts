/** Errors as RFC 9457 problem details. @module */
import { z } from "zod";

/** `application/problem+json`; `code` is the stable name of the error. */
export const problemSchema = z.object({
  type: z.string().describe("urn:uni3dad:problem:CODE"),
  title: z.string().describe("the HTTP status in words"),
  status: z.int(),
  detail: z.string().describe("what is wrong, where, and what to do"),
  code: z.string().describe("stable name of the error"),
  requestId: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional().describe(
    "where the request is at fault",
  ),
}).meta({ id: "Problem" });

/** What {@linkcode problemSchema} describes. */
export type Problem = z.output<typeof problemSchema>;
