import { deepEqual, equal, ok } from "node:assert/strict";
import { Hono } from "hono";
import type { Key } from "../schemas/key_schema.ts";
import type { ServerEnv } from "../service.ts";
import { problemAnswer } from "./problem.ts";
import { perMinute } from "./rates.ts";

/** An application that lets each key ask so often; the key is named in the query. */
function appOf(most: number) {
  const app = new Hono<ServerEnv>();
  app.onError(problemAnswer);
  app.use(async (context, next) => {
    const id = context.req.query("key");
    if (id !== undefined) context.set("key", { id } as Key);
    await next();
  });
  return app.use(perMinute(most)).get("/", (context) => context.text("in"));
}

Deno.test("each key may ask so many times, and then is told how long to wait", async () => {
  const app = appOf(3),
    statuses = async (key: string, times: number) => {
      const answers = await Promise.all(Array.from({ length: times }, () => app.request(`/${key}`)));
      return answers.map(({ status }) => status).sort();
    };
  deepEqual(await statuses("?key=a", 5), [200, 200, 200, 429, 429]);
  deepEqual(await statuses("?key=b", 3), [200, 200, 200], "another key has its own count");
  deepEqual(await statuses("", 4), [200, 200, 200, 429], "without keys all are one");
  const refused = await app.request("/?key=a"), seconds = Number(refused.headers.get("Retry-After"));
  ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= 60, `${seconds}`);
  equal((await refused.json()).code, "rate-exceeded");
});
