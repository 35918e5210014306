/**
 * What stands behind a map of small patches: each channel's value and what normal scans have there, and the normal patches most alike. @module
 *
 * Values, deviations and scores are those that the map is made of, read back; means and spreads are worked out again in float64, by the
 * formulas of the kernels `place-spread` and `row-spread`.
 */
import type {
  ExplainedChannel,
  ExplainedPatches,
  Explanation,
  NormalPatches,
  Registration,
  Run,
  ScoreMap,
} from "../../core/mod.ts";
import type { Gpu } from "../../kernels/mod.ts";
import { type Channel, channels, placeColumns, weightsOf } from "./channels.ts";
import { rangesOf } from "./held_out.ts";
import { patchScores } from "./joint_map.ts";
import {
  type Deviations,
  type Measured,
  type Memory,
  type Neighbourhood,
  PLACE_FLOOR,
  PLACE_WEIGHT,
  type Prior,
} from "./memory.ts";
import type { PatchLayout } from "./patches.ts";

/** A scan that was measured and judged. Owns GPU memory. */
export interface JudgedScan extends Disposable {
  /** Where its patches lie. */
  readonly layout: PatchLayout;
  /** What they measured. */
  readonly measured: Measured;
  /** The same in units of the spread of normal scans. */
  readonly deviations: Deviations;
  /** Where it was brought to normal scans, and a channel needs that. */
  readonly registered?: { readonly registration: Registration; readonly around: Neighbourhood };
  /** The channels that count. */
  readonly form: readonly Channel[];
  /** How far its registration is trusted, 0 to 1. */
  readonly trust: number;
}

const NO_PATCH = 0xffffffff;

const HERE = "normal scans have here";

/** What a channel's values are, and what they are held against. */
const meanings: Readonly<Record<Channel, Pick<ExplainedChannel, "meaning" | "against">>> = {
  distance: { meaning: "distance to the nearest normal patch", against: "normal patches have" },
  row: { meaning: "distance to the nearest normal patch", against: "normal patches have that are like it" },
  place: { meaning: "distance to the nearest normal patch", against: HERE },
  local: { meaning: "distance to the nearest normal patch of this place", against: HERE },
  tilt: { meaning: "tilt against normal surfaces", against: HERE },
  offset: { meaning: "distance from the nearest normal surface", against: HERE },
};

/** Read back, in one wait: all that was measured of the scan, and what is stored of the places around its patches. */
export async function explanationOf(
  map: ScoreMap,
  { layout, measured, deviations, registered, form, trust }: JudgedScan,
  memory: Memory,
  { gpu }: Pick<Run, "gpu">,
): Promise<Explanation> {
  const { prior, quantiles, sources } = memory, { count } = layout;
  const judged = { places: deviations.places, rows: deviations.rows, distances: measured.distances };
  using joined = patchScores(gpu, judged, { form, quantiles, trust });
  const [score, values, distances, nearest, places, rows, spread, around] = await Promise.all([
    gpu.read(joined),
    gpu.read(measured.values),
    gpu.read(measured.distances),
    gpu.read(measured.nearest),
    gpu.read(deviations.places),
    gpu.read(deviations.rows),
    gpu.read(memory.rowSpread),
    registered && readAround(gpu, registered.around, measured),
  ]);
  const told = registered ? channels : channels.filter((channel) => !placeColumns.includes(channel));
  const table = emptyTable(count * told.length),
    usual = { mean: new Float32Array(count), deviation: new Float32Array(count) };
  for (let patch = 0; patch < count; patch++) {
    const row = nearest[patch], distance = distances[patch];
    usual.mean[patch] = spread[2 * row];
    usual.deviation[patch] = spread[2 * row + 1] > 0 ? 1 / spread[2 * row + 1] : 0;
    const [mean, deviation] = [prior.mean[0], prior.deviation[0]];
    const column = (name: Channel) => {
      const at = placeColumns.indexOf(name), here = spreadAt(around!, patch, at, prior);
      return { value: values[4 * patch + at], ...here, z: places[4 * patch + at] };
    };
    told.forEach((name, c) => {
      const { value, expected, spread, z } = name === "distance"
        ? { value: distance, expected: mean, spread: deviation, z: deviation > 0 ? (distance - mean) / deviation : 0 }
        : name === "row"
        ? { value: distance, expected: usual.mean[patch], spread: usual.deviation[patch], z: rows[patch] }
        : column(name);
      const at = patch * told.length + c;
      table.values[at] = value, table.expected[at] = expected, table.spread[at] = spread, table.z[at] = z;
    });
  }
  const patches: ExplainedPatches = {
    count,
    pixels: layout.pixels,
    patchOf: layout.patchOf,
    score,
    ...table,
    nearest: bankPatches(nearest, distances, memory),
    usual,
    ...(registered && around ? { local: localPatches(around.local, values, registered.registration, memory) } : {}),
  };
  const weights = weightsOf(form, quantiles, trust);
  const shareOf = (name: Channel) =>
    name === "distance"
      ? weights.distances.share
      : name === "row"
      ? weights.rows.share
      : weights.places[placeColumns.indexOf(name)].share;
  const explained = told.map((name): ExplainedChannel => ({
    name,
    ...meanings[name],
    unit: name === "offset" ? "m" : null,
    share: shareOf(name),
  }));
  return { map, channels: explained, patches, scans: sources, trust };
}

/** What is stored of the places around a scan's patches, on the host. */
interface StoredAround {
  readonly width: number;
  readonly places: Uint32Array;
  /** `… × 4`. */
  readonly values: Float32Array;
  /** Of each patch the most alike at its place, in the same numbers. */
  readonly local: Uint32Array;
}

async function readAround(gpu: Gpu, around: Neighbourhood, { local }: Measured): Promise<StoredAround> {
  const [places, values, nearest] = await Promise.all([
    gpu.read(around.places),
    gpu.read(around.values),
    gpu.read(local!),
  ]);
  return { width: around.width, places, values, local: nearest };
}

/** Mean and spread of one stored value at a patch's place; a spread of 0 where it never varies. */
export function spreadAt(
  { width, places, values }: Pick<StoredAround, "width" | "places" | "values">,
  patch: number,
  column: number,
  { mean, deviation }: Prior,
): { readonly expected: number; readonly spread: number } {
  const usual = mean[column], wide = deviation[column] ** 2, stored = values.length / 4;
  let sum = 0, squares = 0, total = PLACE_WEIGHT;
  for (let i = patch * width; i < (patch + 1) * width; i++) {
    if (places[i] >= stored) continue;
    const away = values[4 * places[i] + column] - usual;
    sum += away, squares += away * away, total++;
  }
  const away = sum / total, variance = Math.max(0, (squares + PLACE_WEIGHT * wide) / total - away ** 2);
  return { expected: usual + away, spread: wide > 0 ? Math.sqrt(variance + PLACE_FLOOR ** 2 * wide) : 0 };
}

/** Where bank rows come from. */
function bankPatches(
  rows: Uint32Array,
  distance: Float32Array,
  { bankCounts, bankPixels }: Pick<Memory, "bankCounts" | "bankPixels">,
): NormalPatches {
  const scanOf = Int32Array.from(bankPixels);
  rangesOf(bankCounts).forEach(({ first, count }, scan) => scanOf.fill(scan, first, first + count));
  return { scan: Int32Array.from(rows, (row) => scanOf[row]), pixel: rows.map((row) => bankPixels[row]), distance };
}

/** Where rows of the neighbourhood come from: it has all patches of the members, one member after another. */
function localPatches(
  rows: Uint32Array,
  values: Float32Array,
  { members }: Pick<Registration, "members">,
  { scans }: Pick<Memory, "scans">,
): NormalPatches {
  const from = members.flatMap((member) => Array<number>(scans[member].pixels.length).fill(member));
  const pixels = members.flatMap((member) => Array.from(scans[member].pixels));
  return {
    scan: Int32Array.from(rows, (row) => row === NO_PATCH ? -1 : from[row]),
    pixel: rows.map((row) => row === NO_PATCH ? 0 : pixels[row]),
    distance: Float32Array.from(rows, (_, patch) => values[4 * patch + placeColumns.indexOf("local")]),
  };
}

const emptyTable = (length: number) => ({
  values: new Float32Array(length),
  expected: new Float32Array(length),
  spread: new Float32Array(length),
  z: new Float32Array(length),
});
