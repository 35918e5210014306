/** `/v1/keys` and `/v1/audit` @module */
import { Hono } from "hono";
import { z } from "zod";
import { RequestRefused } from "../errors.ts";
import { jsonOnly } from "../guard/json_body.ts";
import { requires } from "../guard/keys.ts";
import { valid } from "../guard/valid.ts";
import { auditPageSchema } from "../schemas/audit_schema.ts";
import { keyListSchema, keyRequestSchema, newKeySchema } from "../schemas/key_schema.ts";
import { queryNumber } from "../schemas/query_number.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { described, json } from "./described.ts";
import { idParam } from "./path_params.ts";

const tags = ["Administration"], scope = "admin";

const auditQuery = z.strictObject({
  after: z.string().optional().describe("`next` of the page before"),
  limit: queryNumber(z.coerce.number().int().min(1).max(500).default(100)),
});

/** Who may ask, and what was changed by whom. */
export function keyRoutes(service: Service) {
  const { store: { keys, audit } } = service, admin = requires(service, scope);
  return new Hono<ServerEnv>()
    .get(
      "/v1/keys",
      described({
        summary: "List keys",
        tags,
        scope,
        answers: { 200: json("Keys, without themselves", keyListSchema) },
      }),
      admin,
      (context) => context.json({ keys: [...keys.list()] }),
    )
    .post(
      "/v1/keys",
      described({
        summary: "Make a key",
        tags,
        scope,
        answers: { 201: json("The key, which is shown this once", newKeySchema) },
        problems: [400, 408, 413, 415, 422, 507],
      }),
      admin,
      jsonOnly(service),
      valid("json", keyRequestSchema),
      (context) => {
        const asked = context.req.valid("json"), made = keys.add(asked);
        audit.add({ actor: ownerOf(context.get("key")), action: "key-made", target: made.id, detail: asked });
        return context.json(made, 201, { "Cache-Control": "no-store" });
      },
    )
    .delete(
      "/v1/keys/:id",
      described({
        summary: "Revoke a key",
        tags,
        scope,
        answers: { 204: { description: "Revoked" } },
        problems: [404, 422, 507],
      }),
      admin,
      valid("param", idParam),
      (context) => {
        const { id } = context.req.valid("param");
        if (!keys.revoke(id)) throw new RequestRefused(404, "no-such-key", `There is no key ${id}`);
        audit.add({ actor: ownerOf(context.get("key")), action: "key-revoked", target: id, detail: {} });
        return context.body(null, 204);
      },
    )
    .get(
      "/v1/audit",
      described({
        summary: "What was changed by whom, latest first",
        tags,
        scope,
        answers: { 200: json("A page", auditPageSchema) },
        problems: [422],
      }),
      admin,
      valid("query", auditQuery),
      (context) => {
        const { entries, next } = audit.page(context.req.valid("query"));
        return context.json({ entries: [...entries], next });
      },
    );
}
