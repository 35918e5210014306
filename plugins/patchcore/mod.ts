/**
 * PatchCore over any descriptor: a memory bank of normal patches, the distance to it, and what normal scans make of that distance. @module
 *
 * Source: Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022, with the patches of Horwitz and Hoshen,
 * "Back to the Feature" (2023); small patches judged by the spread of normal scans are this project's own.
 */
import type { z } from "zod";
import type { Descriptor, Extractor, OptionsSchema } from "../../core/mod.ts";
import { needsRegistration } from "./channels.ts";
import { type DescribePoints, fitCoarse, loadCoarse } from "./coarse_extractor.ts";
import { fitFine, loadFine } from "./fine_extractor.ts";
import { type BankOptions, bankOptions, bankPresets } from "./options.ts";

export { type Channel, channels } from "./channels.ts";
export type { BankOptions } from "./options.ts";

/** Options of the extractor: the descriptor's own under `descriptor`, and the bank's. */
export type PatchCoreOptions<O> = BankOptions & { readonly descriptor: O };

/** Makes an extractor of a descriptor; presets of the same names are joined, others take the descriptor's default. */
export function patchCore<O>({ descriptor }: { readonly descriptor: Descriptor<O> }): Extractor<PatchCoreOptions<O>> {
  const descriptorOptions = descriptor.options as z.ZodType<O>; // plugins' schemas are zod's
  const options = bankOptions.extend({ descriptor: descriptorOptions }) as unknown as OptionsSchema<
    PatchCoreOptions<O>
  >;
  const presets = Object.fromEntries(
    Object.entries(bankPresets).map(([name, bank]) => [
      name,
      { ...bank, descriptor: descriptor.presets[name] ?? descriptor.presets.default },
    ]),
  );
  const describePoints = (own: O): DescribePoints => async (scan, run) => await descriptor.describe(scan, own, run);

  return {
    kind: "extractor",
    name: descriptor.name,
    version: descriptor.version,
    api: 1,
    options,
    presets,

    registers: ({ pooling, channels }) =>
      pooling === "points" && (channels === "auto" || channels.some(needsRegistration)),

    explains: ({ pooling }) => pooling === "points",

    /** @throws {MemoryBudgetExceeded} @throws {TooFewScans} @throws {RunAborted} */
    fit(source, options, run, registry, listener) {
      const describe = describePoints(options.descriptor);
      return options.pooling === "points"
        ? fitFine(source, describe, options, registry, run, listener)
        : fitCoarse(source, descriptor.columns(options.descriptor), describe, options, run);
    },

    load(model, options, run) {
      const describe = describePoints(options.descriptor), open = options.pooling === "points" ? loadFine : loadCoarse;
      return Promise.resolve(open(model, describe, options, run));
    },
  };
}
