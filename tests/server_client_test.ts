/** The typed client of `hono/client` over the server's types: what it takes and gives is checked when this file is. */
import { deepEqual, equal } from "node:assert/strict";
import { hc } from "hono/client";
import type { DetectDocument } from "../core/mod.ts";
import type { ServerApp } from "../server/mod.ts";
import type { ServedModel } from "../server/schemas/model_schema.ts";
import type { Result, ResultPage } from "../server/schemas/result_schema.ts";
import { type ServerUnderTest, serverUnderTest, tiff, until } from "./stub_server.ts";

const clientOf = ({ url, keys }: ServerUnderTest) =>
  hc<ServerApp>(url, { headers: { Authorization: `Bearer ${keys!.admin}` } });

type Client = ReturnType<typeof clientOf>;
type Answered<Call extends (...args: never[]) => Promise<{ json(): Promise<unknown> }>> = Awaited<
  ReturnType<Awaited<ReturnType<Call>>["json"]>
>;
type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : false : false;

/** Compiles where its type says true. */
const holds = <T extends true>(): T | undefined => undefined;

Deno.test("types of answers are those of the documents", () => {
  holds<Same<Answered<Client["v1"]["models"][":model"]["$get"]>, ServedModel>>();
  holds<Same<Answered<Client["v1"]["results"]["$get"]>, ResultPage>>();
  holds<Same<Answered<Client["v1"]["results"][":id"]["$get"]>["id"], Result["id"]>>();
  holds<Same<Answered<Client["v1"]["models"][":model"]["score"]["$post"]>["schema"], DetectDocument["schema"]>>();
  holds<Same<Answered<Client["v1"]["results"][":id"]["view"]["$get"]>["schema"], "uni3dad.view/1">>();
  holds<
    Same<
      Answered<Client["v1"]["jobs"][":id"]["$delete"]>["state"],
      "queued" | "running" | "done" | "failed" | "cancelled"
    >
  >();
  holds<Same<Answered<Client["readyz"]["$get"]>["ready"], true>>();
});

/** Calls that must not compile; they are never made. */
function refusedByTypes({ v1 }: Client): unknown {
  return [
    // @ts-expect-error the model is missing
    () => v1.models[":model"].$get({ param: {} }),
    // @ts-expect-error there is no such unit
    () => v1.models[":model"].score.$post({ param: { model: "a" }, query: { unit: "mile" }, header: {} }),
    // @ts-expect-error a threshold is a number
    () => v1.models[":model"].$patch({ param: { model: "a" }, json: { threshold: "high" } }),
    // @ts-expect-error there is no such verdict
    () => v1.results[":id"].verdict.$put({ param: { id: "0" }, json: { verdict: "maybe" } }),
    // @ts-expect-error there is no such scope
    () => v1.keys.$post({ json: { name: "a", scopes: ["root"] } }),
    // @ts-expect-error there is no such call
    () => v1.nothing.$get(),
  ];
}

Deno.test("calls go where they should, with what they are given", async () => {
  await using server = await serverUnderTest({ keyed: true });
  const client = clientOf(server);
  equal(typeof refusedByTypes, "function");
  const { version, keysNeeded } = await (await client.v1.server.$get()).json();
  deepEqual([typeof version, keysNeeded], ["string", true]);
  const set = await client.v1.models[":model"].$patch({ param: { model: "part" }, json: { threshold: 2.5 } });
  const { threshold, calibration } = await set.json();
  deepEqual([threshold, calibration?.scores], [2.5, [1, 2, 3]]);
  const scored = await client.v1.models[":model"].score.$post(
    { param: { model: "part" }, query: { name: "a.tiff", unit: "mm" }, header: { "idempotency-key": "k" } },
    { init: { body: tiff() } },
  );
  const { scans: [scan] } = await scored.json();
  deepEqual([scan.input, server.scorer.asked[0].unit], ["a.tiff", "mm"]);
  const { results, next } = await (await client.v1.results.$get({ query: { model: "part", limit: "5" } })).json();
  deepEqual([results.length, results[0].input, next], [1, "a.tiff", null]);
  const param = { id: results[0].id };
  await until(async () => (await client.v1.results[":id"].view.$get({ param })).ok, "the view was kept");
  const view = await (await client.v1.results[":id"].view.$get({ param })).json();
  equal(view.pictures.width, 2);
  const judged = await client.v1.results[":id"].verdict.$put({ param, json: { verdict: "right" } });
  equal((await judged.json()).verdict, "right");
  const made = await client.v1.keys.$post({ json: { name: "line 3", scopes: ["score"] } });
  deepEqual((await made.json()).scopes, ["score"]);
  const missing = await client.v1.jobs[":id"].$get({ param: { id: "0".repeat(26) } });
  deepEqual([missing.ok, missing.status as number], [false, 404]);
  await missing.body?.cancel();
});
