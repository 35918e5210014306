/**
 * What every plugin has to keep, as checks for anybody's plugin. @module
 *
 * A check is a name and a function that throws where the plugin breaks it. {@linkcode testConformance} registers them as tests.
 */
import {
  type Descriptor,
  type Extractor,
  prepare,
  type Prepared,
  type PrepareOptions,
  preparePresets,
  type Scan,
} from "../core/mod.ts";
import type { Gpu } from "../kernels/mod.ts";
import { descriptorChecks } from "./conformance_descriptor.ts";
import { extractorChecks } from "./conformance_extractor.ts";
import { pluginChecks } from "./conformance_plugin.ts";
import { onlyPixels, tinyPrepare, tinyScan } from "./tiny_scan.ts";

/** One thing that a plugin has to keep. */
export interface ConformanceCheck {
  /** A sentence about the plugin, such as `leaves no buffer behind`. */
  readonly name: string;
  /** @throws {Error} where the plugin breaks it */
  run(gpu: Gpu): Promise<void>;
}

/** What the plugin is tried with; every part has a value that suits most. */
export interface ConformanceOptions<O> {
  /** Normal scans, at least three; without them, {@linkcode tinyScan}s. */
  readonly scans?: readonly Scan[];
  /** How they are prepared. */
  readonly prepare?: PrepareOptions;
  /** Options of the plugin: by default its preset `default`. */
  readonly options?: O;
}

/** {@linkcode ConformanceOptions} with every part filled in. */
export interface Trial<O> {
  readonly scans: readonly Scan[];
  /** Scans that hardly are ones: a plugin either bears them, or refuses them by a typed error. */
  readonly poor: readonly Scan[];
  readonly prepare: PrepareOptions;
  readonly options: O;
  /** Prepares one scan; the caller disposes it. */
  prepared(scan: Scan, gpu: Gpu): Prepared;
  /** Prepares a poor scan, whose few points no preparation may take away. */
  preparedPoor(scan: Scan, gpu: Gpu): Prepared;
}

/**
 * The checks of a descriptor or an extractor: name, version and presets; the same bits at every run; no GPU buffer left behind; saved
 * and loaded, the same scores to the bit; poor scans borne or refused by a typed error; an interrupted run ends at once.
 */
export function conformance<O>(plugin: Descriptor<O> | Extractor<O>, options: ConformanceOptions<O> = {}): ConformanceCheck[] {
  const trial = trialOf(plugin, options);
  return [
    ...pluginChecks(plugin),
    ...plugin.kind === "descriptor" ? descriptorChecks(plugin, trial) : extractorChecks(plugin, trial),
  ];
}

function trialOf<O>(plugin: Descriptor<O> | Extractor<O>, given: ConformanceOptions<O>): Trial<O> {
  const scans = given.scans ?? [1, 2, 3, 4].map((seed) => tinyScan({ seed }));
  if (scans.length < 3) throw new TypeError(`Cannot check ${plugin.name} with ${scans.length} scans: three are needed`);
  const options = given.prepare ?? (given.scans ? preparePresets.default : tinyPrepare);
  const { width, height } = scans[0];
  const corner = [0, 1, width, width + 1].map((pixel) => pixel + Math.floor(height / 2) * width + Math.floor(width / 2));
  return {
    scans,
    poor: [onlyPixels(scans[0], corner, "four points"), onlyPixels(scans[0], corner.slice(0, 3), "three points"), flat(scans[0])],
    prepare: options,
    options: given.options ?? plugin.presets.default,
    prepared: (scan, gpu) => prepare(scan, options, { gpu, seed: 0 }),
    preparedPoor: (scan, gpu) => prepare(scan, { ...options, size: Math.max(width, height), background: "raw" }, { gpu, seed: 0 }),
  };
}

/** The scan's grid, with every point on one plane: normals are certain and everything else is degenerate. */
function flat({ width, height }: Scan): Scan {
  const points = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) points.set([(i % width) / 1024, Math.floor(i / width) / 1024, 0.5], 3 * i);
  return { name: "a plane", width, height, points, valid: new Uint8Array(width * height).fill(1) };
}
