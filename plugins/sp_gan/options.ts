/** Options of `sp-gan`. @module */
import { z } from "zod";
import { ways } from "./inversion_presets.ts";

/** Options of {@linkcode spGan}, defaults filled in. */
export type SpGanOptions = {
  /** Which networks: `small` for a processor, `paper` for a GPU. */
  readonly size: "small" | "paper";
  /** Points of a shape; 0: as many as the size has. */
  readonly points: number;
  /** Iterations of training; 0: as many as the size has. */
  readonly iterations: number;
  /** Generators, each trained without a share of the normal scans of its own, by which it is judged. */
  readonly generators: number;
  /** How a generator is fitted to a scan. */
  readonly way: "default" | "paper" | "reference" | "feature";
  /** Steps of each stage of an inversion; 0: as many as the way has. */
  readonly steps: number;
};

/** The schema of {@linkcode SpGanOptions}: bounds, defaults and help. */
export const options = z.strictObject({
  size: z.enum(["small", "paper"]).default("small").describe(
    "small: networks that a processor trains in minutes; paper: the published ones, for a GPU",
  ),
  points: z.int().min(0).max(16_384).default(0).describe("points of a shape; 0: as many as the size has"),
  iterations: z.int().min(0).max(1_000_000).default(0).describe(
    "iterations of training; 0: as many as the size has",
  ),
  generators: z.int().min(2).max(8).default(2).describe(
    "generators, each trained without a share of the normal scans of its own, so that every normal scan can be reconstructed by one that never saw it",
  ),
  way: z.enum(ways).default("default").describe(
    "how a generator is fitted to a scan: default moves one latent, paper as the text says, reference as the published code does, feature as default by squares and the discriminator's feature",
  ),
  steps: z.int().min(0).max(10_000).default(0).describe(
    "steps of each stage of an inversion; 0: as many as the way has",
  ),
});

/** Whole option sets. */
export const presets: Readonly<Record<"default" | "paper" | "reference", SpGanOptions>> = {
  default: options.parse({}),
  paper: options.parse({ size: "paper", way: "paper" }),
  reference: options.parse({ size: "paper", way: "reference" }),
};
