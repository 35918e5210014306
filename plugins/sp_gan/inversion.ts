/** A generator fitted to a scan: the whole normal shape that explains what of it there is. @module */
import { type Run, throwIfAborted } from "../../core/mod.ts";
import { type GpuBuffer, nearestPoints, type Rows, uploadRows } from "../../kernels/mod.ts";
import { Adam, createParameters, featureGraph, type Parameters, Tape } from "../../nets/mod.ts";
import type { BallRows } from "./ball.ts";
import { composed } from "./common_frame.ts";
import { inversionGradients, scanScore, shapeOf } from "./inversion_step.ts";
import type { InversionPreset } from "./inversion_presets.ts";
import { moved } from "./normal_shapes.ts";
import { layOnShape, TRIM } from "./scan_on_shape.ts";

/** Networks on the GPU, ready to be inverted. */
export interface Invertible {
  readonly generator: Parameters;
  readonly discriminator?: Parameters;
  readonly latent: number;
  readonly k: number;
  /** For one cloud. */
  readonly ball: BallRows;
  /** `count × latent` on the host: where inversions may begin. */
  readonly starts: Float32Array;
  /** Their shapes, `count · N × 3`. */
  readonly startShapes: Rows;
}

/**
 * Numbers of the starts by how well their shapes cover the scan (`T × 3`, unit ball), the best first, and the root mean square distance of each.
 * One-sided: what the scan lacks does not count. Waits for the GPU.
 */
export async function rankedStarts(
  { starts, startShapes, latent }: Pick<Invertible, "starts" | "startShapes" | "latent">,
  scan: Float32Array,
  { gpu }: Run,
): Promise<{ readonly start: number; readonly cost: number }[]> {
  const count = starts.length / latent, points = scan.length / 3, copies = new Float32Array(count * scan.length);
  for (let i = 0; i < count; i++) copies.set(scan, i * scan.length);
  using queries = uploadRows(gpu, copies, 3);
  using near = nearestPoints(gpu, { queries, points: startShapes, clouds: count, k: 1 });
  const squares = await gpu.read(near.squared), kept = Math.max(1, Math.ceil((1 - TRIM) * points));
  return Array.from({ length: count }, (_, start) => {
    const own = squares.slice(start * points, (start + 1) * points).sort();
    return { start, cost: Math.sqrt(own.subarray(0, kept).reduce((sum, value) => sum + value, 0) / kept) };
  }).sort((a, b) => a.cost - b.cost || a.start - b.start);
}

/** What an inversion found. */
export interface Inverted {
  /** `N × 3` in the unit ball. */
  readonly points: Float32Array;
  /** The latent that it ended with. */
  readonly latent: Float32Array;
  /** How the scan was moved to lie on the shape, in the unit ball. */
  readonly pose: Float64Array;
  /** Steps that were taken. */
  readonly steps: number;
}

/** Steps between two looks, at which the scan is laid on the shape anew and a stage without progress ends. */
const LOOK = 10;

/** Steps of ICP at a look. */
const POSE_STEPS = 3;

/** Share by which the distance has to fall from a look to the next for a stage to go on. */
const PROGRESS = 0.01;

/**
 * Moves latent, weights and the scan's pose, from the start on, by the preset's stages; the networks' own weights stay as they were. Waits for
 * the GPU at the end, and every ten steps where the preset looks at what it does. @throws {RunAborted}
 */
export async function invert(
  networks: Invertible,
  scan: Float32Array,
  start: Float32Array,
  preset: InversionPreset,
  run: Run,
): Promise<Inverted> {
  const { generator, discriminator, latent, k, ball } = networks,
    { terms, stages, latents: each, pose: moves } = preset;
  const { gpu } = run, rows = each === "place" ? ball.one.count : 1;
  using owned = new DisposableStack();
  const latents = owned.use(createParameters(gpu, [{ name: "latents", rows, columns: latent }]));
  latents.set(new Map([["latents", Float32Array.from({ length: rows * latent }, (_, i) => start[i % start.length])]]));
  const latentAdam = owned.use(new Adam(gpu, latents)), movesWeights = stages.some(({ weightRate }) => weightRate > 0);
  const before = movesWeights ? owned.use(copyOf(gpu, generator.values)) : undefined;
  const weightAdam = movesWeights ? owned.use(new Adam(gpu, generator)) : undefined;
  const moving = movesWeights ? generator : generator.frozen();
  let pose: Float64Array = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
    target = uploadRows(gpu, scan, 3),
    taken = 0;
  try {
    const goal = !terms.score || terms.score.goal === "one" || !discriminator
      ? 1
      : await scanScore(gpu, discriminator, target);
    for (const { iterations, latentRate, weightRate } of stages) {
      let last = Infinity;
      for (let i = 0; i < iterations; i += LOOK) {
        if (moves) {
          const scans = moved(scan, pose), shapes = await shapeNow(networks, latents, run);
          pose = composed(await layOnShape(gpu, { scans, shapes }, POSE_STEPS), pose);
          target[Symbol.dispose]();
          target = uploadRows(gpu, moved(scan, pose), 3);
        }
        using losses = gpu.zeros("f32", 3);
        const steps = Math.min(LOOK, iterations - i);
        for (let step = 0; step < steps; step++) {
          throwIfAborted(run);
          const input = { generator: moving, discriminator, latents, k, ball, scan: target, losses };
          inversionGradients(gpu, input, terms, goal);
          latentAdam.step({ rate: latentRate, beta1: 0, beta2: 0.99 });
          weightAdam?.step({ rate: weightRate, beta1: 0.5, beta2: 0.99 });
          gpu.submit();
        }
        taken += steps;
        if (!preset.stopsEarly) continue;
        const [toScan, toShape] = await gpu.read(losses), mean = (toScan + toShape) / steps;
        if (mean > (1 - PROGRESS) * last) break;
        last = mean;
      }
    }
    const points = await shapeNow(networks, latents, run);
    return { points, latent: (await latents.read()).get("latents")!, pose, steps: taken };
  } finally {
    target[Symbol.dispose]();
    if (before) gpu.copy(before, generator.values);
  }
}

/** The shape of the latents, `N × 3`. Waits for the GPU. */
async function shapeNow({ generator, ball, k }: Invertible, latents: Parameters, { gpu }: Run): Promise<Float32Array> {
  using tape = new Tape(gpu, false);
  const z = tape.constant(latents.get("latents").value);
  const { rows: { values, count, stride } } = shapeOf(
    tape,
    generator.frozen(),
    ball,
    z,
    (x) => featureGraph(tape, x, 1, k),
  );
  const padded = await gpu.read(values);
  return Float32Array.from({ length: 3 * count }, (_, i) => padded[Math.floor(i / 3) * stride + i % 3]);
}

function copyOf(gpu: Run["gpu"], buffer: GpuBuffer<"f32">): GpuBuffer<"f32"> {
  const copy = gpu.buffer("f32", buffer.length);
  gpu.copy(buffer, copy);
  return copy;
}
