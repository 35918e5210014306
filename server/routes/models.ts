/** `/v1/models` @module */
import { Hono } from "hono";
import { describeRoute, resolver } from "hono-openapi";
import { z } from "zod";
import { RequestRefused } from "../errors.ts";
import type { KeptFitRequest } from "../fit_work.ts";
import { allowedFolder } from "../guard/allowed_folder.ts";
import { readBody } from "../guard/body.ts";
import { requires } from "../guard/keys.ts";
import { problems } from "../guard/problem.ts";
import { valid } from "../guard/valid.ts";
import { readForm } from "../scan_upload.ts";
import { jobSchema } from "../schemas/job_schema.ts";
import { type FitRequest, fitRequestSchema, modelListSchema, modelSchema, modelSettingsSchema } from "../schemas/model_schema.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { keepUploads } from "../uploads.ts";
import { modelParam } from "./model_param.ts";
import { parsed } from "./parsed.ts";

const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { "application/json": { schema: resolver(schema) } },
});
const tags = ["Models"];

/** Lists, fits, sets and removes models. */
export const modelRoutes = (service: Service) =>
  new Hono<ServerEnv>()
    .get(
      "/v1/models",
      describeRoute({ summary: "List models", tags, responses: { 200: answer("Models by name", modelListSchema), ...problems(401, 403, 429) } }),
      requires(service, "score"),
      async (context) => context.json(await service.shelf.list()),
    )
    .get(
      "/v1/models/:model",
      describeRoute({ summary: "A model", tags, responses: { 200: answer("The model", modelSchema), ...problems(401, 403, 404, 409, 422, 429) } }),
      requires(service, "score"),
      valid("param", modelParam),
      async (context) => context.json(await service.shelf.get(context.req.valid("param").model)),
    )
    .post(
      "/v1/models",
      describeRoute({
        summary: "Fit a model",
        description: "A category's folder (train/good/… in the layout of MVTec 3D-AD) as a ZIP archive in field `archive` of a form, or a folder of the server. Answers at once with a job.",
        tags,
        requestBody: {
          required: true,
          content: {
            "application/json": { schema: z.toJSONSchema(fitRequestSchema, { io: "input" }) as object },
            "multipart/form-data": {
              schema: {
                type: "object",
                properties: { archive: { type: "string", format: "binary" }, name: { type: "string" } },
                required: ["archive", "name"],
              },
            },
          },
        },
        responses: { 202: answer("The job", jobSchema), ...problems(400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 507) },
      }),
      requires(service, "train"),
      async (context) => {
        const { store, limits: { uploadBytes: most, stallMs }, uploads: folder } = service, { raw } = context.req;
        const isJson = context.req.header("Content-Type")?.startsWith("application/json");
        const request = isJson
          ? await ofFolder(service, parsed(fitRequestSchema, await readBody(raw, { most: 2 ** 16, stallMs })))
          : await ofArchive(service, raw, folder, { most, stallMs });
        const job = store.jobs.add({ kind: "fit", model: request.name, request, items: [] });
        store.audit.add({ actor: ownerOf(context.get("key")), action: "fit", target: request.name, detail: { job: job.id } });
        service.jobs.wake();
        return context.json(job, 202, { Location: `/v1/jobs/${job.id}` });
      },
    )
    .patch(
      "/v1/models/:model",
      describeRoute({
        summary: "Set a model's threshold, or whether it may score",
        tags,
        responses: { 200: answer("The model", modelSchema), ...problems(401, 403, 404, 409, 422, 429) },
      }),
      requires(service, "train"),
      valid("param", modelParam),
      valid("json", modelSettingsSchema),
      async (context) => {
        const { model } = context.req.valid("param"), settings = context.req.valid("json");
        const now = await service.shelf.set(model, settings);
        service.store.audit.add({ actor: ownerOf(context.get("key")), action: "set", target: model, detail: settings });
        return context.json(now);
      },
    )
    .delete(
      "/v1/models/:model",
      describeRoute({
        summary: "Remove a model and its files; its results stay",
        tags,
        responses: { 204: { description: "Removed" }, ...problems(401, 403, 404, 422, 429) },
      }),
      requires(service, "train"),
      valid("param", modelParam),
      async (context) => {
        const { model } = context.req.valid("param");
        await service.shelf.remove(model);
        service.store.audit.add({ actor: ownerOf(context.get("key")), action: "remove", target: model, detail: {} });
        return context.body(null, 204);
      },
    );

/** Refuses early what the fit would refuse late. */
async function assertFree({ shelf }: Service, { name, replace }: FitRequest): Promise<void> {
  if (replace) return;
  const { models, refused } = await shelf.list();
  if ([...models, ...refused].some((one) => one.name === name)) {
    throw new RequestRefused(409, "model-exists", `There is a model "${name}": take another name, or send "replace": true`);
  }
}

async function ofFolder(service: Service, request: FitRequest): Promise<KeptFitRequest> {
  if (request.folder === undefined) {
    throw new RequestRefused(422, "folder-missing", 'Name a folder of the server in "folder", or send an archive in a form');
  }
  await assertFree(service, request);
  return { ...request, folder: await allowedFolder(request.folder, service.roots), uploads: null };
}

async function ofArchive(
  service: Service,
  raw: Request,
  folder: string,
  bounds: { readonly most: number; readonly stallMs: number },
): Promise<KeptFitRequest> {
  const { files, fields } = await readForm(raw, bounds), archive = files.find(({ field }) => field === "archive");
  const request = parsed(fitRequestSchema.omit({ folder: true }), fields);
  if (!archive) throw new RequestRefused(422, "archive-missing", 'The form has no file in a field named "archive"');
  await assertFree(service, request);
  return { ...request, folder: null, uploads: await keepUploads(folder, [{ name: "archive.zip", bytes: archive.bytes }]) };
}
