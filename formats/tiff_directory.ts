/** Header and first directory of a TIFF: which tag has which numbers, and where it stands. @module */
import { MalformedFile, UnsupportedFile } from "./errors.ts";

/** The tags that decide how pixels are stored. Everything else in a directory is never looked at. */
export const tags = {
  ImageWidth: 256,
  ImageLength: 257,
  BitsPerSample: 258,
  Compression: 259,
  PhotometricInterpretation: 262,
  FillOrder: 266,
  StripOffsets: 273,
  SamplesPerPixel: 277,
  RowsPerStrip: 278,
  StripByteCounts: 279,
  PlanarConfiguration: 284,
  Predictor: 317,
  TileWidth: 322,
  TileLength: 323,
  TileOffsets: 324,
  TileByteCounts: 325,
  SampleFormat: 339,
} as const;

/** Name of a tag in {@link tags}. */
export type TagName = keyof typeof tags;

/** The first directory. */
export interface TiffDirectory {
  readonly littleEndian: boolean;
  has(tag: TagName): boolean;
  /** The numbers of a tag, undefined where it is absent. @throws {MalformedFile} for another type, no values, values outside the file */
  numbers(tag: TagName): readonly number[] | undefined;
  /** The only number of a tag, `absent` where there is no tag. */
  number(tag: TagName, absent?: number): number;
  /** Refuses the file and names the tag. */
  refuse(tag: TagName, problem: string): never;
}

type Entry = { readonly at: number; readonly type: number; readonly count: number; readonly inline: number };

const SHORT = 3, LONG = 4, LONG8 = 16;
const sizes = new Map([[SHORT, 2], [LONG, 4], [LONG8, 8]]);
const known: ReadonlySet<number> = new Set(Object.values(tags));

/** Reads the header and the first directory, classic or BigTIFF. Neither later pages nor SubIFDs are followed. @throws {MalformedFile} */
export function readTiffDirectory(bytes: Uint8Array): TiffDirectory {
  const { view, littleEndian, big } = readHeader(bytes);
  const entries = readEntries(view, littleEndian, big);
  const refuse = (tag: TagName, problem: string): never => {
    throw new MalformedFile("TIFF", entries.get(tags[tag])?.at ?? 0, `${tag} (${tags[tag]}) ${problem}`);
  };
  const numbers = (tag: TagName) => {
    const entry = entries.get(tags[tag]);
    if (entry === undefined) return undefined;
    const { type, count, inline } = entry, size = sizes.get(type);
    if (size === undefined) return refuse(tag, `has type ${type}, not SHORT, LONG or LONG8`);
    if (count === 0) return refuse(tag, "has no values");
    const room = big ? 8 : 4, length = count * size;
    const start = length <= room
      ? inline
      : big
      ? uint64(view, inline, littleEndian)
      : view.getUint32(inline, littleEndian);
    if (!(start + length <= bytes.length)) {
      return refuse(tag, `has ${count} values up to byte ${start + length}, the file has ${bytes.length} bytes`);
    }
    const values = new Array<number>(count);
    for (let i = 0, at = start; i < count; i++, at += size) {
      values[i] = size === 2
        ? view.getUint16(at, littleEndian)
        : size === 4
        ? view.getUint32(at, littleEndian)
        : uint64(view, at, littleEndian);
    }
    return values;
  };
  const number = (tag: TagName, absent?: number) => {
    const values = numbers(tag);
    if (values === undefined) return absent ?? refuse(tag, "is missing");
    return values.length === 1 ? values[0] : refuse(tag, `has ${values.length} values, not 1`);
  };
  return { littleEndian, has: (tag) => entries.has(tags[tag]), numbers, number, refuse };
}

function readHeader(bytes: Uint8Array) {
  if (bytes.length < 8) throw new MalformedFile("TIFF", 0, `the file has ${bytes.length} bytes, a header has 8`);
  const littleEndian = bytes[0] === 0x49;
  if (bytes[0] !== bytes[1] || (bytes[0] !== 0x49 && bytes[0] !== 0x4d)) {
    throw new MalformedFile("TIFF", 0, "it starts with neither II nor MM");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(2, littleEndian), big = version === 43;
  if (version !== 42 && !big) throw new MalformedFile("TIFF", 2, `the version is ${version}, not 42 or 43`);
  if (big) {
    if (bytes.length < 16) throw new MalformedFile("TIFF", 4, "the BigTIFF header is cut off");
    const width = view.getUint16(4, littleEndian);
    if (width !== 8) throw new UnsupportedFile("TIFF", `its offsets have ${width} bytes, BigTIFF has 8`);
  }
  return { view, littleEndian, big };
}

function readEntries(view: DataView, littleEndian: boolean, big: boolean): Map<number, Entry> {
  const fileSize = view.byteLength, [countSize, entrySize] = big ? [8, 20] : [2, 12];
  const at = big ? uint64(view, 8, littleEndian) : view.getUint32(4, littleEndian);
  if (at < 8 || !(at + countSize <= fileSize)) {
    throw new MalformedFile("TIFF", big ? 8 : 4, `the directory is at byte ${at}, the file has ${fileSize} bytes`);
  }
  const count = big ? uint64(view, at, littleEndian) : view.getUint16(at, littleEndian);
  const end = at + countSize + count * entrySize;
  if (!(end <= fileSize)) {
    throw new MalformedFile("TIFF", at, `${count} entries end at byte ${end}, the file has ${fileSize} bytes`);
  }
  const entries = new Map<number, Entry>();
  for (let entry = at + countSize; entry < end; entry += entrySize) {
    const tag = view.getUint16(entry, littleEndian);
    if (!known.has(tag)) continue;
    if (entries.has(tag)) throw new MalformedFile("TIFF", entry, `tag ${tag} stands there twice`);
    entries.set(tag, {
      at: entry,
      type: view.getUint16(entry + 2, littleEndian),
      count: big ? uint64(view, entry + 4, littleEndian) : view.getUint32(entry + 4, littleEndian),
      inline: entry + (big ? 12 : 8),
    });
  }
  return entries;
}

/** Beyond 2^53 the last bits are lost; such a number is an offset behind any file, and refused as one. */
const uint64 = (view: DataView, at: number, littleEndian: boolean) => Number(view.getBigUint64(at, littleEndian));
