/**
 * Weights of the published PyTorch code, in its names and layouts, to ours and back. @module
 *
 * Names are those of the state dictionaries of liruihui/SP-GAN (commit c4ed07b), which Uni-3DAD's generator shares. Convolutions carry
 * kernel axes of length 1; those on [x, z], [c; d] and [global, x] hold the matrices of both parts side by side, the one that attention gives
 * [global, x] back by holds them below each other, and its gain is multiplied into them.
 */
import type { ParameterShape, ParameterValues } from "../../nets/mod.ts";
import { discriminatorShapes, type DiscriminatorWidths } from "./discriminator.ts";
import { WeightsRefused } from "./errors.ts";
import { generatorShapes, type GeneratorWidths } from "./generator.ts";

/** A tensor as it stands in a file. */
export interface PublishedTensor {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

/** Tensors by their published names. */
export type PublishedTensors = ReadonlyMap<string, PublishedTensor>;

/** Our layers of the generator by their names in the published code. */
export const generatorNames: Readonly<Record<string, string>> = {
  "head.0": "head1",
  "head.2": "head2",
  "pc_head.0": "ph1",
  "pc_head.2": "ph2",
  "EdgeConv1.conv_w.0": "edge1.w1",
  "EdgeConv1.conv_w.1": "edge1.nw1",
  "EdgeConv1.conv_w.3": "edge1.w2",
  "EdgeConv1.conv_w.4": "edge1.nw2",
  "EdgeConv1.conv_x.0": "edge1.x1",
  "EdgeConv1.conv_x.1": "edge1.nx1",
  "EdgeConv1.conv_out": "edge1.out",
  "adain1.style": "ad1.style",
  "EdgeConv2.conv_w.0": "edge2.w1",
  "EdgeConv2.conv_w.1": "edge2.nw1",
  "EdgeConv2.conv_w.3": "edge2.w2",
  "EdgeConv2.conv_w.4": "edge2.nw2",
  "EdgeConv2.conv_x.0": "edge2.x1",
  "EdgeConv2.conv_x.1": "edge2.nx1",
  "EdgeConv2.conv_out": "edge2.out",
  "adain2.style": "ad2.style",
  "global_conv.0": "g1",
  "global_conv.1": "ng1",
  "global_conv.3": "g2",
  "global_conv.4": "ng2",
  "attn": "attn",
  "attn.theta": "attn.theta",
  "attn.phi": "attn.phi",
  "attn.g": "attn.g",
  "attn.o": "attn.o",
  "tail.0": "t1",
  "tail.2": "t2",
  "tail.4": "t3",
};
/** Our layers of the discriminator by their names in the published code. */
export const discriminatorNames: Readonly<Record<string, string>> = {
  "mlps.0": "c1",
  "mlps.1": "n1",
  "mlps.3": "c2",
  "mlps.4": "n2",
  "mlps.6": "c3",
  "mlps.7": "n3",
  "fc2.0": "c4",
  "fc2.1": "n4",
  "mlp.0": "m1",
  "mlp.2": "m2",
  "mlp.4": "m3",
  "mlp.6": "m4",
};

/** A generator's values in our layout, and the widths that they have. @throws {WeightsRefused} for a missing tensor or other shapes */
export function importGenerator(tensors: PublishedTensors): { widths: GeneratorWidths; values: ParameterValues } {
  const read = reader("generator", tensors, generatorNames);
  const [style, inputs] = read.shape("head1.weight"), out = read.shape("edge1.out.weight");
  const rows = (name: string) => read.shape(`${name}.weight`)[0];
  const widths: GeneratorWidths = {
    latent: inputs - 3,
    k: out[3],
    style,
    edges: [out[0], rows("edge2.out")],
    global: rows("g2"),
    tail: [rows("t1"), rows("t2")],
    ...read.has("pc_head.") && { head: [rows("ph1"), rows("ph2")] },
    ...read.has("attn.") && { attention: [rows("attn.theta"), rows("attn.g")] },
  };
  const { global, edges: [one, two] } = widths;
  const parts: Record<string, MatrixPart> = {
    "head1.point": { of: "head1.weight" },
    "head1.latent": { of: "head1.weight", column: 3 },
    "edge1.x1.own": { of: "edge1.x1.weight" },
    "edge1.x1.near": { of: "edge1.x1.weight", column: widths.head?.[1] ?? 3 },
    "edge2.x1.own": { of: "edge2.x1.weight" },
    "edge2.x1.near": { of: "edge2.x1.weight", column: one },
    "t1.global": { of: "t1.weight" },
    "t1.point": { of: "t1.weight", column: global },
  };
  if (widths.attention) {
    const factor = checked(read, "attn.gamma", 1).values[0],
      whole = { of: "attn.o.weight", rows: global + two, factor };
    parts["attn.o.global"] = whole;
    parts["attn.o.point"] = { ...whole, row: global };
    for (const name of ["attn.theta", "attn.phi", "attn.g"]) {
      parts[`${name}.global`] = { of: `${name}.weight` };
      parts[`${name}.point`] = { of: `${name}.weight`, column: global };
    }
  }
  checkWidths("generator", widths);
  return { widths, values: finite("generator", valuesOf(read, generatorShapes(widths), parts)) };
}

/** A discriminator's values in our layout, and the widths that they have. @throws {WeightsRefused} */
export function importDiscriminator(
  tensors: PublishedTensors,
): { widths: DiscriminatorWidths; values: ParameterValues } {
  const read = reader("discriminator", tensors, discriminatorNames),
    rows = (name: string) => read.shape(`${name}.weight`)[0];
  const widths: DiscriminatorWidths = {
    places: [rows("c1"), rows("c2"), rows("c3"), rows("c4")],
    feature: [rows("m1"), rows("m2"), rows("m3")],
  };
  checkWidths("discriminator", widths);
  return { widths, values: finite("discriminator", valuesOf(read, discriminatorShapes(widths), {})) };
}

/** Shapes that are not those of the layers give widths that are none. */
function checkWidths(network: string, widths: GeneratorWidths | DiscriminatorWidths): void {
  for (const [name, width] of Object.entries(widths)) {
    if ([width].flat().every((value) => Number.isSafeInteger(value) && value > 0)) continue;
    throw new WeightsRefused(network, `their shapes give no ${name}, which is how wide or long a layer is`);
  }
}

function finite(network: string, values: ParameterValues): ParameterValues {
  for (const [name, value] of values) {
    if (!value.every(Number.isFinite)) throw new WeightsRefused(network, `${name} has values that are no numbers`);
  }
  return values;
}

type Reader = ReturnType<typeof reader>;

/** The tensors by our layers' names; a prefix that all have in common, such as that of data-parallel training, is left out. */
function reader(
  network: "generator" | "discriminator",
  tensors: PublishedTensors,
  names: Readonly<Record<string, string>>,
) {
  const first = Object.keys(names)[0];
  const prefix = [...tensors.keys()].find((name) => name === `${first}.weight` || name.endsWith(`.${first}.weight`))
    ?.slice(0, -`${first}.weight`.length);
  if (prefix === undefined) throw new WeightsRefused(network, `it has no tensor ${first}.weight`);
  const published = new Map(Object.entries(names).map(([theirs, ours]) => [ours, prefix + theirs]));
  const get = (name: string): PublishedTensor & { readonly name: string } => {
    const at = name.lastIndexOf("."), theirs = `${published.get(name.slice(0, at))}${name.slice(at)}`;
    const tensor = tensors.get(theirs);
    if (!tensor) throw new WeightsRefused(network, `it has no tensor ${theirs}`);
    return { ...tensor, name: theirs };
  };
  return {
    network,
    get,
    shape: (name: string) => get(name).shape,
    has: (start: string) => [...tensors.keys()].some((name) => name.startsWith(prefix + start)),
  };
}

/** A matrix of ours as a part of a published one. */
interface MatrixPart {
  readonly of: string;
  /** Where it begins there; 0 when left out. */
  readonly row?: number;
  readonly column?: number;
  /** Rows of the whole; those of the part when left out. */
  readonly rows?: number;
  /** What its values are multiplied by; 1 when left out. */
  readonly factor?: number;
}

function valuesOf(
  read: Reader,
  shapes: readonly ParameterShape[],
  parts: Readonly<Record<string, MatrixPart>>,
): ParameterValues {
  return new Map(shapes.map(({ name, rows, columns }) => {
    if (name.endsWith(".running")) {
      const norm = name.slice(0, -".running".length), value = new Float32Array(2 * columns);
      ["running_mean", "running_var"].forEach((of, i) => {
        value.set(checked(read, `${norm}.${of}`, columns).values, i * columns);
      });
      return [name, value];
    }
    const { of: whole, row: top = 0, column: left = 0, rows: all = rows, factor = 1 } = parts[name] ?? { of: name };
    const { shape, values } = read.get(whole);
    const width = shape.length === 1 ? shape[0] : shape[1];
    if (name.endsWith(".out.weight")) { // [O, C, 1, k]: ours has the C of the first edge, then those of the second …
      const k = shape[3];
      checked(read, whole, rows * columns);
      return [
        name,
        Float32Array.from({ length: rows * columns }, (_, i) => {
          const row = Math.floor(i / columns), at = i % columns;
          return values[(row * width + at % width) * k + Math.floor(at / width)];
        }),
      ];
    }
    const inputs = parts[name] ? width : columns;
    checked(read, whole, all * inputs);
    return [
      name,
      Float32Array.from({ length: rows * columns }, (_, i) => {
        return factor * values[(top + Math.floor(i / columns)) * inputs + left + i % columns];
      }),
    ];
  }));
}

function checked({ network, get }: Reader, name: string, count: number): PublishedTensor {
  const tensor = get(name);
  if (tensor.values.length !== count) {
    throw new WeightsRefused(
      network,
      `${tensor.name} has ${tensor.shape.join(" × ")} values, ${count} fit its other layers`,
    );
  }
  return tensor;
}
