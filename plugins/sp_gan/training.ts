/** Both networks while they learn: one iteration after the other, to be stopped, kept and taken up again at any of them. @module */
import { randomStream, type Run } from "../../core/mod.ts";
import { type Rows, uploadRows } from "../../kernels/mod.ts";
import { Adam, type AdamState, createParameters, type ParameterValues } from "../../nets/mod.ts";
import { ballNeighbours, fibonacciBall, uploadBall } from "./ball.ts";
import { discriminatorShapes } from "./discriminator.ts";
import { generatorShapes } from "./generator.ts";
import { generatedShapes } from "./generated_shapes.ts";
import { initialValues } from "./initial_values.ts";
import { invertedDistance } from "./inverted_distance.ts";
import type { NormalCloud } from "./normal_shapes.ts";
import { averageStep } from "./power_average.ts";
import { reconstructStep } from "./reconstruct_step.ts";
import type { SpGanSize } from "./sizes.ts";
import { trainStep } from "./train_step.ts";
import { cloudsAtOnce } from "./training_memory.ts";

/** How the networks are trained. */
export interface TrainingOptions {
  /** Clouds of a batch. */
  readonly clouds: number;
  /** Learning rate of both networks. */
  readonly rate: number;
  /** Learning rate of the latents of normal shapes. */
  readonly latentRate: number;
  /** Deviation of random latents. */
  readonly sigma: number;
  /** Steps towards the normal shapes themselves, {@linkcode reconstructStep}, between two steps of the adversaries. */
  readonly reconstructions: number;
  /** Whether there are adversaries. */
  readonly adversarial: boolean;
}

/** Means since they were last asked for; null for what there was none of. */
export interface TrainingLosses {
  /** ½ [mean D(G(z))² + mean (D(x) − 1)²]: 0.25 where neither wins. */
  readonly discriminator: number | null;
  /** mean (D(G(z)) − 1)². */
  readonly generator: number | null;
  /** Two-sided mean squared distance of normal shapes to what their latents give, in units of the ball's radius. */
  readonly chamfer: number | null;
}

/**
 * The optimisers: of the generator there are two, one against the discriminator, one towards the normal shapes. Gradients of the two differ by
 * orders of magnitude: with common moments the larger ones make steps along the others small for a hundred steps.
 */
export const optimisers = ["generator", "discriminator", "shapes", "latents"] as const;

/** All that a training goes on from. */
export interface TrainingState {
  readonly iterations: number;
  /** Learning rate of both networks. */
  readonly rate: number;
  readonly generator: ParameterValues;
  readonly discriminator: ParameterValues;
  readonly latents: ParameterValues;
  /** Of the generator over the last steps: what is looked at and kept, as it wanders less than what learns. */
  readonly averageGenerator: ParameterValues;
  /** Of the latents over the same steps. */
  readonly averageLatents: ParameterValues;
  /** Of each optimiser. */
  readonly moments: Readonly<Record<typeof optimisers[number], AdamState>>;
}

/** `count × latent`: the latents of the normal shapes, averaged, where steps towards these taught them; none else. */
export const taughtLatents = ({ averageLatents }: TrainingState, { reconstructions }: TrainingOptions): Float32Array =>
  reconstructions > 0 ? averageLatents.get("latents")! : new Float32Array(0);

/** A training. Owns GPU memory. */
export interface Training extends Disposable {
  /** How many iterations were run. */
  readonly iterations: number;
  /** Runs one; nothing is read back. */
  iterate(): void;
  /** What the losses were. Waits for the GPU. */
  losses(): Promise<TrainingLosses>;
  /**
   * Mean distance of shapes to what the averaged generator gives for them, in the unit ball ({@linkcode invertedDistance}): latents begin at those of
   * the normal shapes, where they are learned, and at these (`count × latent`). Waits for the GPU.
   */
  invertedTo(shapes: readonly Float32Array[], starts: Float32Array): Promise<number>;
  /**
   * Shapes that the averaged generator makes of latents (`count × latent`) as inversion sees them, with running statistics; each `points × 3`.
   * Waits for the GPU.
   */
  shapesOf(latents: Float32Array): Promise<Float32Array[]>;
  /** Everything. Waits for the GPU. */
  state(): Promise<TrainingState>;
  /** Goes on from there. @throws {ShapeMismatch} for a state of other networks */
  restore(state: TrainingState): void;
}

const BETAS = { beta1: 0.5, beta2: 0.99 }, LATENT_BETAS = { beta1: 0.9, beta2: 0.99 };

/** Networks with initial values of the run's seed, and all clouds on the host. */
export function createTraining(
  clouds: readonly NormalCloud[],
  size: SpGanSize,
  options: TrainingOptions,
  run: Run,
): Training {
  const { gpu, seed } = run, { latent, k } = size.generator;
  using owned = new DisposableStack();
  const made = (name: string, shapes: ReturnType<typeof generatorShapes>) => {
    const parameters = owned.use(createParameters(gpu, shapes));
    parameters.set(initialValues(shapes, randomStream(seed, `sp-gan/${name}`)));
    return { parameters, adam: owned.use(new Adam(gpu, parameters)) };
  };
  const shapesOfGenerator = generatorShapes(size.generator);
  const shapesOfLatents = [{ name: "latents", rows: clouds.length, columns: latent }];
  const generator = made("generator", shapesOfGenerator);
  const discriminator = made("discriminator", discriminatorShapes(size.discriminator));
  const latents = made("latents", shapesOfLatents);
  const averages = {
    generator: owned.use(createParameters(gpu, shapesOfGenerator)),
    latents: owned.use(createParameters(gpu, shapesOfLatents)),
  };
  const random = randomStream(seed, "sp-gan/latents");
  latents.parameters.set(
    new Map([[
      "latents",
      Float32Array.from({ length: clouds.length * latent }, () => options.sigma * random.normal()),
    ]]),
  );
  const shapesAdam = owned.use(new Adam(gpu, generator.parameters));
  const adams = {
    generator: generator.adam,
    discriminator: discriminator.adam,
    shapes: shapesAdam,
    latents: latents.adam,
  };
  const points = fibonacciBall(size.points);
  const neighbours = ballNeighbours(points, k), { bindingBytes } = gpu.limits;
  const atOnce = cloudsAtOnce(size, options.clouds, { memoryBytes: run.memoryBytes, bindingBytes });
  if (atOnce < options.clouds) {
    run.log.info(
      `the edges of ${atOnce} of ${options.clouds} clouds are in memory at once: more memory makes steps faster`,
    );
  }
  const ball = owned.use(uploadBall(gpu, points, neighbours, options.clouds, atOnce));
  const looked = owned.use(uploadBall(gpu, points, neighbours, atOnce));
  const kept = owned.move();
  let iterations = 0, rate = options.rate, counted = { adversarial: 0, reconstructed: 0 };
  let losses = gpu.zeros("f32", 3);

  return {
    get iterations() {
      return iterations;
    },

    iterate() {
      let step = iterations * (options.reconstructions + (options.adversarial ? 1 : 0));
      const random = randomStream(seed, `sp-gan/iteration/${iterations++}`);
      const average = () => {
        step++;
        averageStep(gpu, averages.generator, generator.parameters, step);
        averageStep(gpu, averages.latents, latents.parameters, step);
      };
      const latentRows = () =>
        uploadRows(
          gpu,
          Float32Array.from({ length: options.clouds * latent }, () => options.sigma * random.normal()),
          latent,
        );
      const { latentRate } = options;
      for (let i = 0; i < options.reconstructions; i++) {
        const shapes = picks(clouds.length, options.clouds, random);
        using real = batchOf(shapes, clouds, random, run);
        reconstructStep(
          gpu,
          {
            generator: generator.parameters,
            generatorAdam: shapesAdam,
            latents: latents.parameters,
            latentsAdam: latents.adam,
            k,
            ball,
            real,
            shapes,
            losses,
            at: 2,
          },
          { rate, ...BETAS },
          { rate: latentRate, ...LATENT_BETAS },
        );
        average();
        counted.reconstructed++;
      }
      if (!options.adversarial) return;
      using real = batchOf(picks(clouds.length, options.clouds, random), clouds, random, run);
      using first = latentRows(), second = latentRows();
      const nets = {
        generator: generator.parameters,
        generatorAdam: generator.adam,
        discriminator: discriminator.parameters,
        discriminatorAdam: discriminator.adam,
        k,
      };
      trainStep(gpu, nets, { ball, real, latents: [first, second], losses }, {
        rate,
        ...BETAS,
      });
      average();
      counted.adversarial++;
    },

    async losses() {
      using before = losses;
      const { adversarial, reconstructed } = counted;
      losses = gpu.zeros("f32", 3);
      counted = { adversarial: 0, reconstructed: 0 };
      const [d, g, chamfer] = await gpu.read(before),
        mean = (sum: number, count: number) => count > 0 ? sum / count : null;
      return {
        discriminator: mean(d, adversarial),
        generator: mean(g, adversarial),
        chamfer: mean(chamfer, reconstructed),
      };
    },

    async invertedTo(shapes, drawn) {
      const own = options.reconstructions > 0 ? (await averages.latents.read()).get("latents")! : [];
      const starts = Float32Array.from([...own, ...drawn]);
      return await invertedDistance(gpu, { generator: averages.generator, ball: looked, latent, k, starts }, shapes);
    },

    shapesOf: (values) => generatedShapes(gpu, averages.generator, { ball: looked, latent, k }, values),

    async state() {
      return {
        iterations,
        rate,
        generator: await generator.parameters.read(),
        discriminator: await discriminator.parameters.read(),
        latents: await latents.parameters.read(),
        averageGenerator: await averages.generator.read(),
        averageLatents: await averages.latents.read(),
        moments: {
          generator: await adams.generator.read(),
          discriminator: await adams.discriminator.read(),
          shapes: await adams.shapes.read(),
          latents: await adams.latents.read(),
        },
      };
    },

    restore(state) {
      for (
        const [name, net] of [["generator", generator], ["discriminator", discriminator], ["latents", latents]] as const
      ) {
        net.parameters.set(state[name]);
      }
      averages.generator.set(state.averageGenerator);
      averages.latents.set(state.averageLatents);
      for (const name of optimisers) adams[name].set(state.moments[name]);
      iterations = state.iterations;
      rate = state.rate;
    },

    [Symbol.dispose]() {
      losses[Symbol.dispose]();
      kept.dispose();
    },
  };
}

/** So many different numbers below `count`; each once more where there are fewer. */
function picks(count: number, wanted: number, random: ReturnType<typeof randomStream>): number[] {
  const numbers = random.shuffle(Array.from({ length: count }, (_, i) => i));
  return Array.from({ length: wanted }, (_, i) => numbers[i % count]);
}

/** A sample of each of these shapes. */
function batchOf(
  shapes: readonly number[],
  clouds: readonly NormalCloud[],
  random: ReturnType<typeof randomStream>,
  { gpu }: Run,
): Rows {
  const samples = shapes.map((shape) => clouds[shape].samples[random.integer(clouds[shape].samples.length)]);
  const values = new Float32Array(samples.length * samples[0].length);
  samples.forEach((sample, i) => values.set(sample, i * sample.length));
  return uploadRows(gpu, values, 3);
}
