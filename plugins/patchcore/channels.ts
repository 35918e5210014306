/** The channels in which a patch can be unlike normal ones, and how they are joined. @module */
import type { Four } from "../../kernels/mod.ts";

/**
 * - `distance`: distance to the nearest bank row, as it is
 * - `row`: the same against what normal patches have to that row
 * - `place`: the same against what normal scans have at that place of the part
 * - `local`: distance to the nearest normal patch at that place, against what normal scans have there
 * - `tilt`: how the surface is tilted against registered normal surfaces, against what normal scans have there
 * - `offset`: how far it lies from the nearest of these surfaces, against what normal scans have there
 */
export const channels = ["distance", "row", "place", "local", "tilt", "offset"] as const;

/** One of {@linkcode channels}. */
export type Channel = typeof channels[number];

/** Columns of the values that are compared by place. */
export const placeColumns: readonly Channel[] = ["place", "local", "tilt", "offset"];

/** Whether a channel needs scans that are brought to the normal ones. */
export const needsRegistration = (channel: Channel): boolean => placeColumns.includes(channel);

/** What normal patches reach in each channel: the value that one in a hundred is above. */
export type Quantiles = Readonly<Record<Channel, number>>;

/** The share of normal patches below a channel's quantile. */
export const QUANTILE = 0.99;

/** Times its quantile that a channel counts for at most. */
export const MOST = 3;

/** Weights of a joint score: each channel by its quantile, so that a score of 1 has all of them there; a channel that never left 0 says nothing. */
export function weightsOf(form: readonly Channel[], quantiles: Quantiles) {
  const weight = (channel: Channel) => form.includes(channel) && quantiles[channel] > 0 ? 1 / quantiles[channel] : 0;
  const places: Four = [weight("place"), weight("local"), weight("tilt"), weight("offset")];
  return { places, rows: weight("row"), distances: weight("distance") };
}

/** The joint scores that a fit chooses from, simplest first. */
export const forms: readonly (readonly Channel[])[] = [
  ["distance"],
  ["row"],
  ["place"],
  ["place", "tilt"],
  ["place", "tilt", "offset"],
  ["place", "local", "tilt", "offset"],
];
