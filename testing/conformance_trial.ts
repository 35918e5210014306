/** What a plugin is tried with, and what a check is. @module */
import {
  createRun,
  type Descriptor,
  type Extractor,
  type Fuser,
  type Plugin,
  prepare,
  type Prepared,
  type PrepareOptions,
  preparePresets,
  type Reconstructor,
  type Run,
  type Scan,
} from "../core/mod.ts";
import type { Gpu } from "../kernels/mod.ts";
import { onlyPixels, tinyPrepare, tinyScan } from "./tiny_scan.ts";

/** A plugin of any kind. */
export type AnyPlugin<O> = Descriptor<O> | Extractor<O> | Reconstructor<O> | Fuser<O>;

/** One thing that a plugin has to keep. */
export interface ConformanceCheck {
  /** A sentence about the plugin, such as `leaves no buffer behind`. */
  readonly name: string;
  /** Tries it on this device. @throws {Error} where the plugin breaks it */
  run(gpu: Gpu): Promise<void>;
}

/** What the plugin is tried with; every part has a value that suits most plugins. A fuser takes maps, no scans: only its options count. */
export interface ConformanceOptions<O> {
  /** Normal scans, at least three; without them, {@linkcode tinyScan}s. */
  readonly scans?: readonly Scan[];
  /** How they are prepared: by default {@linkcode tinyPrepare}, or for scans of your own the preset `default`. */
  readonly prepare?: PrepareOptions;
  /** Options of the plugin: by default its preset `default`. */
  readonly options?: O;
  /** What checks of every preset try: by default the plugin's presets. For presets that take long to fit, the same made small. */
  readonly presets?: readonly O[];
}

/** {@linkcode ConformanceOptions} with every part filled in. */
export interface Trial<O> {
  readonly scans: readonly Scan[];
  /** Scans that are hardly ones; no preparation takes away what they have. A plugin bears them, or refuses them by a typed error. */
  readonly poor: readonly Scan[];
  readonly prepare: PrepareOptions;
  readonly preparePoor: PrepareOptions;
  readonly options: O;
  readonly presets: readonly O[];
}

/** Fills in what is not given. @throws {TypeError} with fewer than three scans */
export function trialOf<O>(plugin: Plugin<O>, given: ConformanceOptions<O>): Trial<O> {
  const scans = given.scans ?? [1, 2, 3, 4].map((seed) => tinyScan({ seed }));
  if (scans.length < 3) throw new TypeError(`Cannot check ${plugin.name} with ${scans.length} scans: three are needed`);
  const options = given.prepare ?? (given.scans ? preparePresets.default : tinyPrepare);
  const [first] = scans, corner = shownPixels(first, options.size);
  return {
    scans,
    poor: [
      onlyPixels(first, corner, "four points"),
      onlyPixels(first, corner.slice(0, 3), "three points"),
      plane(first),
    ],
    prepare: options,
    preparePoor: { ...options, background: "raw", square: "exact", sampling: "centre" },
    options: given.options ?? plugin.presets.default,
    presets: given.presets ?? Object.values(plugin.presets),
  };
}

/** Four source pixels around the scan's middle that a map of this size shows. */
function shownPixels({ width, height }: Scan, size: number): number[] {
  const side = Math.max(width, height), middle = Math.floor(Math.min(size, side) / 2);
  const sources = [middle, middle + 1].map((i) => size < side ? Math.floor(((i + 0.5) * side) / size) : i);
  const [top, left] = [(side - height) / 2, (side - width) / 2].map(Math.floor);
  return sources.flatMap((row) => sources.map((column) => (row - top) * width + column - left));
}

/** The scan's grid with every point on one plane: all but the normal is degenerate. */
function plane({ width, height }: Scan): Scan {
  const points = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) points.set([(i % width) / 1024, Math.floor(i / width) / 1024, 0.5], 3 * i);
  return { name: "a plane", width, height, points, valid: new Uint8Array(width * height).fill(1) };
}

/** Prepares one scan of the trial, poor or not. The caller disposes it. */
export function prepared<O>(trial: Trial<O>, scan: Scan, run: Run): Prepared {
  return prepare(scan, trial.poor.includes(scan) ? trial.preparePoor : trial.prepare, run);
}

/** A run that somebody has interrupted already. */
export function interruptedRun(gpu: Gpu): Run {
  return createRun(gpu, { signal: AbortSignal.abort() });
}
