/** Requests for what is not there. @module */
import type { Hono, HonoRequest } from "hono";
import { RequestRefused } from "../errors.ts";
import type { ServerEnv } from "../service.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** The refusal of a path that nothing answers, or of a method that nothing answers there: then with those that something does. */
export function noSuchRoute(
  { router }: Pick<Hono<ServerEnv>, "router">,
  { method, path }: HonoRequest,
): RequestRefused {
  const allow = METHODS.filter((one) => router.match(one, path)[0].some(([[, route]]) => route.method === one))
    .flatMap((one) => one === "GET" ? ["GET", "HEAD"] : [one]);
  return allow.length === 0
    ? new RequestRefused(404, "no-such-route", `There is no ${path}: GET /openapi.json has all calls`)
    : new RequestRefused(405, "method-not-allowed", `${path} answers ${allow.join(", ")}, not ${method}`, { allow });
}
