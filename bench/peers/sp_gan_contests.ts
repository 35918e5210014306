/**
 * Iterations of SP-GAN's training and steps of its inversion, against PyTorch in the published form and in one that selects neighbours. @module
 *
 * Both sides start from the same weights and go on from step to step with the same latents, so their losses stay alike for the few steps.
 */
import { randomStream } from "../../core/mod.ts";
import { readSafetensors, type SafeTensor } from "../../formats/mod.ts";
import { type Gpu, uploadRows } from "../../kernels/mod.ts";
import { Adam, createParameters } from "../../nets/mod.ts";
import { ballNeighbours, type BallRows, fibonacciBall, uploadBall } from "../../plugins/sp_gan/ball.ts";
import { discriminatorShapes } from "../../plugins/sp_gan/discriminator.ts";
import { generatorShapes } from "../../plugins/sp_gan/generator.ts";
import { inversionPresets } from "../../plugins/sp_gan/inversion_presets.ts";
import { inversionGradients } from "../../plugins/sp_gan/inversion_step.ts";
import {
  discriminatorNames,
  generatorNames,
  importDiscriminator,
  importGenerator,
} from "../../plugins/sp_gan/published_weights.ts";
import { type Adversaries, trainStep } from "../../plugins/sp_gan/train_step.ts";
import type { Contest } from "./contest.ts";
import type { Peer } from "./peer_process.ts";

/** What is trained. */
interface Size {
  readonly widths: "paper" | "small";
  readonly clouds: number;
  readonly points: number;
}

const SIZES: readonly Size[] = [
  { widths: "paper", clouds: 4, points: 2048 },
  { widths: "small", clouds: 8, points: 1024 },
];

/** Points of the generator and of the scan in an inversion. */
const PLACES = 4096, SCAN = 16_384;

/** Counted steps of each contest. */
const STEPS = 3;

/**
 * Spread of latents: as published, and wider. Clouds that hardly differ give the batch norm of the global feature next to no variance, which
 * makes rounding grow (in two iterations to several percent of L_G, float32 of PyTorch against its float64).
 */
const NARROW = 0.2, WIDE = 2;

/** All contests. Files go into `folder`; nothing where the peer cannot make weights, which is said on stderr. */
export async function spGanContests(folder: string, gpu: Gpu, peer: Peer): Promise<(Contest & Disposable)[]> {
  const contests: (Contest & Disposable)[] = [];
  for (const size of SIZES) {
    const own = `${folder}/${size.widths}`;
    await Deno.mkdir(own);
    const made = await peer.ask({ task: "networks", folder: own, widths: size.widths });
    if ("absent" in made) {
      console.error(`left out: SP-GAN: ${made.absent}`);
      return contests;
    }
    for (const select of [0, 1]) {
      contests.push(await trainingContest(own, size, select, gpu));
      if (size.widths === "paper") contests.push(await inversionContest(own, select, gpu));
    }
  }
  return contests;
}

const nameOf = (work: string, select: number) => select ? `${work}, the peer selects neighbours` : work;

async function trainingContest(
  folder: string,
  { widths, clouds, points }: Size,
  select: number,
  gpu: Gpu,
): Promise<Contest & Disposable> {
  using owned = new DisposableStack();
  const start = await startOf(folder, points, clouds, gpu), { nets, ball, latent } = owned.use(start);
  const real = Float32Array.from({ length: 3 * clouds * points }, (_, i) => { // ellipsoids
    return start.points[i % (3 * points)] * (0.3 + 0.2 * ((Math.floor(i / (3 * points)) + i) % 3));
  });
  const realFile = await write(`${folder}/real.f32`, real);
  const latents = Array.from({ length: STEPS }, (_, step) => normal(2 * clouds * latent, WIDE, `training ${step}`));
  const files = await Promise.all(latents.map((values, step) => write(`${folder}/latents-${step}.f32`, values)));
  const ours = async (step: number) => {
    using shapes = uploadRows(gpu, real, 3);
    using first = uploadRows(gpu, latents[step].subarray(0, clouds * latent), latent);
    using second = uploadRows(gpu, latents[step].subarray(clouds * latent), latent), losses = gpu.zeros("f32", 2);
    const batch = { ball, real: shapes, latents: [first, second], losses } as const;
    trainStep(gpu, nets, batch, { rate: 1e-4, beta1: 0.5, beta2: 0.99 });
    const [ofDiscriminator] = await gpu.read(losses);
    return () => ofDiscriminator;
  };
  const kept = owned.move();
  return {
    name: nameOf(`SP-GAN iteration, ${widths} widths, ${clouds} x ${points}`, select),
    target: null,
    repetitions: STEPS,
    peerFactor: 1,
    round: (step) => ({
      ours: () => ours(step),
      task: { task: "training", folder, clouds, real: realFile, latents: files[step], columns: latent, select },
    }),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

async function inversionContest(folder: string, select: number, gpu: Gpu): Promise<Contest & Disposable> {
  using owned = new DisposableStack();
  const { nets, ball, latent } = owned.use(await startOf(folder, PLACES, 1, gpu));
  const { generator, discriminator, generatorAdam, k } = nets;
  const { terms, stages: [{ latentRate, weightRate }] } = inversionPresets.reference;
  const latents = owned.use(createParameters(gpu, [{ name: "latents", rows: PLACES, columns: latent }]));
  const adam = owned.use(new Adam(gpu, latents)), start = normal(PLACES * latent, NARROW, "inversion");
  latents.set(new Map([["latents", start]]));
  const ellipsoid = fibonacciBall(SCAN).map((value, i) => value * [0.9, 0.6, 0.2][i % 3]);
  const points = Float32Array.from(ellipsoid), scan = owned.use(uploadRows(gpu, points, 3));
  const task = {
    task: "inversion",
    folder,
    scan: await write(`${folder}/scan.f32`, points),
    latents: await write(`${folder}/places.f32`, start),
    columns: latent,
    select,
  };
  const ours = async () => {
    using losses = gpu.zeros("f32", 3); // the prior's term is a thousandth of the others: the peer's number has it
    inversionGradients(gpu, { generator, discriminator, latents, k, ball, scan, losses }, terms, 1);
    adam.step({ rate: latentRate, beta1: 0, beta2: 0.99 });
    generatorAdam.step({ rate: weightRate, beta1: 0.5, beta2: 0.99 });
    const found = await gpu.read(losses);
    return () => found.reduce((sum, value) => sum + value, 0);
  };
  const kept = owned.move();
  return {
    name: nameOf(`SP-GAN inversion step, ${PLACES} places, scan of ${SCAN}`, select),
    target: null,
    repetitions: STEPS,
    peerFactor: 1,
    round: () => ({ ours, task }),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Networks as they are before the first step. */
interface Start extends Disposable {
  readonly nets: Adversaries;
  readonly ball: BallRows;
  /** `N × 3`. */
  readonly points: Float64Array;
  /** Length of a latent. */
  readonly latent: number;
}

/** The peer's weights on the GPU. */
async function startOf(folder: string, count: number, clouds: number, gpu: Gpu): Promise<Start> {
  using owned = new DisposableStack();
  const tensors = async (name: string, names: Readonly<Record<string, string>>) =>
    published(readSafetensors(await Deno.readFile(`${folder}/${name}.safetensors`)).tensors, names);
  const { widths, values } = importGenerator(await tensors("generator", generatorNames));
  const judge = importDiscriminator(await tensors("discriminator", discriminatorNames));
  const generator = owned.use(createParameters(gpu, generatorShapes(widths)));
  const discriminator = owned.use(createParameters(gpu, discriminatorShapes(judge.widths)));
  generator.set(values);
  discriminator.set(judge.values);
  const points = fibonacciBall(count);
  const ball = owned.use(uploadBall(gpu, points, ballNeighbours(points, widths.k), clouds));
  const generatorAdam = owned.use(new Adam(gpu, generator)),
    discriminatorAdam = owned.use(new Adam(gpu, discriminator));
  const nets = { generator, discriminator, generatorAdam, discriminatorAdam, k: widths.k }, kept = owned.move();
  return { nets, ball, points, latent: widths.latent, [Symbol.dispose]: () => kept.dispose() };
}

/** The peer's tensors, which have our layers' names, by those of the published code. */
function published(tensors: ReadonlyMap<string, SafeTensor>, names: Readonly<Record<string, string>>) {
  const theirs = new Map(Object.entries(names).map(([published, ours]) => [ours, published]));
  return new Map([...tensors].map(([name, tensor]) => {
    const at = name.lastIndexOf(".");
    return [`${theirs.get(name.slice(0, at))}${name.slice(at)}`, tensor];
  }));
}

function normal(length: number, sigma: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(1, name);
  return Float32Array.from({ length }, () => sigma * random.normal());
}

async function write(file: string, values: Float32Array<ArrayBuffer>): Promise<string> {
  await Deno.writeFile(file, new Uint8Array(values.buffer));
  return file;
}
