/** The OpenAPI document: valid, whole, and true of what is there. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { serverCalls } from "../server/calls.ts";
import { docsRoutes } from "../server/routes/docs.ts";
import type { Service } from "../server/service.ts";
import { type OpenApi, operationsOf } from "./openapi_contract.ts";

/** A service that is described, not asked. */
const described = { store: {}, limits: {} } as unknown as Service;
const calls = serverCalls(described);
const document: OpenApi = await (await docsRoutes(calls).request("/openapi.json")).json();
const operations = [...operationsOf(document)];

/** Fails with one line for each call that a rule is broken in. */
const none = (broken: readonly string[]) => equal(broken.join("\n"), "");

Deno.test("the document is valid OpenAPI 3.1", async () => {
  const validator = new Validator(), { valid, errors } = await validator.validate({ ...document });
  ok(valid, JSON.stringify(errors, null, 1));
  equal(validator.version, "3.1");
});

Deno.test("every reference leads to something", () => {
  const text = JSON.stringify(document), names = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
  ok(names.length > 50);
  none(names.filter((ref) => !(ref.replace("#/components/schemas/", "") in document.components.schemas)));
});

Deno.test("it has every route of the application, and no other", () => {
  const routes = calls.routes.filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  deepEqual(operations.map(([call]) => call).sort(), [...new Set(routes)].sort());
  equal(operations.length, 26);
});

Deno.test("each call says what it does, by a name of its own", () => {
  equal(new Set(operations.map(([, { operationId }]) => operationId)).size, operations.length);
  none(operations.filter(([, { summary }]) => !/^[A-Z].{5,}/.test(summary)).map(([call]) => call));
});

Deno.test("each call names the scope of its keys, and those that need none say so", () => {
  const open = operations.filter(([, { security }]) => security.length === 0).map(([call]) => call);
  deepEqual(open.sort(), ["GET /healthz", "GET /metrics", "GET /readyz", "GET /v1/server"]);
  const scopes = new Map(operations.map(([call, { security }]) => [call, security[0]?.key?.[0]]));
  for (
    const [call, scope] of Object.entries({
      "POST /v1/models/{model}/score": "score",
      "POST /v1/models": "train",
      "PATCH /v1/models/{model}": "train",
      "DELETE /v1/models/{model}": "train",
      "GET /v1/audit": "admin",
      "POST /v1/keys": "admin",
    })
  ) equal(scopes.get(call), scope, call);
});

Deno.test("every parameter of a path is documented, and every body has a schema", () => {
  none(operations.flatMap(([call, { parameters = [], requestBody }]) => {
    const named = [...call.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const missing = named.filter((name) => !parameters.some((one) => one.in === "path" && one.name === name));
    const takes = /^(POST|PUT|PATCH)/.test(call) !== (requestBody !== undefined) ? [`${call}: body`] : [];
    const bare = Object.entries(requestBody?.content ?? {}).filter(([, one]) => !(one as { schema?: unknown }).schema);
    return [...missing.map((name) => `${call}: ${name}`), ...takes, ...bare.map(([type]) => `${call}: ${type}`)];
  }));
});

Deno.test("errors are problems, in no other shape, and every answer has its request's id", () => {
  none(
    operations.flatMap(([call, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content, headers = {} }]) => {
        const problem = JSON.stringify(content ?? null).includes("#/components/schemas/Problem");
        const types = Object.keys(content ?? {}).join();
        const broken = Number(status) >= 400 && !(problem && types === "application/problem+json");
        return broken || !("X-Request-Id" in headers) ? [`${call} ${status}: ${types}`] : [];
      })
    ),
  );
});

Deno.test("the page that shows it loads nothing from elsewhere and has its files", async () => {
  const docs = docsRoutes(calls), page = await docs.request("/docs"), html = await page.text();
  const policy = page.headers.get("Content-Security-Policy")!;
  match(policy, /default-src 'none'; script-src 'self'/);
  ok(!/https?:|unsafe-eval|\*/.test(policy), policy);
  const files = [...html.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, path]) => path);
  equal(files.length, 3);
  ok(!/<script(?![^>]* src=)/.test(html), "no code in line");
  for (const path of files) {
    const answer = await docs.request(path);
    equal(answer.status, 200, path);
    ok((await answer.bytes()).length > 50, path);
    match(answer.headers.get("Content-Type")!, /^text\/(css|javascript)/);
  }
});
