/** Both networks at the published size, with weights made from a hash, against the golden values. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { featureNeighbours, type Gpu, PART_STEP, type Rows } from "../../kernels/mod.ts";
import {
  createParameters,
  knownGraph,
  type Parameters,
  type ParameterShape,
  Tape,
  type Tensor,
} from "../../nets/mod.ts";
import { goldenArray, goldenIsThere, placesOf } from "../../tests/golden_arrays.ts";
import { rowsOf } from "../../tests/golden_networks.ts";
import { valuesOf } from "../../tests/norm_reference.ts";
import { gpuTest } from "../../testing/mod.ts";
import { ballNeighbours, ballOn, fibonacciBall, uploadBall } from "./ball.ts";
import { discriminate, discriminatorShapes } from "./discriminator.ts";
import { generate, generatorShapes } from "./generator.ts";
import {
  discriminatorNames,
  generatorNames,
  importDiscriminator,
  importGenerator,
  type PublishedTensor,
} from "./published_weights.ts";
import { paperSize } from "./sizes.ts";

const ignore = !goldenIsThere;

const golden = (name: string) => goldenArray(`paper_size/${name}`);

/** The hash h(i, l) as an unsigned number. */
function hashOf(i: number, l: number): number {
  let a = (Math.imul(i, 0x9e3779b1) + Math.imul(l, 0x85ebca77) + 0x27d4eb2f) | 0;
  a = Math.imul(a ^ a >>> 16, 0x7feb352d);
  a = Math.imul(a ^ a >>> 15, 0x846ca68b);
  return (a ^ a >>> 16) >>> 0;
}

/** fround(offset + scale · u(i, l)) for i from 0, u uniform in [−1, 1). */
const hashed = (length: number, l: number, scale: number, offset: (i: number) => number = () => 0) =>
  Float32Array.from({ length }, (_, i) => offset(i) + scale * (hashOf(i, l) / 2 ** 32 * 2 - 1));

/** Layers in the order of the golden tables: a product's shape of weights, or a norm's width. */
type Layers = readonly (readonly [name: string, shape: readonly number[]])[];

const edgeLayers = (name: string, inputs: number, outputs: number): Layers => [
  [`${name}.w1`, [outputs / 2, inputs, 1, 1]],
  [`${name}.nw1`, [outputs / 2]],
  [`${name}.w2`, [outputs, outputs / 2, 1, 1]],
  [`${name}.nw2`, [outputs]],
  [`${name}.x1`, [outputs, 2 * inputs, 1, 1]],
  [`${name}.nx1`, [outputs]],
  [`${name}.out`, [outputs, outputs, 1, 10]],
];

const generatorLayers: Layers = [
  ["head1", [128, 131, 1]],
  ["head2", [128, 128, 1]],
  ...edgeLayers("edge1", 3, 64),
  ["ad1.style", [128, 128, 1]],
  ...edgeLayers("edge2", 64, 128),
  ["ad2.style", [256, 128, 1]],
  ["g1", [128, 128]],
  ["ng1", [128]],
  ["g2", [512, 128]],
  ["ng2", [512]],
  ["t1", [256, 640, 1]],
  ["t2", [64, 256, 1]],
  ["t3", [3, 64, 1]],
];

const discriminatorLayers: Layers = [
  ...[3, 64, 128, 256].flatMap((inputs, i, all): Layers => [
    [`c${i + 1}`, [all[i + 1] ?? 1024, inputs, 1]],
    [`n${i + 1}`, [all[i + 1] ?? 1024]],
  ]),
  ["m1", [512, 1024]],
  ["m2", [256, 512]],
  ["m3", [64, 256]],
  ["m4", [1, 64]],
];

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Published tensors of the layers: first all weights and biases, then all running values, whose numbers go on counting. */
function hashedTensors(layers: Layers, first: number, names: Readonly<Record<string, string>>) {
  const theirs = new Map(Object.entries(names).map(([published, ours]) => [ours, published]));
  const tensors = new Map<string, PublishedTensor>();
  let l = first;
  const put = (name: string, shape: readonly number[], scale: number, offset?: (i: number) => number) => {
    const at = name.lastIndexOf(".");
    tensors.set(`${theirs.get(name.slice(0, at))}${name.slice(at)}`, {
      shape,
      values: hashed(sizeOf(shape), l++, scale, offset),
    });
  };
  for (const [name, shape] of layers) {
    const isStyle = name.endsWith(".style"), [outputs] = shape, scale = 1 / Math.sqrt(sizeOf(shape) / outputs);
    if (shape.length === 1) {
      put(`${name}.weight`, shape, 0.2, () => 1);
      put(`${name}.bias`, shape, 0.2);
    } else {
      put(`${name}.weight`, shape, isStyle ? 0.5 : scale);
      put(`${name}.bias`, [outputs], isStyle ? 0.1 : scale, (i) => isStyle && i < outputs / 2 ? 1 : 0);
    }
  }
  for (const [name, shape] of layers.filter(([, shape]) => shape.length === 1)) {
    put(`${name}.running_mean`, shape, 0.2);
    put(`${name}.running_var`, shape, 0.5, () => 1);
  }
  return tensors;
}

function uploadParameters(gpu: Gpu, shapes: readonly ParameterShape[], values: ReadonlyMap<string, Float32Array>) {
  const parameters = createParameters(gpu, shapes);
  parameters.set(values);
  return parameters;
}

function hashedGenerator(gpu: Gpu): Parameters {
  const { widths, values } = importGenerator(hashedTensors(generatorLayers, 1, generatorNames));
  deepEqual(widths, paperSize.generator);
  return uploadParameters(gpu, generatorShapes(widths), values);
}

function hashedDiscriminator(gpu: Gpu): Parameters {
  const { widths, values } = importDiscriminator(hashedTensors(discriminatorLayers, 101, discriminatorNames));
  deepEqual(widths, paperSize.discriminator);
  return uploadParameters(gpu, discriminatorShapes(widths), values);
}

/** What is stored of an array: 16 elements, mean, L2 norm. `first` tells the place of element i in our rows. */
interface Sampled {
  readonly values: ArrayLike<number>;
  readonly first: (i: number) => number;
}

const rowMajor = (values: ArrayLike<number>): Sampled => ({ values, first: (i) => i });
/** Rows of a channel-major array: its first elements are those of the first column. */
const channelMajor = (values: ArrayLike<number>, columns: number): Sampled => ({ values, first: (i) => i * columns });

const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
const normOf = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0));
const largestOf = (values: ArrayLike<number>) => Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

/** Elements and mean relative to the array's largest value, the norm to itself. */
function check(name: string, { values, first }: Sampled, tolerance: number, normTolerance = tolerance): void {
  const want = golden(name).values, largest = largestOf(values);
  equal(want.length, 18, name);
  let error = Math.abs(meanOf(values) - want[16]) / largest;
  for (let i = 0; i < 16; i++) error = Math.max(error, Math.abs(values[first(i)] - want[i]) / largest);
  const normError = Math.abs(normOf(values) / want[17] - 1);
  ok(error <= tolerance, `${name}: ${error}`);
  ok(normError <= normTolerance, `${name}: its norm is off by ${normError}`);
}

/** Parameters that a batch norm behind them takes out again while training, whose golden gradients are rounding dust. */
const isDead = (name: string) => /^(edge[12]\.(w1|w2|x1)|g[12]|c[1-4])\.bias$/.test(name);

/** Norms of the gradients of the published parameters, some of which are two of ours. */
async function checkGradients(
  gpu: Gpu,
  parameters: Parameters,
  layers: Layers,
  { of, tolerance, training }: { of: string; tolerance: number; training: boolean },
) {
  const squares = new Map<string, number>(), padded = await gpu.read(parameters.gradients);
  let at = 0;
  for (const { name, rows, value: { stride } } of parameters.all) {
    const published = name.replace(/(own|near|point|latent|global)$/, "weight"), end = at + rows * stride;
    const square = padded.subarray(at, end).reduce((sum, v) => sum + v * v, 0);
    squares.set(published, (squares.get(published) ?? 0) + square);
    at += Math.ceil(rows * stride / PART_STEP) * PART_STEP;
  }
  const want = golden(`${of}_grad_norms`).values;
  const inOrder = layers.flatMap(([layer]) => [`${layer}.weight`, `${layer}.bias`]);
  equal(want.length, inOrder.length);
  inOrder.forEach((parameter, i) => {
    const got = Math.sqrt(squares.get(parameter)!);
    if (training && isDead(parameter)) return equal(got, 0, `${parameter} has a gradient`);
    const error = Math.abs(got / want[i] - 1);
    ok(error <= tolerance, `${parameter}: the gradient's norm is off by ${error}`);
  });
}

/** A tape that shows what a pass puts on it. */
class OpenTape extends Tape {
  readonly results: Tensor[] = [];
  override result(rows: Rows, wanted: boolean, back: (upstream: Rows) => void): Tensor {
    const result = super.result(rows, wanted, back);
    this.results.push(result);
    return result;
  }
}

const sameSize = (a: Tensor, b: Tensor) => a.rows.count === b.rows.count && a.rows.columns === b.rows.columns;

Deno.test({
  name: "the hash is that of the golden weights, and the ball's graph the golden one",
  ignore,
  fn: () => {
    deepEqual(Array.from({ length: 8 }, (_, i) => hashOf(i, 1)), [
      2262032779,
      3995934775,
      2116484268,
      3512261049,
      323430377,
      3556483052,
      1837812976,
      1869885816,
    ]);
    deepEqual(Array.from(hashed(8, 1, 1)), Array.from(golden("hash_first8_layer1").values));
    for (const places of [2048, 4096]) {
      deepEqual(Array.from(ballNeighbours(fibonacciBall(places), 10)), Array.from(golden(`idx1_${places}`).values));
    }
  },
});

const { latent, k } = paperSize.generator;

interface GeneratorCase {
  readonly name: string;
  readonly clouds: number;
  readonly places: number;
  /** Number and scale of the latents' hash, how many there are. */
  readonly latents: readonly [l: number, scale: number, count: number];
  /** Each place gets its latent's copy, so that gradients arrive place by place as they are stored; the networks' own way has a row a cloud. */
  readonly copied: boolean;
  /** Tolerances: of the output and what stands before the second graph, of what that graph leads to, of gradients' norms. */
  readonly out: number;
  readonly x2: number;
  readonly norms: number;
  /** Least share of rows of our own second graph that are as in the golden one, which the pass itself takes. */
  readonly sameGraph: number;
}

const shared = { name: "g_eval_4096", clouds: 1, places: 4096, latents: [210, 0.2 * Math.sqrt(3), 1] } as const;
const evaluated = { out: 2e-5, x2: 4e-5, norms: 5e-3, sameGraph: 0.99 };
const trained = { name: "g_train_2048", clouds: 4, places: 2048, latents: [212, 2 * Math.sqrt(3), 4] } as const;
const training = { out: 5e-5, x2: 4e-5, norms: 1e-2, sameGraph: 0.97 };
const pointz = { name: "g_eval_4096_pointz", clouds: 1, places: 4096 } as const;

const cases: readonly GeneratorCase[] = [
  { ...shared, ...evaluated, copied: false },
  { ...shared, ...evaluated, copied: true },
  { ...pointz, latents: [211, 0.2 * Math.sqrt(3), 4096], ...evaluated, norms: 2e-2, copied: false },
  { ...trained, ...training, copied: false },
  { ...trained, ...training, copied: true },
];

for (const { name, clouds, places, latents: [l, scale, count], copied, out, x2, norms, sameGraph } of cases) {
  const way = copied ? ", a copy of the latent at each place" : "";
  gpuTest(`generate() of the paper's size equals golden ${name}${way}`, async (gpu) => {
    using parameters = hashedGenerator(gpu);
    const isTraining = name.includes("train"), rows = clouds * places;
    const made = hashed(count * latent, l, scale), given = copied ? rows : count, each = given / count;
    const values = Float32Array.from({ length: given * latent }, (_, i) => {
      return made[Math.floor(i / latent / each) * latent + i % latent];
    });
    const first = Uint32Array.from(Array.from(golden(`idx1_${places}`).values));
    const second = Uint32Array.from(Array.from(golden(`${name}_idx2`).values), (j, i) => {
      return Math.floor(i / (places * k)) * places + j;
    });
    using ball = uploadBall(gpu, fibonacciBall(places), first, clouds),
      latentRows = rowsOf(gpu, { values, columns: latent });
    using neighbours = gpu.upload("u32", second), tape = new OpenTape(gpu, isTraining);
    const latents = tape.input(latentRows);
    const { points, style, x1, x2: bent, global } = generate(
      tape,
      parameters,
      ballOn(tape, ball),
      latents,
      () => knownGraph(tape, neighbours, rows),
    );

    // What adain() norms stands before its result, bent by 0.2 already; the maximum over places stands right behind x2.
    const { results } = tape,
      before = (x: Tensor) => {
        return results.slice(0, results.indexOf(x)).findLast((result) => sameSize(result, x))!;
      };
    const unbent = (values: Float64Array) => values.map((v) => v > 0 ? v : v / 0.2);
    const e1 = before(x1), e2 = before(bent), largest = results[results.indexOf(bent) + 1];
    const read = async ({ rows }: Tensor, turn = (values: Float64Array) => values) =>
      channelMajor(turn(await valuesOf(gpu, rows)), rows.columns);
    check(`${name}_style`, await read(style), out);
    check(`${name}_e1`, await read(e1, unbent), out);
    check(`${name}_x1`, await read(x1), out);
    check(`${name}_e2`, await read(e2, unbent), x2);
    check(`${name}_x2`, await read(bent), x2);
    check(`${name}_gmax`, rowMajor(await valuesOf(gpu, largest.rows)), x2);
    check(`${name}_glob`, rowMajor(await valuesOf(gpu, global.rows)), out);
    check(`${name}_out`, await read(points), out);

    using own = featureNeighbours(gpu, { rows: x1.rows, clouds, k });
    const found = await gpu.read(own);
    let same = 0;
    for (let i = 0; i < rows; i++) {
      same += found.subarray(i * k, (i + 1) * k).every((j, m) => j === second[i * k + m]) ? 1 : 0;
    }
    ok(same >= sameGraph * rows, `${rows - same} of ${rows} rows of the second graph are others`);

    const up = { shape: [clouds, 3, places], values: hashed(3 * rows, 220, 1) };
    tape.flow(points, rowsOf(gpu, placesOf(up)));
    tape.backward();
    await checkGradients(gpu, parameters, generatorLayers, { of: name, tolerance: norms, training: isTraining });
    const ofLatents = await valuesOf(gpu, tape.gradientOf(latents)!);
    if (given === rows) check(`${name}_grad_z`, rowMajor(ofLatents), 5e-2, 5e-3);
    else { // the sum over places, of which the mean alone is stored
      const mean = golden(`${name}_grad_z`).values[16] * places, largest = largestOf(ofLatents);
      ok(Math.abs(meanOf(ofLatents) - mean) <= norms * largest, `latents: ${meanOf(ofLatents)} and ${mean}`);
    }
  }, { ignore });
}

for (
  const { name, clouds, places, points: [l, scales], out, ofPoints, norms } of [
    { name: "d_eval_4096", clouds: 1, places: 4096, points: [213, [0.6]], out: 2e-6, ofPoints: 6e-6, norms: 1e-5 },
    {
      name: "d_train_2048",
      clouds: 4,
      places: 2048,
      points: [214, [0.3, 0.5, 0.7, 0.9]],
      out: 1e-5,
      ofPoints: 1e-3,
      norms: 5e-5,
    },
  ] as const
) {
  gpuTest(`discriminate() of the paper's size equals golden ${name}`, async (gpu) => {
    using parameters = hashedDiscriminator(gpu);
    const training = name.includes("train"), each = 3 * places;
    const values = Float32Array.from({ length: clouds * each }, (_, i) => {
      return scales[Math.floor(i / each)] * (hashOf(i, l) / 2 ** 32 * 2 - 1);
    });
    using rows = rowsOf(gpu, placesOf({ shape: [clouds, 3, places], values })), tape = new Tape(gpu, training);
    const points = tape.input(rows), { scores, feature } = discriminate(tape, parameters, points, clouds);
    check(`${name}_feature`, rowMajor(await valuesOf(gpu, feature.rows)), out);
    const got = await valuesOf(gpu, scores.rows), want = golden(`${name}_score`).values;
    const error = largestOf(got.map((score, i) => score - want[i])) / largestOf(want);
    ok(error <= out, `score: ${error}`);
    tape.flow(scores, rowsOf(gpu, { values: hashed(clouds, 221, 1), columns: 1 }));
    tape.backward();
    await checkGradients(gpu, parameters, discriminatorLayers, { of: name, tolerance: norms, training });
    check(`${name}_grad_points`, channelMajor(await valuesOf(gpu, tape.gradientOf(points)!), 3), ofPoints);
  }, { ignore });
}
