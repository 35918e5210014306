/** A TIFF writer with every freedom the format leaves, for tests: right files, and wrong ones tag by tag. @module */
import { type TagName, tags } from "./tiff_directory.ts";

/** A tag of the file: its numbers, with type 3 (SHORT), 4 (LONG) or 16 (LONG8). */
export interface ReferenceTag {
  readonly type?: number;
  readonly numbers: readonly number[];
}

/** What to write. */
export interface ReferenceTiff {
  readonly bigEndian?: boolean;
  readonly bigTiff?: boolean;
  /** Packed strips or tiles; TileOffsets are used where there is a TileWidth. */
  readonly blocks: readonly Uint8Array[];
  /** Numbers alone are written as SHORT. An entry here wins over the offsets and lengths of `blocks`; undefined leaves a tag out. */
  readonly tags: Readonly<Partial<Record<TagName, readonly number[] | ReferenceTag | undefined>>>;
}

const SHORT = 3, LONG = 4, LONG8 = 16;

/** Header, blocks, directory, arrays of the directory, in this order. */
export function referenceTiff(
  { bigEndian = false, bigTiff = false, blocks, tags: given }: ReferenceTiff,
): Uint8Array<ArrayBuffer> {
  const header = bigTiff ? 16 : 8, word = bigTiff ? LONG8 : LONG, room = bigTiff ? 8 : 4, entrySize = bigTiff ? 20 : 12;
  const offsets = blocks.map((_, i) => header + blocks.slice(0, i).reduce((sum, block) => sum + block.length, 0));
  const [offsetTag, lengthTag] = given.TileWidth
    ? ["TileOffsets", "TileByteCounts"] as const
    : ["StripOffsets", "StripByteCounts"] as const;
  const all = {
    [offsetTag]: { type: word, numbers: offsets },
    [lengthTag]: { type: word, numbers: blocks.map((block) => block.length) },
    ...given,
  };
  const entries = (Object.keys(all) as TagName[]).sort((a, b) => tags[a] - tags[b]).flatMap((name) => {
    const tag = all[name];
    if (tag === undefined) return [];
    const { type = SHORT, numbers } = "numbers" in tag ? tag : { numbers: tag };
    return [{ tag: tags[name], type, numbers, size: type === SHORT ? 2 : type === LONG ? 4 : 8 }];
  });
  const directory = header + blocks.reduce((sum, block) => sum + block.length, 0);
  let arrays = directory + (bigTiff ? 8 : 2) + entries.length * entrySize + room;
  const bytes = new Uint8Array(arrays + entries.reduce((sum, { numbers, size }) => sum + numbers.length * size, 0));
  const view = new DataView(bytes.buffer), little = !bigEndian;
  const put = (at: number, size: number, number: number) => {
    if (size === 2) view.setUint16(at, number, little);
    else if (size === 4) view.setUint32(at, number, little);
    else view.setBigUint64(at, BigInt(number), little);
  };
  view.setUint16(0, bigEndian ? 0x4d4d : 0x4949);
  put(2, 2, bigTiff ? 43 : 42);
  if (bigTiff) put(4, 2, 8);
  put(bigTiff ? 8 : 4, room, directory);
  blocks.forEach((block, i) => bytes.set(block, offsets[i]));
  put(directory, bigTiff ? 8 : 2, entries.length);
  entries.forEach(({ tag, type, numbers, size }, i) => {
    const entry = directory + (bigTiff ? 8 : 2) + i * entrySize, inline = entry + 4 + room;
    put(entry, 2, tag);
    put(entry + 2, 2, type);
    put(entry + 4, room, numbers.length);
    const apart = numbers.length * size > room;
    if (apart) put(inline, room, arrays);
    numbers.forEach((number, j) => put((apart ? arrays : inline) + j * size, size, number));
    if (apart) arrays += numbers.length * size;
  });
  return bytes.subarray(0, arrays);
}

/** LZW of single bytes: 9-bit codes, a clear code often enough that they never get wider. */
export function lzwOfLiterals(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const codes: number[] = [];
  bytes.forEach((byte, i) => codes.push(...(i % 200 === 0 ? [256, byte] : [byte])));
  const bits = [...codes, 257].map((code) => code.toString(2).padStart(9, "0")).join("");
  return Uint8Array.from(bits.match(/.{1,8}/g) ?? [], (byte) => parseInt(byte.padEnd(8, "0"), 2));
}

/** zlib by the platform. */
export async function deflated(
  bytes: Uint8Array<ArrayBuffer>,
  wrapper: CompressionFormat = "deflate",
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(wrapper));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
