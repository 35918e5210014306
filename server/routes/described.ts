/** How calls are described in the OpenAPI document: what each of them says alike. @module */
import { describeRoute, resolver } from "hono-openapi";
import type { z } from "zod";
import { problemsOf } from "../guard/problem.ts";
import type { Scope } from "../schemas/key_schema.ts";

type Description = Parameters<typeof describeRoute>[0];
type Answers = NonNullable<Description["responses"]>;

/** A call. */
interface Described extends Omit<Description, "responses" | "security"> {
  /** Scope of the keys that may ask it; null where no key is asked for. */
  readonly scope: Scope | null;
  /** Answers that went well, by status. */
  readonly answers: Answers;
  /** Statuses of its own problems, besides those that every call has. */
  readonly problems?: readonly number[];
}

/** Problems of every call: of whoever asks too much or may not ask at all, and of a fault of ours. */
const EVERY = [403, 500], WITH_KEY = [401, 429];

/** Describes a call. */
export function described({ scope, answers, problems = [], ...rest }: Described): ReturnType<typeof describeRoute> {
  const statuses = [...EVERY, ...(scope === null ? [] : WITH_KEY), ...problems].sort((a, b) => a - b);
  const responses = Object.entries({ ...answers, ...problemsOf(statuses) }).map(([status, answer]) => {
    const headers = "headers" in answer ? answer.headers : undefined;
    return [status, { ...answer, headers: { ...headers, "X-Request-Id": text("as in the server's log") } }];
  });
  return describeRoute({
    ...rest,
    security: scope === null ? [] : [{ key: [scope] }, {}],
    responses: Object.fromEntries(responses),
  });
}

/** An answer of JSON. */
export const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { "application/json": { schema: resolver(schema) } },
});

/** An answer of JSON that has its own address, or that of what was made. */
export const located = (description: string, schema: z.ZodType) => ({
  ...json(description, schema),
  headers: { Location: text("where it is found") },
});

/** An answer or a part of a body that is text of some form. */
export const plain = (description: string, type: string) => ({
  description,
  content: { [type]: { schema: { type: "string" } as const } },
});

/** A file in a body or an answer. */
export const file = (description: string) => ({ schema: { type: "string", format: "binary", description } as const });

/** A header of text. */
export const text = (description: string) => ({ description, schema: { type: "string" } as const });
