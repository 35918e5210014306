/** The golden networks of the reconstruction branch, as ours. @module */
import { type Gpu, type Rows, uploadRows } from "../kernels/mod.ts";
import { createParameters, type Parameters } from "../nets/mod.ts";
import { discriminatorShapes, type DiscriminatorWidths } from "../plugins/sp_gan/discriminator.ts";
import { generatorShapes, type GeneratorWidths } from "../plugins/sp_gan/generator.ts";
import {
  discriminatorNames,
  generatorNames,
  importDiscriminator,
  importGenerator,
  type PublishedTensor,
} from "../plugins/sp_gan/published_weights.ts";
import { goldenTensors } from "./golden_arrays.ts";

/** Golden tensors under the names of the published code. */
export function publishedTensors(name: string, names: Readonly<Record<string, string>>): Map<string, PublishedTensor> {
  const theirs = new Map(Object.entries(names).map(([published, ours]) => [ours, published]));
  return new Map([...goldenTensors(name)].map(([ours, tensor]) => {
    const at = ours.lastIndexOf(".");
    return [`${theirs.get(ours.slice(0, at)) ?? ours.slice(0, at)}${ours.slice(at)}`, tensor];
  }));
}

/** A golden generator on the GPU. */
export function goldenGenerator(gpu: Gpu, name: string): { widths: GeneratorWidths; parameters: Parameters } {
  const { widths, values } = importGenerator(publishedTensors(name, generatorNames));
  const parameters = createParameters(gpu, generatorShapes(widths));
  parameters.set(values);
  return { widths, parameters };
}

/** A golden discriminator on the GPU. */
export function goldenDiscriminator(gpu: Gpu, name: string): { widths: DiscriminatorWidths; parameters: Parameters } {
  const { widths, values } = importDiscriminator(publishedTensors(name, discriminatorNames));
  const parameters = createParameters(gpu, discriminatorShapes(widths));
  parameters.set(values);
  return { widths, parameters };
}

/**
 * Gradients of a golden network in our layout: those of running statistics, which have none, are 0. With W = gain · o, as the gain of attention is
 * folded, that of W is that of o divided by `gain`.
 */
export function goldenGradients(
  name: string,
  network: "generator" | "discriminator",
  gain?: number,
): ReadonlyMap<string, Float32Array> {
  const names = network === "generator" ? generatorNames : discriminatorNames, tensors = publishedTensors(name, names);
  for (const [tensor, { values }] of [...tensors]) {
    const at = tensor.lastIndexOf("."), layer = tensor.slice(0, at);
    if (!names[layer]?.startsWith("n") && !names[layer]?.includes(".n")) continue;
    for (const kind of ["running_mean", "running_var"]) {
      tensors.set(`${layer}.${kind}`, { shape: [values.length], values: new Float32Array(values.length) });
    }
  }
  if (gain !== undefined) tensors.set("attn.gamma", { shape: [], values: [1 / gain] });
  return network === "generator" ? importGenerator(tensors).values : importDiscriminator(tensors).values;
}

/** Rows of values. */
export const rowsOf = (gpu: Gpu, { values, columns }: { values: ArrayLike<number>; columns: number }): Rows =>
  uploadRows(gpu, Float32Array.from(values), columns);
