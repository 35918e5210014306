/** From the channels of a scan's patches to its map. @module */
import {
  addScaled,
  fillGaps,
  gapDepths,
  gaussianBlur,
  type Gpu,
  type GpuBuffer,
  joinChannels,
  paintPatches,
} from "../../kernels/mod.ts";
import { type Channel, MOST, type Quantiles, weightsOf } from "./channels.ts";

/** The channels of one scan's patches, on the GPU. */
export interface ChannelValues {
  /** `patches × 4` deviations by place. */
  readonly places: GpuBuffer<"f32">;
  /** Deviations by bank row. */
  readonly rows: GpuBuffer<"f32">;
  readonly distances: GpuBuffer<"f32">;
  /** `size²`: the patch of each pixel. */
  readonly patchOf: GpuBuffer<"u32">;
}

/** How channels become a map. */
export interface JointMapOptions {
  readonly size: number;
  readonly form: readonly Channel[];
  readonly quantiles: Quantiles;
  /** How far the scan's registration is to be trusted, 0 to 1. */
  readonly trust: number;
  /** Depth, pixels, of gaps that normal scans have. */
  readonly usualGap: number;
  /** Deviation of the smoothing, pixels. */
  readonly sigma: number;
}

/** Half the widest gap of a part that is filled, as a share of the map's side. */
const GAP_REACH = 10 / 224;

/**
 * Share of a much wider smoothing, of that share of the map's side, in the map: too faint to change what is above anything, it puts an
 * empty place beside an odd rim before one beside a sound rim.
 */
const HALO = 12 / 224, HALO_SHARE = 0.001;

/**
 * Joined, painted on the pixels that hold a point and into narrow gaps between them, smoothed. Other pixels are zeros and stay in the smoothing: it damps the
 * silhouette, where patches have fewer points and stray more. Nothing is read back.
 */
export function jointMap(
  gpu: Gpu,
  { places, rows, distances, patchOf }: ChannelValues,
  { size, form, quantiles, trust, usualGap, sigma }: JointMapOptions,
): GpuBuffer<"f32"> {
  using joined = patchScores(gpu, { places, rows, distances }, { form, quantiles, trust });
  using painted = paintPatches(gpu, { values: joined, patchOf });
  using depths = gapsOf(gpu, patchOf, size);
  using filled = fillGaps(gpu, {
    map: painted,
    patchOf,
    depths,
    size,
    reach: reachOf(size),
    usual: usualGap,
    most: MOST,
  });
  using halo = gaussianBlur(gpu, { values: filled, width: size, height: size, sigma: size * HALO, edge: "zero" });
  const map = gaussianBlur(gpu, { values: filled, width: size, height: size, sigma, edge: "zero" });
  addScaled(gpu, { values: halo, to: map, factor: HALO_SHARE });
  return map;
}

/** What is painted of each patch: its channels joined. Nothing is read back. */
export const patchScores = (
  gpu: Gpu,
  { places, rows, distances }: Omit<ChannelValues, "patchOf">,
  { form, quantiles, trust }: Pick<JointMapOptions, "form" | "quantiles" | "trust">,
): GpuBuffer<"f32"> =>
  joinChannels(gpu, { places, rows, distances, weights: weightsOf(form, quantiles, trust), most: MOST });

/** Depth in the part's gaps by pixel. Nothing is read back. */
export const gapsOf = (gpu: Gpu, patchOf: GpuBuffer<"u32">, size: number): GpuBuffer<"f32"> =>
  gapDepths(gpu, { patchOf, size, reach: reachOf(size) });

const reachOf = (size: number) => Math.min(48, Math.max(1, Math.round(size * GAP_REACH)));

/** Added to a map's level, so that a scan without any evidence is not divided by nothing. */
const LEAST_LEVEL = 0.001;

/** How much of a scan's own level is taken out. */
const LEVEL_POWER = 1 / 3;

/**
 * The map with part of the scan's own level taken out: a scan that lies a little off everywhere is noisier everywhere, and a defect has to
 * stand out the more. The level is the lower quartile over the pixels that hold a point, which a defect hardly moves.
 */
export function levelled(map: Float32Array<ArrayBuffer>, pixels: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const own = Float32Array.from(pixels, (pixel) => map[pixel]).sort();
  const factor = 1 / (own[Math.floor(own.length / 4)] + LEAST_LEVEL) ** LEVEL_POWER;
  return map.map((value) => value * factor);
}
