/** The channels in which a patch can be unlike normal ones, and how they are joined. @module */

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

/**
 * Weights of a joint score: each channel by its quantile, so that a score of 1 has all of them there; a channel that never left 0 says
 * nothing. What is compared with registered surfaces counts as far as the registration is trusted.
 */
export function weightsOf(form: readonly Channel[], quantiles: Quantiles, trust: number) {
  const counts = (channel: Channel) => !form.includes(channel) ? 0 : registered.includes(channel) ? trust : 1;
  const total = form.reduce((sum, channel) => sum + counts(channel), 0);
  const of = (channel: Channel) => ({
    scale: quantiles[channel] > 0 ? 1 / quantiles[channel] : 0,
    share: total > 0 ? counts(channel) / total : 0,
  });
  return {
    places: [of("place"), of("local"), of("tilt"), of("offset")] as const,
    rows: of("row"),
    distances: of("distance"),
  };
}

/** Channels that compare with the registered scans' own surfaces and patches, and not only with their spread. */
const registered: readonly Channel[] = ["local", "tilt", "offset"];

/**
 * The joint scores that a fit chooses from, simplest first: what a place measures only means something where parts are alike at the same
 * place, and registered surfaces only where parts are rigid.
 */
export const forms: readonly (readonly Channel[])[] = [
  ["distance"],
  ["row"],
  ["row", "place"],
  ["row", "place", "tilt"],
  ["row", "place", "local", "tilt", "offset"],
];
