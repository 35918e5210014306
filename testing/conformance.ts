/** What every plugin has to keep, as checks for anybody's plugin. @module */
import { descriptorChecks } from "./conformance_descriptor.ts";
import { extractorChecks } from "./conformance_extractor.ts";
import { fuserChecks } from "./conformance_fuser.ts";
import { pluginChecks } from "./conformance_plugin.ts";
import { reconstructorChecks } from "./conformance_reconstructor.ts";
import {
  type AnyPlugin,
  type ConformanceCheck,
  type ConformanceOptions,
  type Trial,
  trialOf,
} from "./conformance_trial.ts";

/**
 * The checks of a plugin: name, version, options and presets; the same bits at every run; no GPU buffer left behind; saved and loaded,
 * the same results to the bit; poor scans, or maps with nothing on them, borne or refused by a typed error; an interrupted run ends.
 * They use nothing but the GPU that they are given, so they run in any test runner; `testConformance` registers them with Deno's.
 * @throws {TypeError} with fewer than three scans
 */
export function conformance<O>(plugin: AnyPlugin<O>, options: ConformanceOptions<O> = {}): ConformanceCheck[] {
  return [...pluginChecks(plugin), ...checksOfKind(plugin, trialOf(plugin, options))];
}

function checksOfKind<O>(plugin: AnyPlugin<O>, trial: Trial<O>): ConformanceCheck[] {
  switch (plugin.kind) {
    case "descriptor":
      return descriptorChecks(plugin, trial);
    case "extractor":
      return extractorChecks(plugin, trial);
    case "reconstructor":
      return reconstructorChecks(plugin, trial);
    case "fuser":
      return fuserChecks(plugin, trial);
  }
}
