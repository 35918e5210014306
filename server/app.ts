/** All routes as one application. @module */
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { identified } from "./guard/keys.ts";
import { ownPagesOnly } from "./guard/origin.ts";
import { problemAnswer } from "./guard/problem.ts";
import { perMinute } from "./guard/rates.ts";
import { RequestRefused } from "./errors.ts";
import { pageRoutes } from "./page/page_routes.ts";
import { requestLog, type ServerLog } from "./request_log.ts";
import { batchRoutes } from "./routes/batches.ts";
import { docsRoutes } from "./routes/docs.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { modelRoutes } from "./routes/models.ts";
import { resultRoutes } from "./routes/results.ts";
import { scoreRoutes } from "./routes/score.ts";
import { healthRoutes, serverRoutes } from "./routes/state.ts";
import type { ServerEnv, Service } from "./service.ts";

/** Answers are data, but for the page and the docs, which have policies of their own. */
const NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'";

/** The calls of the service, chained so that a typed client knows them. */
const calls = (service: Service) =>
  new Hono<ServerEnv>()
    .route("/", healthRoutes(service))
    .route("/", serverRoutes(service))
    .route("/", scoreRoutes(service))
    .route("/", batchRoutes(service))
    .route("/", jobRoutes(service))
    .route("/", modelRoutes(service))
    .route("/", resultRoutes(service))
    .route("/", keyRoutes(service));

/** For `hc<ServerApp>(url)` of `hono/client`. */
export type ServerApp = ReturnType<typeof calls>;

/** The application: log, guards, calls, docs, page. `loopback`: only this machine reaches it. */
export function serverApp(service: Service, log: ServerLog, { loopback }: { readonly loopback: boolean }): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.onError(problemAnswer);
  app.notFound((context) => {
    const { method, path } = context.req;
    return problemAnswer(new RequestRefused(404, "no-such-route", `There is no ${method} ${path}: GET /openapi.json has all calls`), context);
  });
  app.use(requestLog(log, service.metrics));
  app.use(secureHeaders({ xFrameOptions: "DENY", referrerPolicy: "no-referrer", strictTransportSecurity: false }));
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.has("Content-Security-Policy")) context.header("Content-Security-Policy", NOTHING_RUNS);
  });
  app.use(ownPagesOnly({ loopback }));
  const known = identified(service), rate = perMinute(service.limits.perMinute);
  app.use("/v1/*", async (context, next) => {
    if (context.req.path === "/v1/server") return await next(); // says whether keys are needed
    await known(context, async () => void await rate(context, next));
  });
  const routes = calls(service);
  app.route("/", routes);
  app.route("/", docsRoutes(routes));
  app.route("/", pageRoutes());
  return app;
}
