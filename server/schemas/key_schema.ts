/** API keys. @module */
import { z } from "zod";

/** What a key may do; `admin` may all. */
export type Scope = "score" | "train" | "admin";

/** See {@linkcode Scope}. */
export const scopeSchema = z.enum(["score", "train", "admin"]) satisfies z.ZodType<Scope>;

/** A key that is wanted. */
export const keyRequestSchema = z.strictObject({
  name: z.string().min(1).max(100).describe("who holds it"),
  scopes: z.array(scopeSchema).min(1),
}).meta({ id: "KeyRequest" });

/** A key as it is kept: without itself. */
export const keySchema = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(scopeSchema),
  created: z.iso.datetime(),
  revoked: z.iso.datetime().nullable(),
}).meta({ id: "Key" });

/** A new key: the one time that it is shown. */
export const newKeySchema = keySchema.extend({ key: z.string() }).meta({ id: "NewKey" });

/** All keys. */
export const keyListSchema = z.object({ keys: z.array(keySchema) }).meta({ id: "KeyList" });

/** See {@linkcode keySchema}. */
export type Key = z.output<typeof keySchema>;
