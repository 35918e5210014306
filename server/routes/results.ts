/** `/v1/results` @module */
import { Hono } from "hono";
import { stream } from "hono/streaming";
import type { TypedResponse } from "hono/types";
import { RequestRefused } from "../errors.ts";
import { jsonOnly } from "../guard/json_body.ts";
import { requires } from "../guard/keys.ts";
import { valid } from "../guard/valid.ts";
import type { ScanView } from "../../report/mod.ts";
import { resultsCsv } from "../results_csv.ts";
import {
  resultFilterSchema,
  resultPageSchema,
  resultRowSchema,
  resultSchema,
  verdictSchema,
} from "../schemas/result_schema.ts";
import { viewSchema } from "../schemas/view_schema.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { viewPicture } from "../view_picture.ts";
import { described, file, json, plain } from "./described.ts";
import { idParam } from "./path_params.ts";

const tags = ["Results"], scope = "score";

/** What was drawn of a result stays as it is. */
const FOREVER = "private, max-age=31536000, immutable";

/** Shows what was decided, and takes what people say of it. */
export function resultRoutes(service: Service) {
  const { store: { results, audit } } = service, mine = requires(service, scope);
  const none = (id: string) =>
    new RequestRefused(404, "no-such-result", `There is no result ${id}, or it is no longer kept`);
  const viewOf = (id: string) => {
    const view = results.artefact(id, "view");
    if (view) return new Uint8Array(view);
    if (!results.get(id)) throw none(id);
    throw new RequestRefused(404, "no-view", `Nothing is drawn of result ${id} yet: ask again in a second`);
  };
  return new Hono<ServerEnv>()
    .get(
      "/v1/results",
      described({
        summary: "The history, latest first",
        tags,
        scope,
        answers: { 200: json("A page", resultPageSchema) },
        problems: [422],
      }),
      mine,
      valid("query", resultFilterSchema),
      (context) => context.json(results.page(context.req.valid("query"))),
    )
    .get(
      "/v1/results.csv",
      described({
        summary: "The history as CSV, oldest first, all pages",
        tags,
        scope,
        answers: { 200: plain("One line a result", "text/csv") },
        problems: [422],
      }),
      mine,
      valid("query", resultFilterSchema.omit({ after: true, limit: true })),
      (context) => {
        context.header("Content-Type", "text/csv; charset=utf-8");
        context.header("Content-Disposition", 'attachment; filename="results.csv"');
        const rows = results.rows(context.req.valid("query"));
        return stream(context, async (body) => {
          for (const lines of resultsCsv(rows)) {
            if (body.aborted) return;
            await body.write(lines);
          }
        });
      },
    )
    .get(
      "/v1/results/:id",
      described({
        summary: "A result with its document",
        tags,
        scope,
        answers: { 200: json("The result", resultSchema) },
        problems: [404, 422],
      }),
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
      described({
        summary: "What the page draws of a result: pictures and points",
        tags,
        scope,
        answers: { 200: json("uni3dad.view/1", viewSchema) },
        problems: [404, 422],
      }),
      mine,
      valid("param", idParam),
      (context) => {
        const view = viewOf(context.req.valid("param").id);
        const answer: Response = context.body(view, 200, {
          "Content-Type": "application/json",
          "Cache-Control": FOREVER,
        });
        return answer as Response & TypedResponse<ScanView, 200, "json">;
      },
    )
    .get(
      "/v1/results/:id/picture",
      described({
        summary: "A result's heat map",
        tags,
        scope,
        answers: { 200: { description: "The scan under its scores", content: { "image/png": file("RGB") } } },
        problems: [404, 422],
      }),
      mine,
      valid("param", idParam),
      async (context) => {
        const view: ScanView = JSON.parse(new TextDecoder().decode(viewOf(context.req.valid("param").id)));
        return context.body(await viewPicture(view), 200, { "Content-Type": "image/png", "Cache-Control": FOREVER });
      },
    )
    .put(
      "/v1/results/:id/verdict",
      described({
        summary: "Say whether a decision was right; it is kept and exported, and changes no model",
        tags,
        scope,
        answers: { 200: json("The result's line", resultRowSchema) },
        problems: [400, 404, 408, 413, 415, 422, 507],
      }),
      mine,
      valid("param", idParam),
      jsonOnly(service),
      valid("json", verdictSchema),
      (context) => {
        const { id } = context.req.valid("param"),
          verdict = context.req.valid("json"),
          row = results.judge(id, verdict);
        if (!row) throw none(id);
        audit.add({ actor: ownerOf(context.get("key")), action: "judge", target: id, detail: verdict });
        return context.json(row);
      },
    );
}
