/** Bodies of JSON. @module */
import { createMiddleware } from "hono/factory";
import type { z } from "zod";
import { RequestRefused } from "../errors.ts";
import type { ServerEnv, Service } from "../service.ts";
import { readBody } from "./body.ts";
import { fitting } from "./valid.ts";

/** No call takes more of it. */
const MOST_BYTES = 2 ** 16;

/** Whether a request says that its body is JSON. */
export const isJson = ({ headers }: Request): boolean =>
  /^application\/([\w.-]+\+)?json$/i.test((headers.get("Content-Type") ?? "").split(";")[0].trim());

/** A request's JSON as the schema has it. @throws {RequestRefused} `json-malformed`, `request-invalid`, and what {@linkcode readBody} throws */
export async function readJson<S extends z.ZodType>(
  schema: S,
  request: Request,
  { stallMs }: Pick<Service["limits"], "stallMs">,
): Promise<z.output<S>> {
  return fitting("json", schema, jsonOf(await readBody(request, { most: MOST_BYTES, stallMs })));
}

/** Reads the body before `valid("json", …)` does, within bounds of size and time. @throws {RequestRefused} `json-wanted`, `json-malformed` */
export const jsonOnly = ({ limits: { stallMs } }: Pick<Service, "limits">) =>
  createMiddleware<ServerEnv>(async ({ req }, next) => {
    if (!isJson(req.raw)) throw new RequestRefused(415, "json-wanted", "Send the body as application/json");
    const body = await readBody(req.raw, { most: MOST_BYTES, stallMs });
    jsonOf(body);
    const { url, method, headers, signal } = req.raw;
    req.raw = new Request(url, { method, headers, signal, body });
    await next();
  });

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new RequestRefused(400, "json-malformed", `The body is no JSON: ${why}`);
  }
}
