/**
 * The generator of SP-GAN: a latent bends a ball into a shape. @module
 *
 * Li et al., "SP-GAN: Sphere-Guided 3D Shape Generation and Manipulation", SIGGRAPH 2021; layers and options as in the published code.
 * Places are rows, clouds follow each other. What is the same for all clouds is computed once: the first edge block sees the ball alone, so
 * it is passed for one cloud; products with what a cloud's places share (latent, global feature) are one row a cloud. The published weights of
 * [c; d], [x, z] and [global, x] are kept as two matrices, so that each multiplies its part.
 */
import type { Gpu, GpuBuffer } from "../../kernels/mod.ts";
import {
  adain,
  attend,
  batchNorm,
  batchNormOf,
  type Block,
  edgeDifferences,
  edgeLinear,
  type Graph,
  knownGraph,
  linear,
  linearOf,
  maxPoints,
  type Parameters,
  type ParameterShape,
  passInParts,
  passWhole,
  repeat,
  tanh,
  type Tape,
  type Tensor,
  weighEdges,
} from "../../nets/mod.ts";

/** Widths of the layers. */
export interface GeneratorWidths {
  /** Length of a latent. */
  readonly latent: number;
  /** Neighbours of a place in the edge blocks. */
  readonly k: number;
  /** Of the style that the latent and a place's point give. */
  readonly style: number;
  /** Outputs of the two edge blocks. */
  readonly edges: readonly [number, number];
  /** Of the global feature; its hidden layer has as many columns as the second edge block. */
  readonly global: number;
  /** Hidden layers of the tail. */
  readonly tail: readonly [number, number];
  /** Of the point head, which the ball passes before the first edge block (option `use_head` of the published code); none where absent. */
  readonly head?: readonly [number, number];
  /** Of self attention before the tail (option `attn`): of queries and keys, and of values; none where absent. */
  readonly attention?: readonly [number, number];
}

/** Slopes of the kinks: within blocks, and behind an edge block. */
const SLOPE = 0.01, BLOCK_SLOPE = 0.2;

const layer = (name: string, rows: number, columns: number, suffix = "weight"): ParameterShape[] => [
  { name: `${name}.${suffix}`, rows, columns },
];
const bias = (name: string, columns: number): ParameterShape => ({ name: `${name}.bias`, rows: 1, columns });
const norm = (name: string, columns: number): ParameterShape[] => [
  { name: `${name}.weight`, rows: 1, columns },
  bias(name, columns),
  { name: `${name}.running`, rows: 2, columns },
];

/** An edge block's: the softmax's logits by w1 and w2, what they weigh by x1, and the convolution over all edges of a place. */
const edgeShapes = (name: string, inputs: number, outputs: number, k: number): ParameterShape[] => [
  ...layer(`${name}.w1`, outputs / 2, inputs),
  bias(`${name}.w1`, outputs / 2),
  ...norm(`${name}.nw1`, outputs / 2),
  ...layer(`${name}.w2`, outputs, outputs / 2),
  bias(`${name}.w2`, outputs),
  ...norm(`${name}.nw2`, outputs),
  ...layer(`${name}.x1`, outputs, inputs, "own"),
  ...layer(`${name}.x1`, outputs, inputs, "near"),
  bias(`${name}.x1`, outputs),
  ...norm(`${name}.nx1`, outputs),
  ...layer(`${name}.out`, outputs, k * outputs),
  bias(`${name}.out`, outputs),
];

/** The attention's: queries and values see the global feature and the place's own one, and both are given something. Keys see their own alone. */
function attentionShapes(global: number, own: number, [products, values]: readonly [number, number]): ParameterShape[] {
  const seen = (name: string, rows: number) => [
    ...layer(name, rows, global, "global"),
    ...layer(name, rows, own, "point"),
  ];
  return [
    ...seen("attn.theta", products),
    ...layer("attn.phi", products, own, "point"),
    ...seen("attn.g", values),
    ...layer("attn.o", global, values, "global"),
    ...layer("attn.o", own, values, "point"),
  ];
}

/** All parameters, by the names of the published layers. */
export function generatorShapes(
  { latent, k, style, edges: [one, two], global, tail: [t1, t2], head, attention }: GeneratorWidths,
): ParameterShape[] {
  return [
    ...head
      ? [...layer("ph1", head[0], 3), bias("ph1", head[0]), ...layer("ph2", head[1], head[0]), bias("ph2", head[1])]
      : [],
    ...layer("head1", style, 3, "point"),
    ...layer("head1", style, latent, "latent"),
    bias("head1", style),
    ...layer("head2", style, style),
    bias("head2", style),
    ...edgeShapes("edge1", head?.[1] ?? 3, one, k),
    ...layer("ad1.style", 2 * one, style),
    bias("ad1.style", 2 * one),
    ...edgeShapes("edge2", one, two, k),
    ...layer("ad2.style", 2 * two, style),
    bias("ad2.style", 2 * two),
    ...layer("g1", two, two),
    bias("g1", two),
    ...norm("ng1", two),
    ...layer("g2", global, two),
    bias("g2", global),
    ...norm("ng2", global),
    ...attention ? attentionShapes(global, two, attention) : [],
    ...layer("t1", t1, global, "global"),
    ...layer("t1", t1, two, "point"),
    bias("t1", t1),
    ...layer("t2", t2, t1),
    bias("t2", t2),
    ...layer("t3", 3, t2),
    bias("t3", 3),
  ];
}

/** What a generator bends: the ball, for one cloud and for all, and its graph. */
export interface Ball {
  /** N × 3. */
  readonly one: Tensor;
  /** Clouds · N × 3. */
  readonly all: Tensor;
  /** Of the N points. */
  readonly graph: Graph;
  readonly clouds: number;
  /** Clouds whose edges are in memory at once; all where absent, as it is without training. */
  readonly atOnce?: number;
}

/** What a pass gives; the intermediate results are for tests. */
export interface Generated {
  /** Clouds · N × 3, in (−1, 1). */
  readonly points: Tensor;
  readonly style: Tensor;
  readonly x1: Tensor;
  readonly x2: Tensor;
  readonly global: Tensor;
}

/** An edge block: the values of a place's edges, weighed by the softmax of their logits; both come from differences to its neighbours. */
function* edgeBlock(tape: Tape, p: Parameters, name: string, x: Tensor, graph: Graph): Block {
  const before = (layer: string) => ({ ...linearOf(p, `${name}.${layer}`), beforeNorm: true });
  const toNorm = (rows: Tensor, norm: string) => ({ rows, norm: batchNormOf(p, `${name}.${norm}`), slope: SLOPE });
  const weights = edgeLinear(tape, x, before("w1"), graph);
  const own = linear(tape, x, { weight: p.get(`${name}.x1.own`), bias: p.get(`${name}.x1.bias`), beforeNorm: true });
  const near = linear(tape, x, { weight: p.get(`${name}.x1.near`) });
  const [w1, values] = yield [toNorm(weights, "nw1"), toNorm(edgeDifferences(tape, near, own, graph), "nx1")];
  const [logits] = yield [toNorm(linear(tape, w1, before("w2")), "nw2")];
  return linear(tape, weighEdges(tape, values, logits, graph), linearOf(p, `${name}.out`), { slope: BLOCK_SLOPE });
}

/**
 * What the tail's first layer makes of the global feature, and of what attention adds to [global, x2]. The gain of the published code is part of o;
 * what the global feature adds to all keys of a cloud changes all products of a query alike, which the softmax takes out again, so it is left out.
 */
function attended(tape: Tape, p: Parameters, global: Tensor, x2: Tensor, clouds: number, ofGlobal: Tensor): Tensor {
  const seen = (name: string) => {
    const offsets = linear(tape, global, { weight: p.get(`${name}.global`) });
    return linear(tape, x2, { weight: p.get(`${name}.point`) }, { offsets });
  };
  const keys = linear(tape, x2, { weight: p.get("attn.phi.point") });
  const found = attend(tape, { queries: seen("attn.theta"), keys, values: seen("attn.g") }, clouds);
  const added = (part: string, offsets: Tensor) => {
    return linear(tape, linear(tape, found, { weight: p.get(`attn.o.${part}`) }), { weight: p.get(`t1.${part}`) }, {
      offsets,
    });
  };
  return added("point", added("global", ofGlobal));
}

/**
 * Bends the ball by each latent. `latents` has a row a cloud, or a row a place; `graphOf` finds the neighbours of the rows of so many clouds in
 * feature space for the second edge block, and for the first one behind a point head.
 */
export function generate(
  tape: Tape,
  parameters: Parameters,
  { one, all, graph, clouds, atOnce = clouds }: Ball,
  latents: Tensor,
  graphOf: (rows: Tensor, clouds: number) => Graph,
): Generated {
  const p = parameters, before = (name: string) => ({ ...linearOf(p, name), beforeNorm: true });
  const lrelu = { slope: SLOPE };

  const secondBlock = (x: Tensor) => {
    if (!tape.training || atOnce >= clouds) return passWhole(tape, edgeBlock(tape, p, "edge2", x, graphOf(x, clouds)));
    const found: GpuBuffer<"u32">[] = []; // by part
    return passInParts(tape, {
      x,
      clouds,
      atOnce,
      parameters: p,
      block(own, x, p, { number, clouds }) {
        const neighbours = found[number] ??= graphOf(x, clouds).neighbours;
        return edgeBlock(own, p, "edge2", x, knownGraph(own, neighbours, x.rows.count));
      },
    });
  };

  const ofLatent = linear(tape, latents, { weight: p.get("head1.latent"), bias: p.get("head1.bias") });
  const head = linear(tape, all, { weight: p.get("head1.point") }, { ...lrelu, offsets: ofLatent });
  const style = linear(tape, head, linearOf(p, "head2"), lrelu);

  const hasHead = p.has("ph1.weight");
  const x0 = hasHead ? linear(tape, linear(tape, one, linearOf(p, "ph1"), lrelu), linearOf(p, "ph2"), lrelu) : one;
  const firstBlock = edgeBlock(tape, p, "edge1", x0, hasHead ? graphOf(x0, 1) : graph);
  const e1 = repeat(tape, passWhole(tape, firstBlock, clouds), clouds);
  const x1 = adain(tape, e1, linear(tape, style, linearOf(p, "ad1.style")), clouds);
  const x2 = adain(tape, secondBlock(x1), linear(tape, style, linearOf(p, "ad2.style")), clouds);

  const g1 = batchNorm(tape, linear(tape, maxPoints(tape, x2, clouds), before("g1")), batchNormOf(p, "ng1"), lrelu);
  const global = batchNorm(tape, linear(tape, g1, before("g2")), batchNormOf(p, "ng2"), lrelu);

  const ofGlobal = linear(tape, global, { weight: p.get("t1.global"), bias: p.get("t1.bias") });
  const offsets = p.has("attn.theta.point") ? attended(tape, p, global, x2, clouds, ofGlobal) : ofGlobal;
  const t1 = linear(tape, x2, { weight: p.get("t1.point") }, { ...lrelu, offsets });
  const t2 = linear(tape, t1, linearOf(p, "t2"), lrelu);
  const points = tanh(tape, linear(tape, t2, linearOf(p, "t3")));
  return { points, style, x1, x2, global };
}

/**
 * Clears the gradient of the first style's β biases, to be called between a training pass and Adam's step: the same number added to all places
 * cancels in the differences and in the norm behind them, so that what arrives there is rounding, which Adam would turn into whole steps.
 */
export function clearDeadGradients(gpu: Gpu, parameters: Parameters): void {
  const { columns, gradient } = parameters.get("ad1.style.bias"), half = columns / 2;
  using zeros = gpu.zeros("f32", half);
  gpu.copy(zeros, gradient!.values, { to: half, length: half });
}
