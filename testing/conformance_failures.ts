/** What the checks find in a plugin: for tests of the checks themselves. @module */
import { openGpu } from "../kernels/mod.ts";
import { conformance } from "./conformance.ts";
import type { AnyPlugin } from "./conformance_trial.ts";

/** A plugin that breaks one thing, and what the checks have to say of it. */
export type BrokenPlugin<P> = readonly [what: string, plugin: P, complaint: RegExp];

/** Names and problems of the checks that fail; the device is their own, and what a broken plugin leaves behind is gone with it. */
export async function failuresOf<O>(plugin: AnyPlugin<O>): Promise<string[]> {
  using gpu = await openGpu();
  const found: string[] = [];
  for (const { name, run } of conformance(plugin)) {
    await run(gpu).catch((error: Error) => found.push(`${name}: ${error.message}`));
  }
  return found;
}
