/** Validation by schema, refused as a problem. @module */
import type { ValidationTargets } from "hono";
import { validator } from "hono-openapi";
import type { z } from "zod";
import { RequestRefused } from "../errors.ts";

/** As hono-openapi's, but what does not fit is thrown. @throws {RequestRefused} `request-invalid`, with the places */
export const valid = <S extends z.ZodType, T extends keyof ValidationTargets>(target: T, schema: S) =>
  validator(target, schema, (result) => {
    if (result.success) return;
    const issues = result.error.map(({ path, message }) => ({
      path: [target, ...(path ?? []).map((part) => String(typeof part === "object" ? part.key : part))].join("."),
      message,
    }));
    const words = issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw new RequestRefused(422, "request-invalid", `The request does not fit: ${words}`, { issues });
  });
