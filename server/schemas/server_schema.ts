/** The server itself. @module */
import { z } from "zod";

/** What a client should know before it sends anything. */
export const serverSchema = z.object({
  version: z.string(),
  adapter: z.object({ description: z.string(), software: z.boolean() }),
  keysNeeded: z.boolean().describe("whether every call needs a key"),
  units: z.array(z.string()).describe("of coordinates, for `unit`"),
  limits: z.object({
    scanBytes: z.int(),
    uploadBytes: z.int(),
    batchScans: z.int(),
    points: z.int(),
    answerSeconds: z.number(),
    perMinute: z.int(),
  }),
}).meta({ id: "Server" });

/** That it can work; a server that cannot answers with a problem. */
export const readySchema = z.object({
  ready: z.literal(true),
  adapter: z.string(),
  waiting: z.int().describe("scans that wait for the GPU"),
}).meta({ id: "Ready" });
