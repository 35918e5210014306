/** PNG files taken apart into what their pixels need, checked before anything is allocated for them. @module */
import { crc32 } from "./crc32.ts";
import { FileTooLarge, MalformedFile, UnsupportedFile } from "./errors.ts";
import { DEFLATE_RATIO, inflate } from "./inflate.ts";
import { allocate } from "./number_arrays.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MOST_PIXELS = 2 ** 26;

/** Bits of a sample that each colour type may have, and its samples a pixel (PNG, table 11.1). */
const colours = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);

const PALETTE = 3;

/** First column and row, and steps, of Adam7's seven passes. */
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]] as const;

type Chunk = { readonly type: string; readonly start: number; readonly end: number };
type Header = { width: number; height: number; depth: number; samples: number; palette: boolean; interlaced: boolean };

/**
 * The same picture with nothing in it but IHDR, PLTE, IDAT and IEND, whose checksums stand and whose pixels inflate to exactly the size that
 * IHDR implies. Text, colour profiles and the like, which can be bombs of their own, are gone.
 * @throws {MalformedFile} @throws {UnsupportedFile} @throws {FileTooLarge} beyond 2^26 pixels
 */
export async function provenPng(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  if (SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw new MalformedFile("PNG", 0, "it does not start with the PNG signature");
  }
  const chunks = readChunks(bytes), header = readHeader(bytes, chunks[0]);
  const palettes = chunks.filter(({ type }) => type === "PLTE"), data = chunks.filter(({ type }) => type === "IDAT");
  if (header.palette && palettes.length !== 1) {
    throw new MalformedFile("PNG", 8, `it has ${palettes.length} palettes, not 1`);
  }
  if (data.length === 0) throw new MalformedFile("PNG", chunks.at(-1)!.start, "it has no IDAT chunk");
  const packed = join(bytes, data, 8, 4), size = pixelBytes(header);
  if (size > packed.length * DEFLATE_RATIO) {
    throw new MalformedFile(
      "PNG",
      data[0].start,
      `${packed.length} bytes of IDAT cannot hold the ${size} bytes of its pixels`,
    );
  }
  await inflate(packed, allocate(size, "PNG"), { format: "PNG", offset: data[0].start + 8 });
  const kept = [chunks[0], ...(header.palette ? palettes : []), ...data, chunks.at(-1)!];
  return join(bytes, [{ start: 0, end: 8 }, ...kept], 0, 0);
}

/** The bytes of some chunks one after the other, without `head` bytes before and `tail` behind each. */
function join(bytes: Uint8Array, chunks: readonly Omit<Chunk, "type">[], head: number, tail: number) {
  const length = chunks.reduce((sum, { start, end }) => sum + end - start - head - tail, 0);
  const joined = new Uint8Array(length);
  let at = 0;
  for (const { start, end } of chunks) {
    const part = bytes.subarray(start + head, end - tail);
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** All chunks up to IEND: length, type, data, CRC-32 (PNG, 5.3). What follows IEND is not looked at. */
function readChunks(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), chunks: Chunk[] = [];
  for (let start = SIGNATURE.length; chunks.at(-1)?.type !== "IEND";) {
    if (start + 12 > bytes.length) throw new MalformedFile("PNG", start, "the file ends before an IEND chunk");
    const length = view.getUint32(start), end = start + 12 + length;
    if (end > bytes.length) {
      throw new MalformedFile("PNG", start, `a chunk ends at byte ${end}, the file at ${bytes.length}`);
    }
    const type = String.fromCharCode(...bytes.subarray(start + 4, start + 8));
    const known = ["IHDR", "PLTE", "IDAT", "IEND"].includes(type);
    if (!known && (bytes[start + 4] & 32) === 0) {
      throw new UnsupportedFile("PNG", `it needs the unknown chunk ${JSON.stringify(type)}`);
    }
    if (known && crc32(bytes.subarray(start + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw new MalformedFile("PNG", start, `the checksum of ${type} is wrong`);
    }
    if ((type === "IHDR") !== (chunks.length === 0)) {
      throw new MalformedFile("PNG", start, "IHDR is not the first chunk, alone");
    }
    chunks.push({ type, start, end });
    start = end;
  }
  return chunks;
}

function readHeader(bytes: Uint8Array, { start, end }: Chunk): Header {
  if (end - start !== 25) throw new MalformedFile("PNG", start, `IHDR has ${end - start - 12} bytes, not 13`);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start + 8, 13);
  const width = view.getUint32(0), height = view.getUint32(4);
  const [depth, colour, compression, filter, interlace] = bytes.subarray(start + 16, start + 21);
  if (width === 0 || height === 0) throw new MalformedFile("PNG", start + 8, `the picture is ${width} × ${height}`);
  if (width * height > MOST_PIXELS) throw new FileTooLarge("PNG", width * height, MOST_PIXELS, "pixels");
  const known = colours.get(colour);
  if (!known?.depths.includes(depth)) {
    throw new MalformedFile("PNG", start + 16, `colour type ${colour} with ${depth} bits does not exist`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new UnsupportedFile("PNG", `it has compression ${compression}, filter ${filter}, interlace ${interlace}`);
  }
  if (interlace === 1 && depth < 8) {
    throw new UnsupportedFile("PNG", `it is interlaced with ${depth} bits; read are 8 and 16`);
  }
  return { width, height, depth, samples: known.samples, palette: colour === PALETTE, interlaced: interlace === 1 };
}

/** Bytes of the filtered rows: one for the filter, then the samples, packed. */
function pixelBytes({ width, height, depth, samples, interlaced }: Header): number {
  const size = (columns: number, rows: number) =>
    columns * rows === 0 ? 0 : rows * (1 + Math.ceil(columns * samples * depth / 8));
  if (!interlaced) return size(width, height);
  return passes.reduce(
    (sum, [x, y, dx, dy]) => sum + size(Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)),
    0,
  );
}
