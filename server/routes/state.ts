/** `/healthz`, `/readyz`, `/metrics`, `/v1/server` @module */
import { Hono } from "hono";
import { units, VERSION } from "../../core/mod.ts";
import { ShuttingDown } from "../errors.ts";
import { readySchema, serverSchema } from "../schemas/server_schema.ts";
import type { ServerEnv, Service } from "../service.ts";
import { described, json, plain } from "./described.ts";

const tags = ["Server"], scope = null;

/** Says how the server is; asks for no key, as whoever watches it has none. */
export const healthRoutes = ({ scorer, queue, metrics, closing }: Service) =>
  new Hono<ServerEnv>()
    .get(
      "/healthz",
      described({ summary: "Whether the process answers", tags, scope, answers: { 200: plain("ok", "text/plain") } }),
      (context) => context.text("ok"),
    )
    .get(
      "/readyz",
      described({
        summary: "Whether it can score",
        tags,
        scope,
        answers: { 200: json("It can", readySchema) },
        problems: [503],
      }),
      async (context) => {
        if (closing()) throw new ShuttingDown();
        const { adapter } = await scorer.state();
        return context.json({ ready: true, adapter: adapter.description, waiting: queue.waiting.now } as const);
      },
    )
    .get(
      "/metrics",
      described({
        summary: "Counts and times for Prometheus",
        tags,
        scope,
        answers: { 200: plain("text form 0.0.4", "text/plain") },
        problems: [503],
      }),
      async (context) =>
        context.body(await metrics.text(await scorer.state(), queue), 200, { "Content-Type": metrics.type }),
    );

/** What a client should know first; asks for no key, as it says whether one is needed. */
export const serverRoutes = ({ scorer, keysNeeded, limits }: Service) =>
  new Hono<ServerEnv>().get(
    "/v1/server",
    described({
      summary: "Version, adapter and limits",
      tags,
      scope,
      answers: { 200: json("The server", serverSchema) },
      problems: [503],
    }),
    async (context) => {
      const { adapter: { description, software } } = await scorer.state();
      const { scanBytes, uploadBytes, batchScans, points, answerMs, perMinute } = limits;
      return context.json({
        version: VERSION,
        adapter: { description, software },
        keysNeeded,
        units: Object.keys(units),
        limits: { scanBytes, uploadBytes, batchScans, points, answerSeconds: answerMs / 1000, perMinute },
      });
    },
  );
