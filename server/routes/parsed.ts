/** Bodies that are read by us, by a schema. @module */
import { z } from "zod";
import { RequestRefused } from "../errors.ts";

/** JSON in bytes, or an object, as the schema has it. @throws {RequestRefused} `json-malformed`, `request-invalid` */
export function parsed<S extends z.ZodType>(schema: S, given: Uint8Array | object): z.output<S> {
  const result = schema.safeParse(given instanceof Uint8Array ? jsonOf(given) : given);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({ path: ["json", ...path].map(String).join("."), message }));
  const words = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
  throw new RequestRefused(422, "request-invalid", `The request does not fit: ${words}`, { issues });
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new RequestRefused(400, "json-malformed", `The body is no JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
}
