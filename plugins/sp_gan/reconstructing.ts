/** Generators that give scans the whole shapes that they should have had. @module */
import {
  type Prepared,
  randomStream,
  type Reconstruction,
  type Registration,
  type Run,
  ScanRefused,
  throwIfAborted,
} from "../../core/mod.ts";
import { uploadRows } from "../../kernels/mod.ts";
import { createParameters } from "../../nets/mod.ts";
import { ballNeighbours, fibonacciBall, uploadBall } from "./ball.ts";
import { composed, inverted } from "./common_frame.ts";
import { discriminatorShapes } from "./discriminator.ts";
import { farthestPoints } from "./farthest_points.ts";
import { generatedShapes } from "./generated_shapes.ts";
import { generatorShapes } from "./generator.ts";
import { invert, type Invertible, rankedStarts } from "./inversion.ts";
import type { InversionPreset } from "./inversion_presets.ts";
import { moved, type ProductFrame, surfaceOf, toProduct } from "./normal_shapes.ts";
import type { TrainedGenerator } from "./trained_generator.ts";

/** Latents drawn at random beside those of the normal shapes, for inversions to begin with. */
const DRAWN = 32;

/** Networks ready to be inverted, with the frame of their product. Owns GPU memory. */
export interface ReadyGenerator extends Disposable {
  readonly networks: Invertible;
  readonly frame: ProductFrame;
  /** `N × k` on the host. */
  readonly neighbours: Uint32Array;
}

/** Puts networks on the GPU and computes the shapes that inversions begin with. Waits for the GPU. */
export async function readyGenerator(
  { size, generator, discriminator, latents, frame }: TrainedGenerator & { readonly frame: ProductFrame },
  sigma: number,
  { gpu, seed }: Run,
): Promise<ReadyGenerator> {
  const { latent, k } = size.generator, random = randomStream(seed, "sp-gan/starts");
  using owned = new DisposableStack();
  const parameters = owned.use(createParameters(gpu, generatorShapes(size.generator)));
  parameters.set(generator);
  const judge = discriminator && owned.use(createParameters(gpu, discriminatorShapes(discriminator.widths)));
  judge?.set(discriminator!.values);
  const points = fibonacciBall(size.points), neighbours = ballNeighbours(points, k);
  const ball = owned.use(uploadBall(gpu, points, neighbours, 1));
  const starts = Float32Array.from(
    { length: latents.length + DRAWN * latent },
    (_, i) => latents[i] ?? sigma * random.normal(),
  );
  const shapes = await generatedShapes(gpu, parameters, { ball, latent, k }, starts);
  const flat = new Float32Array(shapes.length * 3 * size.points);
  shapes.forEach((shape, i) => flat.set(shape, i * shape.length));
  const startShapes = owned.use(uploadRows(gpu, flat, 3)), kept = owned.move();
  return {
    networks: { generator: parameters, discriminator: judge, latent, k, ball, starts, startShapes },
    frame,
    neighbours,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** The shapes that inversions begin with, each `N × 3` in the unit ball, those of normal shapes first. Waits for the GPU. */
export async function startShapes(
  { networks: { startShapes, ball } }: ReadyGenerator,
  { gpu }: Run,
): Promise<Float32Array[]> {
  const padded = await gpu.read(startShapes.values), points = ball.one.count, { count, stride } = startShapes;
  return Array.from(
    { length: count / points },
    (_, shape) =>
      Float32Array.from(
        { length: 3 * points },
        (_, i) => padded[(shape * points + Math.floor(i / 3)) * stride + i % 3],
      ),
  );
}

/** The shape that a generator gives a scan, in its camera's frame, `N × 3` metres. @throws {ScanRefused} where nothing leads to the product's frame */
export async function wholeShape(
  { networks, frame }: ReadyGenerator,
  scan: Prepared,
  registration: Registration,
  extent: number,
  preset: InversionPreset,
  run: Run,
): Promise<Float32Array> {
  throwIfAborted(run);
  const way = await wayToProduct(frame, registration, run);
  if (!way) {
    throw new ScanRefused(scan.name, "not-registered", "it could not be brought to any scan that the generator knows");
  }
  const { centre, radius } = frame, surface = surfaceOf(scan, extent), wanted = networks.ball.one.count;
  const product = moved(surface, way).map((value, i) => (value - centre[i % 3]) / radius);
  const taken = farthestPoints(product, 3, wanted, 0);
  const observed = Float32Array.from({ length: 3 * wanted }, (_, i) => product[3 * taken[Math.floor(i / 3)] + i % 3]);
  const [{ start }] = await rankedStarts(networks, observed, run), { latent } = networks;
  const begin = networks.starts.slice(start * latent, (start + 1) * latent);
  const { points, pose } = await invert(networks, observed, begin, preset, run);
  const metres = moved(points, inverted(pose)).map((value, i) => value * radius + centre[i % 3]);
  const { axes, origin } = registration.frame;
  const camera = Float64Array.of(
    axes[0],
    axes[3],
    axes[6],
    origin[0],
    axes[1],
    axes[4],
    axes[7],
    origin[1],
    axes[2],
    axes[5],
    axes[8],
    origin[2],
  );
  return moved(metres, composed(camera, inverted(way)));
}

/** The way to the product's frame, by closely fitted normal scans before rough ones. Waits for the GPU. */
async function wayToProduct(frame: ProductFrame, { members, motions, cost, candidates }: Registration, { gpu }: Run) {
  const fine = await gpu.read(motions);
  const close = members.map((member, i) => ({ member, cost, motion: fine.subarray(16 * i, 16 * i + 12) }));
  return toProduct(frame, [...close, ...candidates]);
}

/** Shapes (`N × 3` metres each, in the camera's frame) as a reconstruction, with usual depths where they are known. */
export function reconstructionOf(
  shapes: readonly Float32Array[],
  usual: readonly Float32Array[] | undefined,
  { gpu }: Run,
): Reconstruction {
  const counts = shapes.map((shape) => shape.length / 3), total = counts.reduce((sum, count) => sum + count, 0);
  const padded = new Float32Array(4 * total), depths = new Float32Array(total);
  let first = 0;
  const placed = shapes.map((shape, i) => {
    for (let point = 0; point < counts[i]; point++) {
      padded.set(shape.subarray(3 * point, 3 * point + 3), 4 * (first + point));
    }
    if (usual) depths.set(usual[i], first);
    first += counts[i];
    return { first: first - counts[i], count: counts[i], weight: 1 / shapes.length };
  });
  using owned = new DisposableStack();
  const points = owned.use(gpu.upload("f32", padded)), known = usual && owned.use(gpu.upload("f32", depths));
  const kept = owned.move();
  return { points, shapes: placed, usual: known, [Symbol.dispose]: () => kept.dispose() };
}
