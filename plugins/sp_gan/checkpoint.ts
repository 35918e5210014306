/** A training as tensors, to go on from after whatever ended it. @module */
import { z } from "zod";
import { type ModelFolder, ModelRefused } from "../../core/mod.ts";
import type { ParameterShape } from "../../nets/mod.ts";
import { discriminatorShapes } from "./discriminator.ts";
import { generatorShapes } from "./generator.ts";
import type { SpGanSize } from "./sizes.ts";
import { parametersOf, putParameters } from "./trained_generator.ts";
import { optimisers, type TrainingState } from "./training.ts";

const NETS = ["generator", "discriminator", "latents", "averageGenerator", "averageLatents"] as const;

const factsSchema = z.looseObject({
  iterations: z.int().min(0),
  rate: z.number().positive(),
  steps: z.strictObject({
    generator: z.int().min(0),
    discriminator: z.int().min(0),
    shapes: z.int().min(0),
    latents: z.int().min(0),
  }),
});

/** Parameters of each network and of the latents of `shapes` normal shapes. */
function shapesOf(size: SpGanSize, shapes: number): Record<typeof NETS[number], readonly ParameterShape[]> {
  const generator = generatorShapes(size.generator);
  const latents = [{ name: "latents", rows: shapes, columns: size.generator.latent }];
  return {
    generator,
    discriminator: discriminatorShapes(size.discriminator),
    latents,
    averageGenerator: generator,
    averageLatents: latents,
  };
}

/** Keeps a state; `facts` of the caller's own are kept beside it. */
export function saveCheckpoint(
  model: ModelFolder,
  state: TrainingState,
  size: SpGanSize,
  facts: Readonly<Record<string, unknown>>,
): void {
  const { iterations, rate, moments } = state,
    shapes = shapesOf(size, state.latents.get("latents")!.length / size.generator.latent);
  model.putFacts({
    ...facts,
    iterations,
    rate,
    steps: Object.fromEntries(optimisers.map((name) => [name, moments[name].steps])),
  });
  for (const net of NETS) putParameters(model, net, shapes[net], state[net]);
  for (const name of optimisers) {
    const { first, second } = moments[name];
    model.putTensor(`moments.${name}.first`, { shape: [first.length], values: first });
    model.putTensor(`moments.${name}.second`, { shape: [second.length], values: second });
  }
}

/** A state of networks of this size and of so many normal shapes. @throws {ModelRefused} */
export function loadCheckpoint(model: ModelFolder, size: SpGanSize, count: number): TrainingState {
  const facts = factsSchema.safeParse(model.facts());
  if (!facts.success) {
    const { path, message } = facts.error.issues[0];
    throw new ModelRefused("sp-gan", `facts of the checkpoint, ${path.join(".") || "all"}`, "how far it was", message);
  }
  const { iterations, rate, steps } = facts.data, shapes = shapesOf(size, count);
  const valuesOf = (net: typeof NETS[number]) => parametersOf(model, net, shapes[net]);
  const momentsOf = (name: typeof optimisers[number]) => ({
    steps: steps[name],
    first: Float32Array.from(model.tensor(`moments.${name}.first`).values),
    second: Float32Array.from(model.tensor(`moments.${name}.second`).values),
  });
  return {
    iterations,
    rate,
    generator: valuesOf("generator"),
    discriminator: valuesOf("discriminator"),
    latents: valuesOf("latents"),
    averageGenerator: valuesOf("averageGenerator"),
    averageLatents: valuesOf("averageLatents"),
    moments: {
      generator: momentsOf("generator"),
      discriminator: momentsOf("discriminator"),
      shapes: momentsOf("shapes"),
      latents: momentsOf("latents"),
    },
  };
}
