/** What a fitted `ocsvm` knows as facts and tensors of a model. @module */
import { z } from "zod";
import { type ModelFolder, ModelRefused, type Tensor } from "../../core/mod.ts";
import type { Known } from "./known.ts";

const factsSchema = z.strictObject({
  facts: z.record(z.string(), z.union([z.number(), z.string()])),
  scale: z.number().positive(),
  line: z.strictObject({ w: z.tuple([z.number().min(0), z.number().min(0)]), rho: z.number() }).optional(),
});

/** Keeps all of it: the lines one behind the other, with how many corners each has. */
export function saveKnown(model: ModelFolder, { facts, plane: { scale, normal, boundary }, boundary: drawn }: Known) {
  const rows = (values: Tensor["values"]): Tensor => ({ shape: [values.length / 2, 2], values });
  const counts = Uint32Array.from(boundary, (line) => line.length / 2);
  const curved = drawn instanceof Float32Array;
  model.putFacts({ facts, scale, ...(curved ? {} : { line: { w: drawn.w, rho: drawn.rho } }) });
  model.putTensor("normal", rows(normal));
  model.putTensor("lines.counts", { shape: [counts.length], values: counts });
  model.putTensor("lines", rows(Float32Array.from(boundary.flatMap((line) => Array.from(line)))));
  if (curved) model.putTensor("frontier", rows(drawn));
}

/** Opens what {@linkcode saveKnown} kept. @throws {ModelRefused} */
export function loadKnown(model: ModelFolder): Known {
  const parsed = factsSchema.safeParse(model.facts());
  if (!parsed.success) {
    const [issue] = parsed.error.issues, where = ["facts", ...issue.path.map(String)].join(".");
    throw new ModelRefused("of ocsvm", where, "what a fit keeps", issue.message);
  }
  const { facts, scale, line } = parsed.data;
  const lines = floats(model, "lines"), counts = model.tensor("lines.counts").values;
  let first = 0;
  const boundary = Array.from(counts, (count) => lines.slice(2 * first, 2 * (first += count)));
  return {
    facts,
    plane: { scale, normal: floats(model, "normal"), boundary },
    boundary: line ?? floats(model, "frontier"),
  };
}

function floats(model: ModelFolder, name: string): Float32Array<ArrayBuffer> {
  const { values } = model.tensor(name);
  if (values instanceof Float32Array) return values as Float32Array<ArrayBuffer>;
  throw new ModelRefused("of ocsvm", `tensor ${name}`, "float32", values.constructor.name);
}
