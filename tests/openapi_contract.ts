/** What an OpenAPI document promises, and whether an answer keeps it. @module */
import { equal, ok } from "node:assert/strict";
import { z } from "zod";

type Json = Record<string, unknown>;
type JsonSchema = Parameters<typeof z.fromJSONSchema>[0];

interface DocumentedAnswer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** A call as it is documented. */
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema: Json }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<Record<string, DocumentedAnswer>>;
}

/** An OpenAPI document, as far as tests read it. */
export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}

/** All calls by `METHOD /path/{param}`. */
export const operationsOf = ({ paths }: OpenApi): ReadonlyMap<string, Operation> =>
  new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const)
    ),
  );

/** Keeps account of which answers were met. */
export interface Contract {
  readonly operations: ReadonlyMap<string, Operation>;
  /** Checks an answer to a call, with every field that is there, and gives its body: parsed JSON, or bytes. */
  check(call: string, status: number, answer: Response): Promise<unknown>;
  /** Documented answers that none was: `CALL STATUS TYPE`. */
  unmet(): string[];
}

/** The contract that a document is. */
export function contractOf(document: OpenApi): Contract {
  const operations = operationsOf(document), met = new Set<string>();
  const validate = validator(document);
  return {
    operations,
    async check(call, status, answer) {
      const type = answer.headers.get("Content-Type")?.split(";")[0] ?? "none", bytes = await answer.bytes();
      const text = new TextDecoder().decode(bytes), where = `${call} ${answer.status} ${type}`;
      equal(answer.status, status, `${where}: ${text.slice(0, 500)}`);
      const documented = operations.get(call)?.responses[status];
      ok(documented, `${where} is not documented`);
      const missing = Object.keys(documented.headers ?? {}).filter((name) => !answer.headers.has(name));
      const sometimes = ["Idempotent-Replayed", "Retry-After"]; // where there is something to say
      equal(missing.filter((name) => !sometimes.includes(name)).join(), "", `${where} lacks headers`);
      ok(answer.headers.has("X-Request-Id"), where);
      met.add(where);
      if (!documented.content) return equal(bytes.length, 0, where);
      const content = documented.content[type];
      ok(content, `${where}: only ${Object.keys(documented.content).join(", ")} is documented`);
      if (!/\bjson\b/.test(type)) return bytes;
      const body = JSON.parse(text);
      validate(content.schema, body, where);
      return body;
    },
    unmet: () =>
      [...operations].flatMap(([call, { responses }]) =>
        Object.entries(responses).flatMap(([status, { content }]) =>
          Object.keys(content ?? { none: true }).map((type) => `${call} ${status} ${type}`)
        )
      ).filter((where) => !met.has(where)),
  };
}

/** Checks values by schemas of the document. A field that isn't documented is refused. */
function validator({ components: { schemas } }: OpenApi): (schema: Json, value: unknown, where: string) => void {
  const defs = closed(schemas) as Json, parsers = new Map<string, z.ZodType>();
  return (schema, value, where) => {
    const key = JSON.stringify(schema);
    const parser = parsers.get(key) ?? z.fromJSONSchema({ ...closed(schema) as Json, $defs: defs } as JsonSchema);
    parsers.set(key, parser);
    const { error } = parser.safeParse(value);
    ok(!error, `${where}: ${error?.message}`);
  };
}

/** A schema in which objects hold nothing but what is said of them. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.entries(schema).map(([key, value]) => [
    key,
    key === "$ref" ? String(value).replace("#/components/schemas/", "#/$defs/") : closed(value),
  ]);
  const open = "properties" in schema && !("additionalProperties" in schema);
  return { ...Object.fromEntries(inner), ...(open ? { additionalProperties: false } : {}) };
}
