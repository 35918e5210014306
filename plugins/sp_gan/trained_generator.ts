/** What training leaves: both networks, the latents of the normal shapes, and where the ball of the product lies. @module */
import { z } from "zod";
import { type ModelFolder, ModelRefused } from "../../core/mod.ts";
import type { ParameterShape, ParameterValues } from "../../nets/mod.ts";
import { discriminatorShapes, type DiscriminatorWidths } from "./discriminator.ts";
import { generatorShapes } from "./generator.ts";
import type { ProductFrame } from "./normal_shapes.ts";
import type { GeneratorSize } from "./sizes.ts";

/** A product's own frame, with the normal scans that lead to it. */
export interface ScannedFrame extends ProductFrame {
  /** SHA-256 of each scan's points, or its name where that is not known, in the order of the motions. */
  readonly scans: readonly string[];
}

/** Networks of a product. */
export interface TrainedGenerator {
  readonly size: GeneratorSize;
  readonly generator: ParameterValues;
  /** Absent where only the generator was imported. */
  readonly discriminator?: { readonly widths: DiscriminatorWidths; readonly values: ParameterValues };
  /** `count × latent`: latents that give normal shapes, to begin an inversion with; may be none. */
  readonly latents: Float32Array;
  /** The scans that it was trained on, told as in the frame; none for imported networks, of which that is not known. */
  readonly learned: readonly string[];
  /** Absent for imported networks: nothing is known of the frame that they were trained in. */
  readonly frame?: ScannedFrame;
}

const count = z.int().positive();
const factsSchema = z.strictObject({
  points: count,
  generator: z.strictObject({
    latent: count,
    k: count,
    style: count,
    edges: z.tuple([count, count]),
    global: count,
    tail: z.tuple([count, count]),
    head: z.tuple([count, count]).optional(),
    attention: z.tuple([count, count]).optional(),
  }),
  discriminator: z.strictObject({
    places: z.tuple([count, count, count, count]),
    feature: z.tuple([count, count, count]),
  }).optional(),
  learned: z.array(z.string()),
  frame: z.strictObject({
    scans: z.array(z.string()),
    led: z.array(z.boolean()),
    centre: z.tuple([z.number(), z.number(), z.number()]),
    radius: z.number().positive(),
  }).refine(({ scans, led }) => scans.length === led.length, "not a motion or none for each scan").optional(),
});

/** Keeps it. */
export function saveGenerator(
  model: ModelFolder,
  { size, generator, discriminator, latents, learned, frame }: TrainedGenerator,
): void {
  const { scans, motions, centre, radius } = frame ?? {};
  model.putFacts({
    points: size.points,
    generator: size.generator,
    ...discriminator && { discriminator: discriminator.widths },
    learned,
    ...frame && { frame: { scans, led: motions!.map((motion) => motion !== undefined), centre, radius } },
  });
  putParameters(model, "generator", generatorShapes(size.generator), generator);
  if (discriminator) {
    putParameters(model, "discriminator", discriminatorShapes(discriminator.widths), discriminator.values);
  }
  model.putTensor("latents", {
    shape: [latents.length / size.generator.latent, size.generator.latent],
    values: latents,
  });
  if (frame) {
    const led = frame.motions.filter((motion) => motion !== undefined);
    model.putTensor("motions", {
      shape: [led.length, 12],
      values: Float64Array.from(led.flatMap((motion) => Array.from(motion))),
    });
  }
}

/** Opens what {@linkcode saveGenerator} kept. @throws {ModelRefused} */
export function loadGenerator(model: ModelFolder): TrainedGenerator {
  const { frame, learned, discriminator: widths, ...size } = factsOf(model), { latent } = size.generator;
  const { shape, values: latents } = model.tensor("latents");
  if (shape.length !== 2 || shape[1] !== latent) {
    throw new ModelRefused("sp-gan", "latents", `rows of ${latent}`, shape.join(" × "));
  }
  return {
    size,
    generator: parametersOf(model, "generator", generatorShapes(size.generator)),
    discriminator: widths && { widths, values: parametersOf(model, "discriminator", discriminatorShapes(widths)) },
    latents: Float32Array.from(latents),
    learned,
    frame: frame && frameOf(model, frame),
  };
}

function factsOf(model: ModelFolder) {
  const facts = factsSchema.safeParse(model.facts());
  if (facts.success) return facts.data;
  const { path, message } = facts.error.issues[0];
  throw new ModelRefused(
    "sp-gan",
    `facts of the networks, ${path.join(".") || "all"}`,
    "sizes of the networks",
    message,
  );
}

function frameOf(
  model: ModelFolder,
  { led, ...frame }: NonNullable<z.infer<typeof factsSchema>["frame"]>,
): ScannedFrame {
  return { ...frame, motions: motionsOf(model, led) };
}

function motionsOf(model: ModelFolder, led: readonly boolean[]): (Float64Array | undefined)[] {
  const { values } = model.tensor("motions"), wanted = 12 * led.filter((yes) => yes).length;
  if (values.length !== wanted) throw new ModelRefused("sp-gan", "motions", `${wanted} numbers`, `${values.length}`);
  let at = 0;
  return led.map((yes) => yes ? Float64Array.from(values.subarray(at, at += 12)) : undefined);
}

/** Keeps each parameter as a tensor `NETWORK.NAME`. */
export function putParameters(
  model: ModelFolder,
  network: string,
  shapes: readonly ParameterShape[],
  values: ParameterValues,
): void {
  for (const { name, rows, columns } of shapes) {
    model.putTensor(`${network}.${name}`, { shape: [rows, columns], values: values.get(name)! });
  }
}

/** Parameters that {@linkcode putParameters} kept. @throws {ModelRefused} for one of another size */
export function parametersOf(model: ModelFolder, network: string, shapes: readonly ParameterShape[]): ParameterValues {
  return new Map(shapes.map(({ name, rows, columns }) => {
    const { values } = model.tensor(`${network}.${name}`);
    if (values.length !== rows * columns) {
      throw new ModelRefused("sp-gan", `tensor ${network}.${name}`, `${rows} × ${columns} numbers`, `${values.length}`);
    }
    return [name, Float32Array.from(values)];
  }));
}
