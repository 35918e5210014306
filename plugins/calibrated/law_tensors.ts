/** Laws as a model keeps them. @module */
import { z } from "zod";
import { type ModelFolder, ModelRefused } from "../../core/mod.ts";
import type { FittedLaw } from "./fit_law.ts";
import type { Laws } from "./laws.ts";

const tailSchema = z.strictObject({
  kind: z.enum(["dense", "silent"]),
  silentScans: z.int().min(0),
  shape: z.number().min(0).max(0.5),
  scale: z.number().positive(),
  excesses: z.int().min(0),
});
const factsSchema = z.strictObject({
  scans: z.int().min(1),
  places: z.int().min(0),
  feature: tailSchema,
  missing: tailSchema,
});

const branches = ["feature", "missing"] as const;

/** Keeps the knots of each branch, a row of score and evidence each, and its tail. */
export function saveLaws({ scans, places, ...laws }: Laws, model: ModelFolder): void {
  const tails = branches.map((branch) => {
    const { scores, evidence, ...tail } = laws[branch];
    const values = Float64Array.from({ length: 2 * scores.length }, (_, i) => (i % 2 ? evidence : scores)[i >> 1]);
    model.putTensor(branch, { shape: [scores.length, 2], values });
    return [branch, tail] as const;
  });
  model.putFacts({ scans, places, ...Object.fromEntries(tails) });
}

/** Opens what {@linkcode saveLaws} kept. @throws {ModelRefused} */
export function loadLaws(model: ModelFolder): Laws {
  const parsed = factsSchema.safeParse(model.facts());
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw new ModelRefused("of calibrated", ["facts", ...path.map(String)].join("."), "what a fit keeps", message);
  }
  const { scans, places, ...tails } = parsed.data;
  const law = (branch: keyof typeof tails): FittedLaw => ({ ...knots(model, branch), ...tails[branch] });
  return { scans, places, feature: law("feature"), missing: law("missing") };
}

function knots(model: ModelFolder, branch: string) {
  const { shape, values } = model.tensor(branch),
    refuse = (found: string) => {
      throw new ModelRefused(
        "of calibrated",
        `tensor ${branch}`,
        "rising knots of float64, each a score and its evidence",
        found,
      );
    };
  if (!(values instanceof Float64Array) || shape.length !== 2 || shape[1] !== 2 || shape[0] < 1) {
    refuse(`${shape.join(" × ")} of ${values.constructor.name}`);
  }
  const column = (odd: number) => Float64Array.from({ length: shape[0] }, (_, i) => values[2 * i + odd]);
  const scores = column(0), evidence = column(1);
  scores.forEach((score, i) => {
    const rises = i === 0 ? score === 0 : score > scores[i - 1] && evidence[i] >= evidence[i - 1];
    if (!rises || !(evidence[i] >= 0) || !Number.isFinite(score + evidence[i])) {
      refuse(`${score}, ${evidence[i]} in row ${i}`);
    }
  });
  return { scores, evidence };
}
