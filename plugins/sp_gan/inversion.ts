/** A generator fitted to a scan: the whole normal shape that explains what of it there is. @module */
import { type Run, throwIfAborted } from "../../core/mod.ts";
import { type GpuBuffer, nearestPoints, type Rows, uploadRows } from "../../kernels/mod.ts";
import { Adam, createParameters, featureGraph, type Parameters, Tape } from "../../nets/mod.ts";
import type { BallRows } from "./ball.ts";
import { inversionGradients, scanScore, shapeOf } from "./inversion_step.ts";
import type { InversionPreset } from "./inversion_presets.ts";

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

/** Share of the scan's points that may be unlike any normal shape, such as a bump, when starts are compared. */
const TRIM = 0.1;

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
}

/**
 * Moves latent and weights, from the start on, by the preset's stages; the networks' own weights stay as they were. Waits for the GPU at the end.
 * @throws {RunAborted}
 */
export async function invert(
  { generator, discriminator, latent, k, ball }: Invertible,
  scan: Float32Array,
  start: Float32Array,
  { terms, stages, latents: each }: InversionPreset,
  run: Run,
): Promise<Inverted> {
  const { gpu } = run, rows = each === "place" ? ball.one.count : 1;
  using target = uploadRows(gpu, scan, 3), losses = gpu.zeros("f32", 3);
  using latents = createParameters(gpu, [{ name: "latents", rows, columns: latent }]);
  latents.set(new Map([["latents", Float32Array.from({ length: rows * latent }, (_, i) => start[i % start.length])]]));
  using latentAdam = new Adam(gpu, latents);
  const movesWeights = stages.some(({ weightRate }) => weightRate > 0);
  using before = movesWeights ? copyOf(gpu, generator.values) : undefined;
  using weightAdam = movesWeights ? new Adam(gpu, generator) : undefined;
  const goal = !terms.score || terms.score.goal === "one" || !discriminator
    ? 1
    : await scanScore(gpu, discriminator, target);
  const moving = movesWeights ? generator : generator.frozen();
  try {
    for (const { iterations, latentRate, weightRate } of stages) {
      for (let i = 0; i < iterations; i++) {
        throwIfAborted(run);
        inversionGradients(
          gpu,
          { generator: moving, discriminator, latents, k, ball, scan: target, losses },
          terms,
          goal,
        );
        latentAdam.step({ rate: latentRate, beta1: 0, beta2: 0.99 });
        weightAdam?.step({ rate: weightRate, beta1: 0.5, beta2: 0.99 });
        gpu.submit();
      }
    }
    using tape = new Tape(gpu, false);
    const { value } = latents.get("latents");
    const shape = shapeOf(tape, generator.frozen(), ball, tape.constant(value), (x) =>
      featureGraph(tape, x, 1, k)).rows;
    const padded = await gpu.read(shape.values), found = (await latents.read()).get("latents")!;
    const points = Float32Array.from(
      { length: 3 * shape.count },
      (_, i) => padded[Math.floor(i / 3) * shape.stride + i % 3],
    );
    return { points, latent: found };
  } finally {
    if (before) gpu.copy(before, generator.values);
  }
}

function copyOf(gpu: Run["gpu"], buffer: GpuBuffer<"f32">): GpuBuffer<"f32"> {
  const copy = gpu.buffer("f32", buffer.length);
  gpu.copy(buffer, copy);
  return copy;
}
