/** One line of JSON a request. @module */
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import type { Metrics } from "./metrics.ts";
import type { ServerEnv } from "./service.ts";

/** A line: what was asked, by whom, how it was answered; nothing of keys or bodies. */
export interface RequestLine {
  /** Of the answer's `X-Request-Id`. */
  readonly requestId: string;
  /** GET and so on. */
  readonly method: string;
  /** Without the query, which may hold names. */
  readonly path: string;
  /** Of the answer. */
  readonly status: number;
  /** Until the answer began. */
  readonly milliseconds: number;
  /** Id of the key; absent where none is needed. */
  readonly key?: string;
  /** Code of the error. */
  readonly problem?: string;
}

/** Where lines go. */
export interface ServerLog {
  /** A request was answered. */
  request(line: RequestLine): void;
  /** A fault of ours. */
  fault(requestId: string, error: unknown): void;
}

/** A caller may send any word as a method; each would be a series of its own. */
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

const REQUEST_ID = /^[\w-]{1,64}$/;

/** Gives each request its id (the caller's own where it sends a plain one), a line and its time. Queries aren't logged: they may hold names. */
export const requestLog = (log: ServerLog, metrics: Metrics) =>
  createMiddleware<ServerEnv>(async (context, next) => {
    const given = context.req.header("X-Request-Id") ?? "";
    const requestId = REQUEST_ID.test(given) ? given : crypto.randomUUID();
    const began = performance.now();
    context.set("requestId", requestId);
    context.set("fault", (error) => log.fault(requestId, error));
    await next();
    context.header("X-Request-Id", requestId);
    const { method, path } = context.req, { status } = context.res, milliseconds = performance.now() - began;
    const key = context.get("key")?.id, problem = context.get("problem");
    log.request({
      requestId,
      method,
      path,
      status,
      milliseconds: Math.round(10 * milliseconds) / 10,
      ...(key === undefined ? {} : { key }),
      ...(problem === undefined ? {} : { problem }),
    });
    metrics.answered(METHODS.has(method) ? method : "other", routePath(context, -1), status, milliseconds / 1000);
    if (problem !== undefined) metrics.failed(problem);
  });
