/** `POST /v1/models/{model}/batches` @module */
import { Hono } from "hono";
import { resolver } from "hono-openapi";
import { z } from "zod";
import { diskStorage } from "../../host/mod.ts";
import { addJob } from "../add_job.ts";
import type { BatchRequest } from "../batch_work.ts";
import { RequestRefused } from "../errors.ts";
import { allowedFile, allowedFolder } from "../guard/allowed_folder.ts";
import { isJson, readJson } from "../guard/json_body.ts";
import { requires } from "../guard/keys.ts";
import { valid } from "../guard/valid.ts";
import { readScans } from "../scan_upload.ts";
import { jobSchema } from "../schemas/job_schema.ts";
import { scoreQuerySchema } from "../schemas/score_schema.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { keepUploads } from "../uploads.ts";
import { described, located } from "./described.ts";
import { modelParam } from "./path_params.ts";

const folderSchema = z.strictObject({
  folder: z.string().min(1).max(4096).describe(
    "all scans below this folder of the server, which lies below an allowed one",
  ),
}).meta({ id: "BatchFolder" });

const querySchema = scoreQuerySchema.omit({ name: true });

const route = described({
  summary: "Score many scans",
  description: "Files in fields `scan` of a form, or a folder of the server. Answers at once with a job.",
  tags: ["Scoring"],
  scope: "score",
  requestBody: {
    required: true,
    content: {
      "multipart/form-data": {
        schema: {
          type: "object",
          properties: { scan: { type: "array", items: { type: "string", format: "binary" } } },
          required: ["scan"],
        },
      },
      "application/json": { schema: resolver(folderSchema) },
    },
  },
  answers: { 202: located("The job", jobSchema) },
  problems: [400, 404, 408, 409, 413, 415, 422, 507],
});

const SCAN_FILE = /\.(tiff?|npy|npz)$/i;

/** Takes batches. */
export const batchRoutes = (service: Service) =>
  new Hono<ServerEnv>().post(
    "/v1/models/:model/batches",
    route,
    requires(service, "score"),
    valid("param", modelParam),
    valid("query", querySchema),
    async (context) => {
      const { model } = context.req.valid("param"), query = context.req.valid("query");
      const { shelf, limits } = service, { raw } = context.req;
      await shelf.scoring(model);
      const { uploads, items } = isJson(raw)
        ? await ofFolder(service, (await readJson(folderSchema, raw, limits)).folder)
        : await ofFiles(service, await readScans(raw, { ...limits, most: limits.uploadBytes }, limits.batchScans));
      const request: BatchRequest = { query, uploads };
      const job = await addJob(service, ownerOf(context.get("key")), { kind: "batch", model, request, items });
      return context.json(job, 202, { Location: `/v1/jobs/${job.id}` });
    },
  );

interface Items {
  readonly uploads: string | null;
  readonly items: readonly { readonly input: string; readonly source: string }[];
}

async function ofFolder({ roots, limits: { batchScans } }: Service, folder: string): Promise<Items> {
  const root = await allowedFolder(folder, roots);
  const files = (await diskStorage(root).list("")).filter((name) => SCAN_FILE.test(name));
  if (files.length === 0) {
    throw new RequestRefused(422, "scan-missing", `There is no TIFF, NPY or NPZ file below ${folder}`);
  }
  if (files.length > batchScans) {
    throw new RequestRefused(
      413,
      "too-many-scans",
      `${files.length} scans are more than ${batchScans}: send several batches`,
    );
  }
  const items = [];
  for (const input of files) items.push({ input, source: await allowedFile(root, input, roots) });
  return { uploads: null, items };
}

async function ofFiles({ uploads: folder }: Service, scans: Awaited<ReturnType<typeof readScans>>): Promise<Items> {
  const files = scans.map(({ bytes }, i) => ({ name: String(i), bytes }));
  const uploads = await keepUploads(folder, files);
  return {
    uploads,
    items: scans.map(({ name }, i) => ({ input: name || `scan ${i + 1}`, source: `${uploads}/${i}` })),
  };
}
