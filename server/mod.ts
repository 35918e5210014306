/** The scoring service: HTTP calls, jobs, history, and its page. @module */
export { addKey } from "./add_key.ts";
export type { ServerApp } from "./app.ts";
export { openServer, type OpenServer, type ServerOptions } from "./open_server.ts";
export type { RequestLine, ServerLog } from "./request_log.ts";
export type { Scope as KeyScope } from "./schemas/key_schema.ts";
export { openServerWords } from "./server_words.ts";
export type { Limits } from "./service.ts";
