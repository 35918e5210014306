/** `/v1/jobs` @module */
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { z } from "zod";
import { RequestRefused } from "../errors.ts";
import { requires } from "../guard/keys.ts";
import { valid } from "../guard/valid.ts";
import { queryNumber } from "../schemas/query_number.ts";
import { jobItemPageSchema, jobListSchema, jobSchema, jobStateSchema } from "../schemas/job_schema.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { described, json, plain } from "./described.ts";
import { idParam } from "./path_params.ts";

const tags = ["Jobs"], scope = "score";

const listQuery = z.strictObject({
  model: z.string().optional(),
  state: jobStateSchema.optional(),
  limit: queryNumber(z.coerce.number().int().min(1).max(500).default(50)),
});
const itemsQuery = z.strictObject({
  after: queryNumber(z.coerce.number().int().min(-1).default(-1)).describe("`next` of the page before"),
  limit: queryNumber(z.coerce.number().int().min(1).max(1000).default(100)),
});

/** Milliseconds after which an event stream says that it is still there. */
const ALIVE_MS = 15_000;

/** Shows jobs, as they go, and stops them. */
export function jobRoutes(service: Service) {
  const { store: { jobs, audit } } = service;
  const mine = requires(service, scope);
  const jobOf = (id: string) => {
    const job = jobs.get(id);
    if (!job) throw new RequestRefused(404, "no-such-job", `There is no job ${id}, or it ended too long ago`);
    return job;
  };
  return new Hono<ServerEnv>()
    .get(
      "/v1/jobs",
      described({
        summary: "List jobs, latest first",
        tags,
        scope,
        answers: { 200: json("Jobs", jobListSchema) },
        problems: [422],
      }),
      mine,
      valid("query", listQuery),
      (context) => context.json({ jobs: [...jobs.list(context.req.valid("query"))] }),
    )
    .get(
      "/v1/jobs/:id",
      described({
        summary: "A job as it stands",
        tags,
        scope,
        answers: { 200: json("The job", jobSchema) },
        problems: [404, 422],
      }),
      mine,
      valid("param", idParam),
      (context) => context.json(jobOf(context.req.valid("param").id)),
    )
    .get(
      "/v1/jobs/:id/items",
      described({
        summary: "Scans of a batch with what was decided, as far as it is",
        tags,
        scope,
        answers: { 200: json("Items by index", jobItemPageSchema) },
        problems: [404, 422],
      }),
      mine,
      valid("param", idParam),
      valid("query", itemsQuery),
      (context) => {
        const { id } = jobOf(context.req.valid("param").id),
          { items, next } = jobs.items(id, context.req.valid("query"));
        return context.json({ items: [...items], next });
      },
    )
    .get(
      "/v1/jobs/:id/events",
      described({
        summary: "What happens to a job, as server-sent events",
        description:
          "Events `job` and `item` with the same documents as the other calls; the first is the job as it stands, the last the one with its end.",
        tags,
        scope,
        answers: { 200: plain("Events", "text/event-stream") },
        problems: [404, 422],
      }),
      mine,
      valid("param", idParam),
      (context) => {
        const { id } = jobOf(context.req.valid("param").id);
        return streamSSE(context, async (stream) => {
          const gone = new AbortController();
          stream.onAbort(() => gone.abort());
          const alive = setInterval(() => void stream.write(": alive\n\n"), ALIVE_MS);
          try {
            for await (const { event, data } of service.jobs.watch(id, gone.signal)) {
              await stream.writeSSE({ event, data: JSON.stringify(data) });
            }
          } finally {
            clearInterval(alive);
          }
        });
      },
    )
    .delete(
      "/v1/jobs/:id",
      described({
        summary: "Cancel a job; what it has decided stays",
        tags,
        scope,
        answers: { 202: json("The job; it has ended when its state says so", jobSchema) },
        problems: [404, 409, 422, 507],
      }),
      mine,
      valid("param", idParam),
      (context) => {
        const { id } = jobOf(context.req.valid("param").id);
        if (!service.jobs.cancel(id)) throw new RequestRefused(409, "job-ended", `The job ${id} has ended`);
        audit.add({ actor: ownerOf(context.get("key")), action: "cancel", target: id, detail: {} });
        return context.json(jobOf(id), 202);
      },
    );
}
