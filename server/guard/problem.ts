/** Errors to RFC 9457 problem details. @module */
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { resolver } from "hono-openapi";
import { Uni3dadError } from "../../errors.ts";
import { QueueFull, RequestRefused } from "../errors.ts";
import { type Problem, problemSchema } from "../schemas/problem_schema.ts";
import type { ServerEnv } from "../service.ts";
import { statusOf } from "./status.ts";

const titles: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "No valid key",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  408: "Request too slow",
  409: "Conflict",
  413: "Too large",
  415: "Unsupported media type",
  422: "Cannot be processed",
  429: "Too many requests",
  499: "Cancelled",
  500: "Internal error",
  503: "Not available",
  504: "Timed out",
  507: "No room",
};

/** The answer to a request that failed; what is no error of ours is told to the log, not to the caller. */
export function problemAnswer(error: unknown, context: Context<ServerEnv>): Response {
  const { problem, retrySeconds, allow } = problemOf(error, context.get("requestId"));
  context.set("problem", problem.code);
  if (problem.status === 500) context.get("fault")?.(error);
  const headers = new Headers({ "Content-Type": "application/problem+json", "Cache-Control": "no-store" });
  if (retrySeconds !== undefined) headers.set("Retry-After", String(retrySeconds));
  if (allow !== undefined) headers.set("Allow", allow.join(", "));
  if (BODY_UNREAD.includes(problem.status)) headers.set("Connection", "close"); // what is still sent is not worth being read
  if (problem.status === 401) headers.set("WWW-Authenticate", 'Bearer realm="uni3dad"');
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

/** Statuses of requests whose body was given up. */
const BODY_UNREAD = [408, 413];

/** Seconds after which a request that met a passing state is worth another try. */
const RETRY_SECONDS = 2;

function problemOf(
  error: unknown,
  requestId: string,
): { readonly problem: Problem; readonly retrySeconds?: number; readonly allow?: readonly string[] } {
  const of = (status: number, code: string, detail: string): Problem => ({
    type: `urn:uni3dad:problem:${code}`,
    title: titles[status] ?? "Error",
    status,
    detail,
    code,
    requestId,
  });
  if (error instanceof RequestRefused) {
    const { issues, ...extra } = error.extra, problem = of(error.status, error.code, error.message);
    return { problem: issues ? { ...problem, issues: [...issues] } : problem, ...extra };
  }
  if (error instanceof QueueFull) {
    return { problem: of(429, error.code, error.message), retrySeconds: error.retrySeconds };
  }
  if (error instanceof HTTPException) {
    return { problem: of(error.status, error.status === 413 ? "body-too-large" : "request-refused", error.message) };
  }
  if (error instanceof Uni3dadError) {
    const status = statusOf(error);
    if (status !== 500) {
      return {
        problem: of(status, error.code, error.message),
        ...(status === 503 ? { retrySeconds: RETRY_SECONDS } : {}),
      };
    }
  }
  return {
    problem: of(500, "internal-error", "A fault of the server's own; its log has more under this request's id"),
  };
}

/** How problems are documented, by status. */
export const problemsOf = (statuses: readonly number[]) =>
  Object.fromEntries(statuses.map((status) => [status, {
    description: titles[status],
    content: { "application/problem+json": { schema: resolver(problemSchema) } },
    headers: [429, 503].includes(status)
      ? { "Retry-After": { description: "seconds", schema: { type: "integer" } as const } }
      : {},
  }]));
