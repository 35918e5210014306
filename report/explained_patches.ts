/** What the report keeps of an explanation, packed into few bytes. @module */
import { type Explanation, type MapFrame, normalPatch, scanPixelOf } from "../core/mod.ts";

/** A column of the packed table: `least + step × n` with n as uint16. */
export interface PackedColumn {
  /** Such as `score`, `nearest.x` or `place.z`. */
  readonly name: string;
  readonly least: number;
  readonly step: number;
}

/** Patches of one scan, one a row. */
export interface PackedPatches {
  /** Size of the scan, in whose pixels all places are. */
  readonly width: number;
  readonly height: number;
  /** A place farther from every patch than this many pixels is not on the part. */
  readonly reach: number;
  readonly count: number;
  readonly columns: readonly PackedColumn[];
  /** `count × columns` uint16, row-major, little-endian. */
  readonly table: Uint8Array;
  /** Names of normal scans, by number. */
  readonly scans: readonly string[];
  /** The channels that count. */
  readonly channels: readonly {
    readonly name: string;
    readonly meaning: string;
    readonly against: string;
    readonly unit: string;
  }[];
}

/** Most bytes of a scan's table: 144 kB of base64. */
const MOST_BYTES = 108_000;

/** As many patches as have room, those of high scores and an even choice of the rest, with the channels that count. */
export function packPatches(explanation: Explanation, frame: MapFrame): PackedPatches {
  const { map, channels, patches } = explanation;
  const told = channels.flatMap((channel, c) => channel.share > 0 ? [{ ...channel, c }] : []);
  const scans: string[] = [], numbers = new Map<string, number>();
  const numberOf = (name: string) => {
    if (!numbers.has(name)) numbers.set(name, scans.push(name) - 1);
    return numbers.get(name)!;
  };
  const nearestAt = (patch: number, from: typeof patches.nearest) => {
    const found = normalPatch(explanation, from, patch);
    return found ? [numberOf(found.scan), ...found.pixel] : [-1, 0, 0];
  };
  const whole = ["x", "y", "nearest.scan", "nearest.x", "nearest.y"];
  const local = patches.local, wholeLocal = local ? ["local.scan", "local.x", "local.y"] : [];
  const names = [
    ...whole,
    ...wholeLocal,
    ...["score", "alone", "nearest.distance", "nearest.usual"],
    ...told.flatMap(({ name }) => [`${name}.value`, `${name}.expected`, `${name}.z`]),
  ];
  const rows = chosen(patches.score, Math.floor(MOST_BYTES / (2 * names.length))).map((patch) => [
    ...scanPixelOf(frame, patches.pixels[patch]),
    ...nearestAt(patch, patches.nearest),
    ...(local ? nearestAt(patch, local) : []),
    map.values[patches.pixels[patch]],
    patches.score[patch],
    patches.nearest.distance[patch],
    patches.usual.mean[patch],
    ...told.flatMap(({ c, unit }) => {
      const at = patch * channels.length + c, factor = unit === "m" ? 1000 : 1;
      return [factor * patches.values[at], factor * patches.expected[at], patches.z[at]];
    }),
  ]);
  const columns = names.map((name, c) => columnOf(name, rows, c, c < whole.length + wholeLocal.length));
  const view = new DataView(new ArrayBuffer(2 * rows.length * names.length));
  rows.forEach((row, r) =>
    columns.forEach(({ least, step }, c) =>
      view.setUint16(2 * (r * names.length + c), Math.round((row[c] - least) / step), true)
    )
  );
  const pixel = frame.side / frame.size; // source pixels of a map pixel
  return {
    width: frame.width,
    height: frame.height,
    reach: Math.ceil(10 * pixel),
    count: rows.length,
    columns,
    table: new Uint8Array(view.buffer),
    scans,
    channels: told.map(({ name, meaning, against, unit }) => ({
      name,
      meaning,
      against,
      unit: unit === "m" ? "mm" : "",
    })),
  };
}

/** Whole numbers stay as they are; others are spread over what a uint16 holds. */
function columnOf(name: string, rows: readonly (readonly number[])[], c: number, isWhole: boolean): PackedColumn {
  let least = Infinity, most = -Infinity;
  for (const row of rows) least = Math.min(least, row[c]), most = Math.max(most, row[c]);
  if (rows.length === 0) return { name, least: 0, step: 1 };
  return { name, least, step: isWhole || most === least ? 1 : (most - least) / 65535 };
}

/** Numbers of at most `most` patches, ascending: half of them the highest scores, half evenly from the others. */
function chosen(score: Float32Array, most: number): number[] {
  const all = Array.from(score.keys());
  if (all.length <= most) return all;
  const high = all.toSorted((a, b) => score[b] - score[a] || a - b).slice(0, Math.ceil(most / 2));
  const taken = new Set(high), rest = all.filter((patch) => !taken.has(patch)), wanted = most - high.length;
  const even = Array.from({ length: wanted }, (_, i) => rest[Math.floor((i * rest.length) / wanted)]);
  return [...high, ...even].sort((a, b) => a - b);
}
