/** `/healthz`, `/readyz`, `/metrics`, `/v1/server` @module */
import { Hono } from "hono";
import { describeRoute, resolver } from "hono-openapi";
import { units, VERSION } from "../../core/mod.ts";
import { problems } from "../guard/problem.ts";
import { readySchema, serverSchema } from "../schemas/server_schema.ts";
import type { ServerEnv, Service } from "../service.ts";

const tags = ["Server"];

/** Says how the server is; asks for no key, as whoever watches it has none. */
export const healthRoutes = ({ scorer, queue, metrics, closing }: Service) =>
  new Hono<ServerEnv>()
    .get(
      "/healthz",
      describeRoute({ summary: "Whether the process answers", tags, responses: { 200: { description: "ok", content: { "text/plain": { schema: { type: "string" } } } } } }),
      (context) => context.text("ok"),
    )
    .get(
      "/readyz",
      describeRoute({
        summary: "Whether it can score",
        tags,
        responses: { 200: { description: "It can", content: { "application/json": { schema: resolver(readySchema) } } }, ...problems(503) },
      }),
      async (context) => {
        const { adapter } = await scorer.state(), ready = !closing();
        return context.json({ ready, adapter: adapter.description, waiting: queue.waiting.now }, ready ? 200 : 503);
      },
    )
    .get(
      "/metrics",
      describeRoute({ summary: "Counts and times for Prometheus", tags, responses: { 200: { description: "text form 0.0.4", content: { "text/plain": { schema: { type: "string" } } } } } }),
      async (context) => context.body(await metrics.text(await scorer.state(), queue), 200, { "Content-Type": metrics.type }),
    );

/** What a client should know first; asks for no key, as it says whether one is needed. */
export const serverRoutes = ({ scorer, keysNeeded, limits }: Service) =>
  new Hono<ServerEnv>().get(
    "/v1/server",
    describeRoute({
      summary: "Version, adapter and limits",
      tags,
      responses: { 200: { description: "The server", content: { "application/json": { schema: resolver(serverSchema) } } } },
    }),
    async (context) => {
      const { adapter } = await scorer.state(), { scanBytes, uploadBytes, batchScans, points, answerMs, perMinute } = limits;
      return context.json({
        version: VERSION,
        adapter,
        keysNeeded,
        units: Object.keys(units),
        limits: { scanBytes, uploadBytes, batchScans, points, answerSeconds: answerMs / 1000, perMinute },
      });
    },
  );
