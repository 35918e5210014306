/** The fitted reconstructor: generators, kept, and inverted. @module */
import {
  type FittedReconstructor,
  gapsAtShapes,
  type ModelFolder,
  type Prepared,
  type Reconstruction,
  type Registration,
  type Run,
  ScanRefused,
  type ScanRegistry,
  type ScanSource,
  throwIfAborted,
} from "../../core/mod.ts";
import { loadKept, saveKept } from "./fitted_tensors.ts";
import { gapStatistics } from "./gap_statistics.ts";
import { inversionOf } from "./inversion_presets.ts";
import type { KeptGenerator } from "./kept_generator.ts";
import { identityOf, normalShapes, TRAINING_SAMPLES } from "./normal_shapes.ts";
import type { SpGanOptions } from "./options.ts";
import { type ReadyGenerator, readyGenerator, reconstructionOf, wholeShape } from "./reconstructing.ts";
import { takeGenerators } from "./taken_generators.ts";
import { trainingOf, trainShares } from "./train_shares.ts";
import { sizedTrainings } from "./training_defaults.ts";

/** What a generator makes of a normal scan that it did not learn. */
interface HeldOutShape {
  /** `N × 3`, metres, in the scan's camera frame. */
  readonly shape: Float32Array;
  /** Of the scan's gaps at its points, metres. */
  readonly depths: Float32Array;
}

/** Those that the fit made, by generator and scan: an inversion takes seconds, and whoever holds scans out asks for the same ones. */
type HeldOutShapes = Map<string, HeldOutShape>;

const keyOf = (generator: number, scan: Prepared) => `${generator} ${identityOf(scan)}`;

/**
 * Trains the generators, or takes those that were trained before, then walks the normal scans and reconstructs each by those that never saw it,
 * to learn what gaps are usual. @throws {TooFewScans} @throws {TrainingDiverged} @throws {ModelRefused} @throws {RunAborted}
 */
export async function fitGenerators(
  source: ScanSource,
  options: SpGanOptions,
  run: Run,
  registry: ScanRegistry | undefined,
  trained: readonly ModelFolder[] | undefined,
): Promise<FittedReconstructor> {
  if (!registry) throw new TypeError("sp-gan asks for a registry, and was fitted without one");
  const { size: { points }, options: { sigma } } = trainingOf(options);
  const shapes = await normalShapes(source, registry, { points, samples: TRAINING_SAMPLES }, run);
  const generators = await (trained ? takeGenerators(trained, shapes, sigma, run) : trainShares(shapes, options, run));
  using owned = new DisposableStack();
  const kept: KeptGenerator[] = [], ready: ReadyGenerator[] = [], made: HeldOutShapes = new Map();
  for (const trained of generators) {
    const one = owned.use(await readyGenerator(trained, sigma, run));
    ready.push(one);
    kept.push({ trained, gaps: gapStatistics(one.neighbours, trained.size.generator.k) });
  }
  for await (const scan of source.walk()) {
    throwIfAborted(run);
    using registration = await registry.register(scan, run, { without: scan.name });
    if (!registration || !scan.camera) continue;
    for (const [i, { trained: { learned }, gaps }] of kept.entries()) {
      if (learned.includes(identityOf(scan))) continue;
      const one = await heldOutShape(ready[i], scan, registration, registry.extent, options, run);
      made.set(keyOf(i, scan), one);
      gaps.add(one.depths);
    }
  }
  const all = owned.move();
  return fitted({ kept, ready, made, extent: registry.extent, owned: all }, options);
}

async function heldOutShape(
  ready: ReadyGenerator,
  scan: Prepared,
  registration: Registration,
  extent: number,
  options: SpGanOptions,
  run: Run,
): Promise<HeldOutShape> {
  const shape = await wholeShape(ready, scan, registration, extent, inversionOf(options), run);
  using whole = reconstructionOf([shape], undefined, run);
  return { shape, depths: (await gapsAtShapes(scan, whole, run))[0] };
}

/** Opens what the fitted reconstructor saved. Waits for the GPU. @throws {ModelRefused} */
export async function loadGenerators(
  model: ModelFolder,
  options: SpGanOptions,
  run: Run,
): Promise<FittedReconstructor> {
  const { kept, extent } = loadKept(model), { sigma } = sizedTrainings[options.size].options;
  using owned = new DisposableStack();
  const ready: ReadyGenerator[] = [];
  for (const { trained } of kept) ready.push(owned.use(await readyGenerator(trained, sigma, run)));
  const all = owned.move();
  return fitted({ kept, ready, made: new Map(), extent, owned: all }, options);
}

/** What a fitted reconstructor consists of. */
interface Parts {
  readonly kept: readonly KeptGenerator[];
  /** In the same order. */
  readonly ready: readonly ReadyGenerator[];
  readonly made: HeldOutShapes;
  /** Of the product, metres. */
  readonly extent: number;
  readonly owned: DisposableStack;
}

function fitted({ kept, ready, made, extent, owned }: Parts, options: SpGanOptions): FittedReconstructor {
  const inversion = inversionOf(options);
  return {
    facts: { generators: kept.length, size: options.size, points: kept[0].trained.size.points },
    leavesOut: true,

    /** Read back: the way to the product's frame, how well starts cover the scan, and each shape. */
    async reconstruct(
      scan: Prepared,
      run: Run,
      { heldOut = false }: { readonly heldOut?: boolean } = {},
    ): Promise<Reconstruction> {
      const { registration } = scan;
      if (!registration) {
        throw new ScanRefused(scan.name, "not-registered", "it could not be brought to any normal scan");
      }
      if (!scan.camera) {
        throw new ScanRefused(
          scan.name,
          "no-camera",
          "its points and pixels follow no camera, so nothing is known of gaps",
        );
      }
      const shapes: Float32Array[] = [], usual: Float32Array[] = [];
      for (const [i, { trained: { learned }, gaps }] of kept.entries()) {
        if (learned.includes(heldOut ? identityOf(scan) : scan.digest ?? "")) continue;
        if (!heldOut) {
          shapes.push(await wholeShape(ready[i], scan, registration, extent, inversion, run));
          usual.push(gaps.usual());
          continue;
        }
        const one = made.get(keyOf(i, scan)) ??
          await heldOutShape(ready[i], scan, registration, extent, options, run);
        shapes.push(one.shape);
        usual.push(gaps.usual(one.depths)); // as if it had never been added
      }
      if (shapes.length === 0) {
        throw new ScanRefused(
          scan.name,
          "no-shape",
          "every generator was trained on it, so that none can stand for it",
        );
      }
      return reconstructionOf(shapes, usual, run);
    },

    save: (model) => Promise.resolve(saveKept(model, kept, extent)),
    [Symbol.dispose]: () => owned.dispose(),
  };
}
