/** Validation by schema, refused as a problem. @module */
import type { ValidationTargets } from "hono";
import { validator } from "hono-openapi";
import type { z } from "zod";
import { RequestRefused } from "../errors.ts";

interface Issue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[];
  readonly message: string;
}

/** As hono-openapi's, but what does not fit is thrown. @throws {RequestRefused} `request-invalid`, with the places */
export const valid = <S extends z.ZodType, T extends keyof ValidationTargets>(target: T, schema: S) =>
  validator(target, schema, (result) => {
    if (!result.success) throw requestInvalid(target, result.error);
  });

/** What was read of a request, as the schema has it. @throws {RequestRefused} `request-invalid`, with the places */
export function fitting<S extends z.ZodType>(target: keyof ValidationTargets, schema: S, given: unknown): z.output<S> {
  const result = schema.safeParse(given);
  if (!result.success) throw requestInvalid(target, result.error.issues);
  return result.data;
}

function requestInvalid(target: keyof ValidationTargets, found: readonly Issue[]): RequestRefused {
  const issues = found.map(({ path = [], message }) => ({
    path: [target, ...path.map((part) => String(typeof part === "object" ? part.key : part))].join("."),
    message,
  }));
  const words = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  return new RequestRefused(422, "request-invalid", `The request does not fit: ${words}`, { issues });
}
