/** The conformance checks as Deno tests. @module */
import { conformance } from "./conformance.ts";
import type { AnyPlugin, ConformanceOptions } from "./conformance_trial.ts";
import { gpuTest } from "./gpu.ts";

/** Registers each check of {@linkcode conformance} as a test; without an adapter they are skipped. */
export async function testConformance<O>(
  plugin: AnyPlugin<O>,
  options: ConformanceOptions<O> = {},
): Promise<void> {
  for (const { name, run } of conformance(plugin, options)) {
    await gpuTest(`${plugin.kind} ${plugin.name} ${name}`, run);
  }
}
