/** Shapes of latents, as inversion sees them. @module */
import { type Gpu, uploadRows } from "../../kernels/mod.ts";
import { featureGraph, type Parameters, Tape } from "../../nets/mod.ts";
import { ballOn, type BallRows } from "./ball.ts";
import { generate } from "./generator.ts";

/**
 * Shapes of latents (`count × latent`), each `points × 3` in the unit ball, by running statistics. As many at a time as `ball` is for.
 * Waits for the GPU.
 */
export async function generatedShapes(
  gpu: Gpu,
  generator: Parameters,
  { ball, latent, k }: {
    readonly ball: BallRows;
    readonly latent: number;
    readonly k: number;
  },
  latents: Float32Array,
): Promise<Float32Array[]> {
  const { one, clouds } = ball,
    shapes: Float32Array[] = [],
    count = latents.length / latent,
    frozen = generator.frozen();
  for (let first = 0; first < count; first += clouds) {
    const batch = new Float32Array(clouds * latent); // the last batch is filled up with latents of 0
    batch.set(latents.subarray(first * latent, (first + clouds) * latent));
    using rows = uploadRows(gpu, batch, latent), tape = new Tape(gpu, false);
    const { points } = generate(
      tape,
      frozen,
      ballOn(tape, ball),
      tape.constant(rows),
      (x, clouds) => featureGraph(tape, x, clouds, k),
    );
    const values = await gpu.read(points.rows.values), { stride } = points.rows;
    for (let cloud = 0; cloud < Math.min(clouds, count - first); cloud++) {
      const base = cloud * one.count;
      shapes.push(
        Float32Array.from({ length: 3 * one.count }, (_, i) => values[(base + Math.floor(i / 3)) * stride + i % 3]),
      );
    }
  }
  return shapes;
}
