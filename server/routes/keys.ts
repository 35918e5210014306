/** `/v1/keys` and `/v1/audit` @module */
import { Hono } from "hono";
import { describeRoute, resolver } from "hono-openapi";
import { z } from "zod";
import { RequestRefused } from "../errors.ts";
import { requires } from "../guard/keys.ts";
import { problems } from "../guard/problem.ts";
import { valid } from "../guard/valid.ts";
import { auditPageSchema } from "../schemas/audit_schema.ts";
import { keyListSchema, keyRequestSchema, newKeySchema } from "../schemas/key_schema.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { idParam } from "./model_param.ts";

const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { "application/json": { schema: resolver(schema) } },
});
const tags = ["Administration"];

const auditQuery = z.strictObject({
  after: z.string().optional().describe("`next` of the page before"),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

/** Who may ask, and what was changed by whom. */
export function keyRoutes(service: Service) {
  const { store: { keys, audit } } = service, admin = requires(service, "admin");
  return new Hono<ServerEnv>()
    .get(
      "/v1/keys",
      describeRoute({ summary: "List keys", tags, responses: { 200: answer("Keys, without themselves", keyListSchema), ...problems(401, 403, 429) } }),
      admin,
      (context) => context.json({ keys: [...keys.list()] }),
    )
    .post(
      "/v1/keys",
      describeRoute({
        summary: "Make a key",
        tags,
        responses: { 201: answer("The key, which is shown this once", newKeySchema), ...problems(401, 403, 422, 429) },
      }),
      admin,
      valid("json", keyRequestSchema),
      (context) => {
        const asked = context.req.valid("json"), made = keys.add(asked);
        audit.add({ actor: ownerOf(context.get("key")), action: "key-made", target: made.id, detail: asked });
        return context.json(made, 201, { "Cache-Control": "no-store" });
      },
    )
    .delete(
      "/v1/keys/:id",
      describeRoute({ summary: "Revoke a key", tags, responses: { 204: { description: "Revoked" }, ...problems(401, 403, 404, 422, 429) } }),
      admin,
      valid("param", idParam),
      (context) => {
        const { id } = context.req.valid("param");
        if (!keys.revoke(id)) throw new RequestRefused(404, "no-such-key", `There is no key ${id} that could be revoked`);
        audit.add({ actor: ownerOf(context.get("key")), action: "key-revoked", target: id, detail: {} });
        return context.body(null, 204);
      },
    )
    .get(
      "/v1/audit",
      describeRoute({ summary: "What was changed by whom, latest first", tags, responses: { 200: answer("A page", auditPageSchema), ...problems(401, 403, 422, 429) } }),
      admin,
      valid("query", auditQuery),
      (context) => {
        const { entries, next } = audit.page(context.req.valid("query"));
        return context.json({ entries: [...entries], next });
      },
    );
}
