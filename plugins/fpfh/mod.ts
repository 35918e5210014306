/**
 * `fpfh`: Fast Point Feature Histograms as a descriptor, 33 numbers a point. @module
 *
 * Source: Rusu, Blodow, Beetz, "Fast Point Feature Histograms (FPFH) for 3D Registration", ICRA 2009, as Open3D computes them; the
 * form `paper` takes equation 1 of Liu et al., "Uni-3DAD" (2024), literally.
 */
import { z } from "zod";
import { type Descriptor, ScanRefused, throwIfAborted } from "../../core/mod.ts";
import { fpfhOf } from "../../kernels/mod.ts";

/** Options of {@linkcode fpfh}. */
export type FpfhOptions = {
  /** Nearest points that a normal is fitted to, the point itself among them. */
  readonly normalNeighbours: number;
  /** Nearest points that a histogram is made of, the point itself among them. */
  readonly featureNeighbours: number;
  /** Normals turned to the sensor, or left with the sign of the closed form, as published. */
  readonly orient: "sensor" | "none";
  /** Open3D's pair frame and weights, or the paper's equation 1. */
  readonly form: "open3d" | "paper";
};

const options = z.strictObject({
  normalNeighbours: z.int().min(3).max(256).default(30).describe(
    "nearest points that a normal is fitted to, the point itself among them",
  ),
  featureNeighbours: z.int().min(4).max(256).default(100).describe(
    "nearest points that a histogram is made of, the point itself among them",
  ),
  orient: z.enum(["sensor", "none"]).default("sensor").describe(
    "normals turned to the sensor, or left with the sign of the closed form, as published",
  ),
  form: z.enum(["open3d", "paper"]).default("open3d").describe(
    "Open3D's pair frame and weights, or the paper's equation 1",
  ),
});

/** The descriptor. Its rows are in the order of the scan's points. */
export const fpfh: Descriptor<FpfhOptions> = {
  kind: "descriptor",
  name: "fpfh",
  version: "1.0.0",
  api: 1,
  options,
  presets: {
    default: options.parse({}),
    reference: options.parse({ orient: "none" }),
    paper: options.parse({ featureNeighbours: 30, form: "paper" }),
  },
  columns: () => 33,

  /** One row a point. Nothing is read back. @throws {ScanRefused} with fewer points than a normal needs */
  describe(scan, { normalNeighbours, featureNeighbours, orient, form }, run) {
    throwIfAborted(run);
    if (scan.count < normalNeighbours) {
      throw new ScanRefused(
        scan.name,
        "too-few-points",
        `${scan.count} points are left at map resolution, a normal needs ${normalNeighbours}`,
      );
    }
    return fpfhOf(run.gpu, {
      cloud: { values: scan.points, count: scan.count },
      normalK: normalNeighbours,
      featureK: featureNeighbours,
      orient,
      form,
    });
  },
};
