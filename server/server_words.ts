/** The server's log: one line of JSON for each sentence and each request, on standard output. @module */
import { configureSync, getConsoleSink, getJsonLinesFormatter, getLogger } from "@logtape/logtape";
import type { Log } from "../core/mod.ts";
import type { ServerLog } from "./request_log.ts";

/** Sets the log up. */
export function openServerWords(): { readonly log: Log; readonly lines: ServerLog } {
  configureSync({
    reset: true,
    sinks: { lines: getConsoleSink({ formatter: getJsonLinesFormatter({ properties: "flatten" }) }) },
    loggers: [
      { category: "uni3dad", lowestLevel: "info", sinks: ["lines"] },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  const words = getLogger(["uni3dad", "server"]), requests = getLogger(["uni3dad", "request"]);
  return {
    log: {
      debug: (message) => words.debug("{message}", { message }),
      info: (message) => words.info("{message}", { message }),
      warn: (message) => words.warn("{message}", { message }),
    },
    lines: {
      request: (line) => requests.info("{method} {path} {status}", { ...line }),
      fault: (requestId, error) =>
        words.error("request {requestId} met a fault of the server's own: {error}", {
          requestId,
          error: error instanceof Error ? error.stack ?? error.message : String(error),
        }),
    },
  };
}
