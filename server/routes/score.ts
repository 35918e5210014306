/** `POST /v1/models/{model}/score` @module */
import { type Context, Hono } from "hono";
import type { TypedResponse } from "hono/types";
import { resolver } from "hono-openapi";
import type { DetectDocument } from "../../core/mod.ts";
import { RequestRefused } from "../errors.ts";
import { acceptedType } from "../guard/accepted.ts";
import { requires } from "../guard/keys.ts";
import { valid } from "../guard/valid.ts";
import { digestOf } from "../digest.ts";
import { answeredDocument, followResult, resultOf } from "../keep_result.ts";
import { readScan, type ScanUpload } from "../scan_upload.ts";
import { detectSchema } from "../schemas/detect_schema.ts";
import { scoreHeaderSchema, type ScoreQuery, scoreQuerySchema } from "../schemas/score_schema.ts";
import { scoreDecision } from "../score_decision.ts";
import type { Rendering } from "../scoring/scorer.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { described, file, text } from "./described.ts";
import { modelParam } from "./path_params.ts";

/** What can be answered, the first where anything is welcome; with what is made for it. */
const answers: Readonly<Record<string, Rendering | undefined>> = {
  "application/json": undefined,
  "image/png": "picture",
  "image/tiff": "map",
  "model/ply": "cloud",
  "application/octet-stream": "cloud",
};

const route = described({
  summary: "Score a scan",
  description:
    "The scan's file as the body, or as the field `scan` of a form. Answers the detect document, or by `Accept` a file.",
  tags: ["Scoring"],
  scope: "score",
  requestBody: {
    required: true,
    content: {
      "application/octet-stream": file("a TIFF, NPY or NPZ file"),
      "image/tiff": file("an xyz TIFF"),
      "multipart/form-data": {
        schema: { type: "object", properties: { scan: { type: "string", format: "binary" } }, required: ["scan"] },
      },
    },
  },
  answers: {
    200: {
      description: "The decision, or the file that was asked for",
      headers: {
        "Server-Timing": text("milliseconds by stage"),
        "X-Result-Id": text("under which it is kept"),
        "Idempotent-Replayed": text("true where the answer to an earlier request is given again"),
      },
      content: {
        "application/json": { schema: resolver(detectSchema) },
        "image/png": file("heat map"),
        "image/tiff": file("scores, float32, at the scan's own resolution"),
        "model/ply": file("the points with their scores"),
        "application/octet-stream": file("as model/ply"),
      },
    },
  },
  problems: [400, 404, 406, 408, 409, 413, 415, 422, 503, 504, 507],
});

interface Answer {
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Scores one scan while the sender waits. */
export const scoreRoutes = (service: Service) =>
  new Hono<ServerEnv>().post(
    "/v1/models/:model/score",
    route,
    requires(service, "score"),
    valid("param", modelParam),
    valid("query", scoreQuerySchema),
    valid("header", scoreHeaderSchema),
    async (context) => {
      const { model } = context.req.valid("param"), query = context.req.valid("query");
      const { "idempotency-key": again } = context.req.valid("header");
      const type = typeOf(context);
      await service.shelf.scoring(model); // before megabytes are read for nothing
      const { scanBytes: most, stallMs } = service.limits;
      const upload = await readScan(context.req.raw, { most, stallMs });
      const work = (keep: (answer: Answer) => void) => answerOf(service, context, { model, query, upload, type }, keep);
      const { type: contentType, headers, body } = again === undefined
        ? await work(() => {})
        : await once(service, ownerOf(context.get("key")), again, partsOf({ model, query, upload, type }), work);
      const answer: Response = context.body(body, 200, { ...headers, "Content-Type": contentType });
      return answer as Response & TypedResponse<DetectDocument, 200, "json">; // unless another form was asked for
    },
  );

function typeOf({ req }: Context): string {
  const supported = Object.keys(answers), given = req.header("Accept"), type = acceptedType(given, supported);
  if (type !== undefined) return type;
  throw new RequestRefused(406, "not-acceptable", `This can answer ${supported.join(", ")}, not ${given}`);
}

interface Wanted {
  readonly model: string;
  readonly query: ScoreQuery;
  readonly upload: ScanUpload;
  readonly type: string;
}

/** What makes a request the same as another. */
const partsOf = ({ model, query, upload, type }: Wanted) => [
  model,
  JSON.stringify(query),
  upload.name ?? "",
  type,
  upload.bytes,
];

/** The answer, kept: what `keep` does is done together with it, or not at all. */
async function answerOf(
  service: Service,
  context: Context<ServerEnv>,
  { model, query, upload, type }: Wanted,
  keep: (answer: Answer) => void,
): Promise<Answer> {
  const { store, shelf, scorer, queue, limits } = service, asked = answers[type];
  const input = query.name ?? upload.name ?? "scan";
  const { answer, waitedMs } = await queue.run(
    { urgency: "now", signal: context.req.raw.signal, timeoutMs: limits.answerMs },
    async (signal, waitedMs) => {
      const set = await shelf.scoring(model); // it may have been changed while this waited
      const answer = await scorer.score({
        model,
        input,
        bytes: upload.bytes,
        unit: query.unit,
        decision: scoreDecision(query, set),
        mostPoints: limits.points,
        renderings: asked ? ["view", asked] : ["view"],
      }, { signal });
      return { answer, waitedMs };
    },
  );
  const drawn = asked && (await answer.renderings).renderings[asked];
  const timing = Object.entries({ queue: waitedMs / 1000, ...answer.stages });
  const { id, whole } = store.together(() => {
    const id = store.results.add(resultOf(model, answer, null));
    const whole: Answer = {
      type,
      headers: {
        "X-Result-Id": id,
        "Server-Timing": timing.map(([name, seconds]) =>
          `${name.replace(/[^\w-]/g, "-")};dur=${(1000 * seconds).toFixed(1)}`
        ).join(", "),
      },
      body: drawn ?? new TextEncoder().encode(JSON.stringify(answeredDocument(answer.document, id))),
    };
    keep(whole);
    return { id, whole };
  });
  followResult(service, { model, answer, id });
  return whole;
}

/** Work whose answer is kept under a key of the sender's, and is not done twice. @throws {RequestRefused} */
async function once(
  { store: { replies } }: Service,
  owner: string,
  key: string,
  request: readonly (string | Uint8Array<ArrayBuffer>)[],
  work: (keep: (answer: Answer) => void) => Promise<Answer>,
): Promise<Answer> {
  const begun = replies.begin(owner, key, await digestOf(request));
  if (begun.state === "done") {
    return { ...begun, headers: { ...begun.headers, "Idempotent-Replayed": "true" } } as Answer;
  }
  if (begun.state === "running") {
    throw new RequestRefused(409, "request-in-progress", "A request under this idempotency key is being worked on", {
      retrySeconds: 1,
    });
  }
  if (begun.state === "other") {
    throw new RequestRefused(
      422,
      "idempotency-key-reused",
      "This idempotency key belongs to another request: take a new one",
    );
  }
  try {
    return await work((answer) => replies.finish(owner, key, { status: 200, ...answer }));
  } catch (error) {
    replies.abandon(owner, key); // what failed may be tried again
    throw error;
  }
}
