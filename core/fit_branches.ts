/** Fitting the branches of a method to normal scans. @module */
import type { FittedBranches } from "./fitted_model.ts";
import type { Method } from "./method.ts";
import type { ModelFolder } from "./model_folder.ts";
import type { HeldOutListener, ScanSource } from "./plugin.ts";
import { fitRegistry } from "./registration.ts";
import type { Run } from "./run.ts";

/** Where a fit finds its scans, and whom it tells of what it finds on its way. */
export interface BranchFit {
  /** The normal scans, with words for the progress. */
  readonly source: (words: string) => ScanSource;
  /** Told of what the extractor finds of normal scans by all others. */
  readonly listener?: HeldOutListener;
  /** Networks that the reconstructor takes instead of training its own. */
  readonly trained?: readonly ModelFolder[];
}

/**
 * Fits the registry once where a branch asks for it, then the extractor, then the reconstructor where there is one. Each branch gets
 * the registry only if it asked: what it fits is the same whatever the other is. @throws {TooFewScans} @throws {RunAborted}
 */
export async function fitBranches(
  { extractor, reconstructor, options }: Method,
  { source, listener, trained }: BranchFit,
  run: Run,
): Promise<FittedBranches & Disposable> {
  using owned = new DisposableStack();
  const byExtractor = extractor.registers?.(options.extractor) ?? false;
  const byReconstructor = reconstructor?.registers?.(options.reconstructor) ?? false;
  const scans = byExtractor || byReconstructor ? owned.use(await fitRegistry(source("laying out"), run)) : undefined;
  const registry = byExtractor ? scans : undefined;
  const gone = new Set<string>();
  const fitted = owned.use(
    await extractor.fit(watched(source("fitting"), gone), options.extractor, run, registry, listener),
  );
  const shapes = byReconstructor ? scans : undefined;
  const reconstruction = reconstructor && {
    reconstructor: owned.use(
      await reconstructor.fit(without(source("learning shapes"), gone), options.reconstructor, run, shapes, trained),
    ),
    missing: options.missing!,
    registry: shapes,
  };
  const kept = owned.move();
  return { extractor: fitted, registry, reconstruction, [Symbol.dispose]: () => kept.dispose() };
}

/** The same scans; those that the plugin refuses are noted. */
const watched = (source: ScanSource, gone: Set<string>): ScanSource => ({
  ...source,
  refuse(scan, error) {
    gone.add(scan);
    source.refuse(scan, error);
  },
});

/** The scans that are left. */
function without(source: ScanSource, gone: ReadonlySet<string>): ScanSource {
  const names = source.names.filter((name) => !gone.has(name));
  return {
    ...source,
    names,
    count: names.length,
    async *walk() {
      for await (const scan of source.walk()) if (!gone.has(scan.name)) yield scan;
    },
  };
}
