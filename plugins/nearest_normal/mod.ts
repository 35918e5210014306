/**
 * `nearest-normal`: the normal scans that fit a scan best stand for the whole shape that it should have had. No training. @module
 *
 * The registry brings the scan to normal scans of like pose; those are fitted closely, surface and outline, each may stretch a little,
 * and the best few are the reconstruction. A product without a handedness gets mirror images of them as well. What is usual of gaps (drop-outs, outlines that differ) is learned by reconstructing each
 * normal scan from the others.
 */
import type { FittedReconstructor, Reconstructor } from "../../core/mod.ts";
import { fitShapes, loadShapes } from "./fitted.ts";
import { type NearestNormalOptions, options, presets } from "./options.ts";

export type { NearestNormalOptions } from "./options.ts";

/** The reconstructor that takes whole shapes from the normal scans themselves. */
export const nearestNormal: Reconstructor<NearestNormalOptions> = {
  kind: "reconstructor",
  name: "nearest-normal",
  version: "1.1.0",
  api: 1,
  options,
  presets,
  registers: () => true,
  fit: (normal, given, run, registry): Promise<FittedReconstructor> => fitShapes(normal, given, run, registry),
  load: (model, given, run): Promise<FittedReconstructor> => Promise.resolve(loadShapes(model, given, run)),
};
