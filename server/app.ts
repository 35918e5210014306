/** All routes as one application. @module */
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { serverCalls } from "./calls.ts";
import { identified } from "./guard/keys.ts";
import { noSuchRoute } from "./guard/no_route.ts";
import { ownPagesOnly } from "./guard/origin.ts";
import { problemAnswer } from "./guard/problem.ts";
import { perMinute } from "./guard/rates.ts";
import { pageRoutes } from "./page/page_routes.ts";
import { requestLog, type ServerLog } from "./request_log.ts";
import { docsRoutes } from "./routes/docs.ts";
import type { ServerEnv, Service } from "./service.ts";

/** Answers are data, but for the page and the docs, which have policies of their own. */
const NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'";

/** The application: log, guards, calls, docs, page. `loopback`: only this machine reaches it. */
export function serverApp(
  service: Service,
  log: ServerLog,
  { loopback }: { readonly loopback: boolean },
): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.onError(problemAnswer);
  app.notFound((context) => problemAnswer(noSuchRoute(app, context.req), context));
  app.use(requestLog(log, service.metrics));
  app.use(secureHeaders({ xFrameOptions: "DENY", referrerPolicy: "no-referrer", strictTransportSecurity: false }));
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.has("Content-Security-Policy")) context.header("Content-Security-Policy", NOTHING_RUNS);
    if (context.req.method === "HEAD") await context.res.body?.cancel(); // a stream that nobody reads would wait for ever
  });
  app.use(ownPagesOnly({ loopback }));
  const known = identified(service), rate = perMinute(service.limits.perMinute);
  app.use("/v1/*", async (context, next) => {
    if (context.req.path === "/v1/server") return await next(); // says whether keys are needed
    await known(context, async () => void await rate(context, next));
  });
  const calls = serverCalls(service);
  app.route("/", calls);
  app.route("/", docsRoutes(calls));
  app.route("/", pageRoutes());
  return app;
}
