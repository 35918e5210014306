/** The fitted reconstructor: generators, kept, and inverted. @module */
import {
  type FittedReconstructor,
  gapsAtShapes,
  type ModelFolder,
  type Prepared,
  type Reconstruction,
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
import { identityOf, normalShapes } from "./normal_shapes.ts";
import type { SpGanOptions } from "./options.ts";
import { type ReadyGenerator, readyGenerator, reconstructionOf, wholeShape } from "./reconstructing.ts";
import { takeGenerators } from "./taken_generators.ts";
import { trainingOf, trainShares } from "./train_shares.ts";
import { sizedTrainings } from "./training_defaults.ts";

/** Samples of each normal scan that training draws from. */
const SAMPLES = 4;

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
  const shapes = await normalShapes(source, registry, { points, samples: SAMPLES }, run);
  const generators = await (trained ? takeGenerators(trained, shapes, sigma, run) : trainShares(shapes, options, run));
  using owned = new DisposableStack();
  const kept: KeptGenerator[] = [], ready: ReadyGenerator[] = [];
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
      const shape = await wholeShape(ready[i], scan, registration, registry.extent, inversionOf(options), run);
      using whole = reconstructionOf([shape], undefined, run);
      gaps.add((await gapsAtShapes(scan, whole, run))[0]);
    }
  }
  const all = owned.move();
  return fitted(kept, ready, registry.extent, options, all);
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
  return fitted(kept, ready, extent, options, all);
}

function fitted(
  kept: readonly KeptGenerator[],
  ready: readonly ReadyGenerator[],
  extent: number,
  options: SpGanOptions,
  owned: DisposableStack,
): FittedReconstructor {
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
        const shape = await wholeShape(ready[i], scan, registration, extent, inversion, run);
        shapes.push(shape);
        if (!heldOut) {
          usual.push(gaps.usual());
          continue;
        }
        using alone = reconstructionOf([shape], undefined, run);
        usual.push(gaps.usual((await gapsAtShapes(scan, alone, run))[0])); // as if it had never been added
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
