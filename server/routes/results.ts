/** `/v1/results` @module */
import { Hono } from "hono";
import { stream } from "hono/streaming";
import { describeRoute, resolver } from "hono-openapi";
import type { z } from "zod";
import { RequestRefused } from "../errors.ts";
import { requires } from "../guard/keys.ts";
import { problems } from "../guard/problem.ts";
import { valid } from "../guard/valid.ts";
import { resultsCsv } from "../results_csv.ts";
import { resultFilterSchema, resultPageSchema, resultRowSchema, resultSchema, verdictSchema } from "../schemas/result_schema.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { idParam } from "./model_param.ts";

const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { "application/json": { schema: resolver(schema) } },
});
const tags = ["Results"];

/** Shows what was decided, and takes what people say of it. */
export function resultRoutes(service: Service) {
  const { store: { results, audit } } = service, mine = requires(service, "score");
  const none = (id: string) => new RequestRefused(404, "no-such-result", `There is no result ${id}, or it is no longer kept`);
  return new Hono<ServerEnv>()
    .get(
      "/v1/results",
      describeRoute({ summary: "The history, latest first", tags, responses: { 200: answer("A page", resultPageSchema), ...problems(401, 403, 422, 429) } }),
      mine,
      valid("query", resultFilterSchema),
      (context) => context.json(results.page(context.req.valid("query"))),
    )
    .get(
      "/v1/results.csv",
      describeRoute({
        summary: "The history as CSV, oldest first, all pages",
        tags,
        responses: { 200: { description: "One line a result", content: { "text/csv": { schema: { type: "string" } } } }, ...problems(401, 403, 422, 429) },
      }),
      mine,
      valid("query", resultFilterSchema.omit({ after: true, limit: true })),
      (context) => {
        context.header("Content-Type", "text/csv; charset=utf-8");
        context.header("Content-Disposition", 'attachment; filename="results.csv"');
        const rows = results.rows({ ...context.req.valid("query"), limit: 500 });
        return stream(context, async (body) => {
          for (const lines of resultsCsv(rows)) await body.write(lines);
        });
      },
    )
    .get(
      "/v1/results/:id",
      describeRoute({ summary: "A result with its document", tags, responses: { 200: answer("The result", resultSchema), ...problems(401, 403, 404, 422, 429) } }),
      mine,
      valid("param", idParam),
      (context) => {
        const { id } = context.req.valid("param"), result = results.get(id);
        if (!result) throw none(id);
        return context.json(result);
      },
    )
    .get(
      "/v1/results/:id/view",
      describeRoute({
        summary: "What the page draws of a result: pictures and points",
        tags,
        responses: {
          200: { description: "uni3dad.view/1", content: { "application/json": { schema: { type: "object" } } } },
          ...problems(401, 403, 404, 422, 429),
        },
      }),
      mine,
      valid("param", idParam),
      (context) => {
        const { id } = context.req.valid("param"), view = results.artefact(id, "view");
        if (!view) throw none(id);
        return context.body(view as Uint8Array<ArrayBuffer>, 200, {
          "Content-Type": "application/json",
          "Cache-Control": "private, max-age=31536000, immutable",
        });
      },
    )
    .put(
      "/v1/results/:id/verdict",
      describeRoute({
        summary: "Say whether a decision was right; it is kept and exported, and changes no model",
        tags,
        responses: { 200: answer("The result's line", resultRowSchema), ...problems(401, 403, 404, 422, 429) },
      }),
      mine,
      valid("param", idParam),
      valid("json", verdictSchema),
      (context) => {
        const { id } = context.req.valid("param"), verdict = context.req.valid("json"), row = results.judge(id, verdict);
        if (!row) throw none(id);
        audit.add({ actor: ownerOf(context.get("key")), action: "judge", target: id, detail: verdict });
        return context.json(row);
      },
    );
}
