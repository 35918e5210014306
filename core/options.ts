/** Options of plugins and stages: a schema is the one place of a bound, a default and a sentence of help. @module */
import type { z } from "zod";
import { OptionsRefused } from "./errors.ts";

/** A zod 4 schema; it is a Standard Schema and gives a Standard JSON Schema, from which `--help` and docs are made. */
export type OptionsSchema<O> = z.ZodType<O>;

/** `input` as the schema's output, defaults filled in, frozen. Called once, where options enter. @throws {OptionsRefused} with all problems */
export function parseOptions<O>(owner: string, schema: OptionsSchema<O>, input: unknown): Readonly<O> {
  const result = schema.safeParse(input);
  if (result.success) return Object.freeze(result.data);
  throw new OptionsRefused(
    owner,
    result.error.issues.map(({ path, message }) => ({ path: path.map(String).join(".") || "options", message })),
  );
}
