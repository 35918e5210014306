/** `/v1/models` @module */
import { addJob } from "../add_job.ts";
import { Hono } from "hono";
import { resolver } from "hono-openapi";
import { diskStorage } from "../../host/mod.ts";
import { ModelExists } from "../errors.ts";
import type { KeptFitRequest } from "../fit_work.ts";
import { allowedFile, allowedFolder } from "../guard/allowed_folder.ts";
import { isJson, jsonOnly, readJson } from "../guard/json_body.ts";
import { requires } from "../guard/keys.ts";
import { fitting, valid } from "../guard/valid.ts";
import { readForm } from "../scan_upload.ts";
import { jobSchema } from "../schemas/job_schema.ts";
import {
  archiveRequestSchema,
  type FitRequest,
  fitRequestSchema,
  modelListSchema,
  modelSchema,
  modelSettingsSchema,
} from "../schemas/model_schema.ts";
import { ownerOf, type ServerEnv, type Service } from "../service.ts";
import { keepUploads } from "../uploads.ts";
import { described, json, located } from "./described.ts";
import { modelParam } from "./path_params.ts";

const tags = ["Models"];

/** Lists, fits, sets and removes models. */
export const modelRoutes = (service: Service) =>
  new Hono<ServerEnv>()
    .get(
      "/v1/models",
      described({
        summary: "List models",
        tags,
        scope: "score",
        answers: { 200: json("Models by name", modelListSchema) },
        problems: [503],
      }),
      requires(service, "score"),
      async (context) => context.json(await service.shelf.list()),
    )
    .get(
      "/v1/models/:model",
      described({
        summary: "A model",
        tags,
        scope: "score",
        answers: { 200: json("The model", modelSchema) },
        problems: [404, 409, 422, 503],
      }),
      requires(service, "score"),
      valid("param", modelParam),
      async (context) => context.json(await service.shelf.get(context.req.valid("param").model)),
    )
    .post(
      "/v1/models",
      described({
        summary: "Fit a model",
        description:
          "A category's folder (train/good/… in the layout of MVTec 3D-AD) as a ZIP archive in field `archive` of a form, or a folder of the server. Answers at once with a job.",
        tags,
        scope: "train",
        requestBody: {
          required: true,
          content: {
            "application/json": { schema: resolver(fitRequestSchema) },
            "multipart/form-data": { schema: resolver(archiveRequestSchema) },
          },
        },
        answers: { 202: located("The job", jobSchema) },
        problems: [400, 408, 409, 413, 415, 422, 503, 507],
      }),
      requires(service, "train"),
      async (context) => {
        const { raw } = context.req;
        const request = isJson(raw) ? await ofFolder(service, raw) : await ofArchive(service, raw);
        const job = await addJob(service, ownerOf(context.get("key")), {
          kind: "fit",
          model: request.name,
          request,
          items: [],
        });
        return context.json(job, 202, { Location: `/v1/jobs/${job.id}` });
      },
    )
    .patch(
      "/v1/models/:model",
      described({
        summary: "Set a model's threshold, or whether it may score",
        tags,
        scope: "train",
        answers: { 200: json("The model", modelSchema) },
        problems: [400, 404, 408, 409, 413, 415, 422, 503, 507],
      }),
      requires(service, "train"),
      valid("param", modelParam),
      jsonOnly(service),
      valid("json", modelSettingsSchema),
      async (context) => {
        const { model } = context.req.valid("param"), settings = context.req.valid("json");
        const now = await service.shelf.set(model, settings);
        const actor = ownerOf(context.get("key"));
        service.store.audit.add({ actor, action: "set", target: model, detail: settings });
        return context.json(now);
      },
    )
    .delete(
      "/v1/models/:model",
      described({
        summary: "Remove a model and its files; its results stay",
        tags,
        scope: "train",
        answers: { 204: { description: "Removed" } },
        problems: [404, 422, 503, 507],
      }),
      requires(service, "train"),
      valid("param", modelParam),
      async (context) => {
        const { model } = context.req.valid("param"), actor = ownerOf(context.get("key"));
        await service.shelf.remove(model);
        service.store.audit.add({ actor, action: "remove", target: model, detail: {} });
        return context.body(null, 204);
      },
    );

/** Refuses early what the fit would refuse late. */
async function assertFree({ shelf }: Service, { name, replace }: FitRequest): Promise<void> {
  if (!replace && await shelf.has(name)) throw new ModelExists(name);
}

async function ofFolder(service: Service, raw: Request): Promise<KeptFitRequest> {
  const request = await readJson(fitRequestSchema, raw, service.limits);
  await assertFree(service, request);
  const { roots } = service, folder = await allowedFolder(request.folder, roots);
  for (const name of await diskStorage(folder).list("")) await allowedFile(folder, name, roots);
  return { ...request, folder, uploads: null };
}

async function ofArchive(service: Service, raw: Request): Promise<KeptFitRequest> {
  const { limits: { uploadBytes: most, stallMs }, uploads: folder } = service;
  const { files, fields } = await readForm(raw, { most, stallMs });
  const sent = Object.fromEntries(files.map(({ field, bytes }) => [field, bytes]));
  const { archive, ...request } = fitting("form", archiveRequestSchema, { ...fields, ...sent });
  await assertFree(service, request);
  return { ...request, folder: null, uploads: await keepUploads(folder, [{ name: "archive.zip", bytes: archive }]) };
}
