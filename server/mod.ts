/** The scoring service: HTTP calls, jobs, history, and its page. @module */
export type { Log } from "../core/mod.ts";
export { addKey } from "./add_key.ts";
export type { ServerApp } from "./calls.ts";
export { type OpenServer, openServer, type ServerOptions } from "./open_server.ts";
export type { RequestLine, ServerLog } from "./request_log.ts";
export type { Scope as KeyScope } from "./schemas/key_schema.ts";
export { openServerWords } from "./server_words.ts";
export type { Limits } from "./service.ts";
export type { Keep } from "./tidy.ts";
