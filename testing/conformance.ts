/** What every plugin has to keep, as checks for anybody's plugin. @module */
import type { Descriptor, Extractor } from "../core/mod.ts";
import { descriptorChecks } from "./conformance_descriptor.ts";
import { extractorChecks } from "./conformance_extractor.ts";
import { pluginChecks } from "./conformance_plugin.ts";
import { type ConformanceCheck, type ConformanceOptions, trialOf } from "./conformance_trial.ts";

/**
 * The checks of a descriptor or an extractor: name, version, options and presets; the same bits at every run; no GPU buffer left
 * behind; saved and loaded, the same scores to the bit; poor scans borne or refused by a typed error; an interrupted run ends.
 * They use nothing but the GPU that they are given, so they run in any test runner; `testConformance` registers them with Deno's.
 * @throws {TypeError} with fewer than three scans
 */
export function conformance<O>(
  plugin: Descriptor<O> | Extractor<O>,
  options: ConformanceOptions<O> = {},
): ConformanceCheck[] {
  const trial = trialOf(plugin, options);
  return [
    ...pluginChecks(plugin),
    ...plugin.kind === "descriptor" ? descriptorChecks(plugin, trial) : extractorChecks(plugin, trial),
  ];
}
