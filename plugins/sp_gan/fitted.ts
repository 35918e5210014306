/** The fitted reconstructor: generators that were trained on parts of the normal scans, kept, and inverted. @module */
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
import { type NormalCloud, normalShapes } from "./normal_shapes.ts";
import type { SpGanOptions } from "./options.ts";
import { type ReadyGenerator, readyGenerator, reconstructionOf, wholeShape } from "./reconstructing.ts";
import { trainGenerator } from "./train_generator.ts";
import type { NamedFrame } from "./trained_generator.ts";
import { sizedTrainings } from "./training_defaults.ts";
import type { TrainingState } from "./training.ts";

/** Samples of each normal scan that training draws from. */
const SAMPLES = 4;

/**
 * Trains the generators, then walks the normal scans and reconstructs each by those that never saw it, to learn what gaps are usual.
 * @throws {TooFewScans} @throws {TrainingDiverged} @throws {RunAborted}
 */
export async function fitGenerators(
  source: ScanSource,
  options: SpGanOptions,
  run: Run,
  registry: ScanRegistry | undefined,
): Promise<FittedReconstructor> {
  if (!registry) throw new TypeError("sp-gan asks for a registry, and was fitted without one");
  const { size: sized, options: training, plan } = sizedTrainings[options.size];
  const size = { ...sized, points: options.points || sized.points };
  const { frame, clouds } = await normalShapes(source, registry, { points: size.points, samples: SAMPLES }, run);
  const named: NamedFrame = { ...frame, names: registry.names };
  using owned = new DisposableStack();
  const kept: KeptGenerator[] = [], ready: ReadyGenerator[] = [];
  for (let turn = 0; turn < options.generators; turn++) {
    const heldOut = clouds.filter((_, i) => i % options.generators === turn),
      learned = clouds.filter((one) => !heldOut.includes(one));
    const own = { ...plan, iterations: options.iterations || plan.iterations };
    const state = await bestState(learned, heldOut, size, training, own, frame.radius, run);
    const trained = {
      size: { points: size.points, generator: size.generator },
      generator: state.generator,
      discriminator: { widths: size.discriminator, values: state.discriminator },
      latents: state.latents.get("latents")!,
      frame: named,
    };
    ready.push(owned.use(await readyGenerator(trained, training.sigma, run)));
    const names = new Set(learned.map(({ name }) => name));
    kept.push({ trained, learned: names, gaps: gapStatistics(ready[turn].neighbours, size.generator.k) });
  }
  for await (const scan of source.walk()) {
    throwIfAborted(run);
    using registration = await registry.register(scan, run, { without: scan.name });
    if (!registration || !scan.camera) continue;
    for (const [i, { learned, gaps }] of kept.entries()) {
      if (learned.has(scan.name)) continue;
      const shape = await wholeShape(ready[i], scan, registration, registry.extent, inversionOf(options), run);
      using whole = reconstructionOf([shape], undefined, run);
      gaps.add((await gapsAtShapes(scan, whole, run))[0]);
    }
  }
  const all = owned.move();
  return fitted(kept, ready, registry.extent, options, all);
}

/** The state whose shapes came nearest to the held-out ones. */
async function bestState(
  clouds: readonly NormalCloud[],
  heldOut: readonly NormalCloud[],
  ...[size, options, plan, radius, run]: [
    Parameters<typeof trainGenerator>[1],
    Parameters<typeof trainGenerator>[2],
    Parameters<typeof trainGenerator>[3],
    number,
    Run,
  ]
): Promise<TrainingState> {
  let best: TrainingState | undefined;
  await trainGenerator({ clouds, heldOut, radius }, size, options, plan, run, {
    report: ({ iteration, quality, reconstruction }) => {
      const own = reconstruction === null ? "" : `, normal shapes within ${(1000 * reconstruction).toFixed(2)} mm`;
      const nearest = `held-out shapes within ${(1000 * quality.nearest).toFixed(2)} mm of random ones`;
      run.log.debug(`sp-gan: iteration ${iteration}: ${nearest}${own}`);
    },
    checkpoint: ({ state, isBest }) => {
      if (isBest) best = state;
    },
  });
  return best!;
}

/** Opens what the fitted reconstructor saved. Waits for the GPU. @throws {ModelRefused} */
export async function loadGenerators(
  model: ModelFolder,
  options: SpGanOptions,
  run: Run,
): Promise<FittedReconstructor> {
  const { kept, extent } = loadKept(model, options), { sigma } = sizedTrainings[options.size].options;
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
      for (const [i, { learned, gaps }] of kept.entries()) {
        if (heldOut && learned.has(scan.name)) continue;
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
