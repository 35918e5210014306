/** The calls of the service. @module */
import { Hono } from "hono";
import { batchRoutes } from "./routes/batches.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { modelRoutes } from "./routes/models.ts";
import { resultRoutes } from "./routes/results.ts";
import { scoreRoutes } from "./routes/score.ts";
import { healthRoutes, serverRoutes } from "./routes/state.ts";
import type { ServerEnv, Service } from "./service.ts";

/** All of them, chained so that a typed client knows them. */
export const serverCalls = (service: Service) =>
  new Hono<ServerEnv>()
    .route("/", healthRoutes(service))
    .route("/", serverRoutes(service))
    .route("/", scoreRoutes(service))
    .route("/", batchRoutes(service))
    .route("/", jobRoutes(service))
    .route("/", modelRoutes(service))
    .route("/", resultRoutes(service))
    .route("/", keyRoutes(service));

/**
 * For a typed client: `hc<ServerApp>(url)` of `hono/client`. Its types are those of answers that went well; of others, `ok` is false and
 * the body a problem.
 * @internal as what it is made of is longer than anybody reads
 */
export type ServerApp = ReturnType<typeof serverCalls>;
