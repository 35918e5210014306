/** Trained generators as tensors of a model. @module */
import { z } from "zod";
import { type ModelFolder, ModelRefused } from "../../core/mod.ts";
import { ballNeighbours, fibonacciBall } from "./ball.ts";
import type { KeptGenerator } from "./kept_generator.ts";
import { gapStatistics } from "./gap_statistics.ts";
import { loadGenerator, saveGenerator } from "./trained_generator.ts";

const factsSchema = z.strictObject({
  extent: z.number().positive(),
  generators: z.array(z.record(z.string(), z.unknown())).min(1),
});

/** A part of a model under names of its own, with facts of its own. */
const partOf = (model: ModelFolder, prefix: string, facts: { own: unknown }): ModelFolder => ({
  tensor: (name) => model.tensor(prefix + name),
  has: (name) => model.has(prefix + name),
  putTensor: (name, tensor) => model.putTensor(prefix + name, tensor),
  facts: () => facts.own,
  putFacts: (own) => void (facts.own = own),
});

/** Keeps the generators and what gaps were seen. */
export function saveKept(model: ModelFolder, kept: readonly KeptGenerator[], extent: number): void {
  const generators = kept.map(({ trained, gaps: { seen } }, i) => {
    const facts = { own: {} as unknown };
    saveGenerator(partOf(model, `${i}.`, facts), trained);
    model.putTensor(`${i}.gaps`, { shape: [seen.length / 3, 3], values: seen });
    return facts.own;
  });
  model.putFacts({ extent, generators });
}

/** Opens what {@linkcode saveKept} kept. @throws {ModelRefused} */
export function loadKept(model: ModelFolder): { readonly kept: readonly KeptGenerator[]; readonly extent: number } {
  const facts = factsSchema.safeParse(model.facts());
  if (!facts.success) {
    throw new ModelRefused("sp-gan", "list of generators", "at least one", facts.error.issues[0].message);
  }
  const kept = facts.data.generators.map((own, i): KeptGenerator => {
    const trained = loadGenerator(partOf(model, `${i}.`, { own })),
      { frame, size: { points, generator: { k } } } = trained;
    if (!frame) throw new ModelRefused("sp-gan", `frame of generator ${i}`, "there", "missing");
    const seen = model.tensor(`${i}.gaps`).values;
    if (seen.length !== 3 * points) {
      throw new ModelRefused("sp-gan", `gaps of generator ${i}`, `${points} × 3 numbers`, `${seen.length}`);
    }
    const neighbours = ballNeighbours(fibonacciBall(points), k);
    return {
      trained: { ...trained, frame },
      gaps: gapStatistics(neighbours, k, Float64Array.from(seen)),
    };
  });
  return { kept, extent: facts.data.extent };
}
