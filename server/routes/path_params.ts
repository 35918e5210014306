/** Parts of paths. @module */
import { z } from "zod";
import { modelNameSchema } from "../schemas/model_schema.ts";

/** `/v1/models/{model}` */
export const modelParam = z.object({ model: modelNameSchema });

/** `/…/{id}` of results, jobs and keys. */
export const idParam = z.object({ id: z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/).describe("26 characters") });
