/** What the tags of a TIFF say together, checked against each other and against the file before any memory is taken. @module */
import { FileTooLarge, UnsupportedFile } from "./errors.ts";
import { DEFLATE_RATIO } from "./inflate.ts";
import { MOST_VALUES, type NumberKind } from "./number_arrays.ts";
import { readTiffDirectory, type TagName, type TiffDirectory } from "./tiff_directory.ts";

/** How a block of pixels is packed. */
export type TiffPacking = "none" | "lzw" | "deflate" | "packbits";

/** A strip or a tile: rows of pixels that are packed together. */
export interface TiffBlock {
  /** Bytes of the file. */
  readonly offset: number;
  readonly length: number;
  /** First pixel in the image, and first sample: not 0 where planes are separate. */
  readonly x: number;
  readonly y: number;
  readonly sample: number;
  /** Pixels stored; a tile may reach beyond the image. */
  readonly width: number;
  readonly height: number;
}

/** Where every sample of the first page stands. */
export interface TiffLayout {
  readonly littleEndian: boolean;
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly kind: NumberKind;
  /** Bytes of a sample: 1, 2, 4, 8. */
  readonly size: number;
  readonly packing: TiffPacking;
  readonly predictor: "none" | "horizontal" | "floating";
  /** Samples that stand together in a block: all of them, or 1 where planes are separate. */
  readonly together: number;
  readonly blocks: readonly TiffBlock[];
}

const packings = new Map<number, TiffPacking>([
  [1, "none"],
  [5, "lzw"],
  [8, "deflate"],
  [32946, "deflate"],
  [32773, "packbits"],
]);

const otherPackings = new Map([
  [2, "CCITT RLE"],
  [3, "CCITT group 3"],
  [4, "CCITT group 4"],
  [6, "old-style JPEG"],
  [7, "JPEG"],
  [9, "JBIG"],
  [32771, "CCITT RLE in words"],
  [32809, "ThunderScan"],
  [34676, "SGI LogLuv"],
  [34677, "SGI LogLuv 24"],
  [34712, "JPEG 2000"],
  [34887, "LERC"],
  [34925, "LZMA"],
  [50000, "ZSTD"],
  [50001, "WebP"],
  [50002, "JPEG XL"],
]);

/** The most bytes that a packed byte can yield. LZW: the longest string is under 4096 bytes, the shortest code 9 bits. */
const growth: Readonly<Record<TiffPacking, number>> = { none: 1, packbits: 64, lzw: 3641, deflate: DEFLATE_RATIO };

/** Reads and checks the first page's tags; `most` values at most. @throws {MalformedFile} naming the tag @throws {UnsupportedFile} @throws {FileTooLarge} */
export function readTiffLayout(bytes: Uint8Array, most: number = MOST_VALUES): TiffLayout {
  const directory = readTiffDirectory(bytes);
  const positive = (tag: TagName, absent?: number) => {
    const value = directory.number(tag, absent);
    return value > 0 ? value : directory.refuse(tag, "is 0");
  };
  const width = positive("ImageWidth"), height = positive("ImageLength"), samples = positive("SamplesPerPixel", 1);
  const values = width * height * samples;
  if (values > most) throw new FileTooLarge("TIFF", values, most, "values");
  const packing = readPacking(directory);
  const { kind, size } = readSampleType(directory, samples);
  const predictor = readPredictor(directory, packing, kind, size);
  const planar = directory.number("PlanarConfiguration", 1);
  if (planar !== 1 && planar !== 2) directory.refuse("PlanarConfiguration", `is ${planar}, not 1 or 2`);
  const together = planar === 1 ? samples : 1;
  const grid = readGrid(directory, positive, width, height);
  const page = {
    littleEndian: directory.littleEndian,
    width,
    height,
    samples,
    kind,
    size,
    packing,
    predictor,
    together,
  };
  return { ...page, blocks: readBlocks(bytes, directory, page, grid) };
}

function readPacking(directory: TiffDirectory): TiffPacking {
  const compression = directory.number("Compression", 1), packing = packings.get(compression);
  if (packing === undefined) {
    const name = otherPackings.get(compression) ?? "an unknown one";
    throw new UnsupportedFile(
      "TIFF",
      `its Compression is ${compression} (${name}); read are none, LZW, deflate, PackBits`,
    );
  }
  if (directory.number("FillOrder", 1) !== 1) throw new UnsupportedFile("TIFF", "its FillOrder is not 1");
  if (directory.number("PhotometricInterpretation", 1) === 6) {
    throw new UnsupportedFile("TIFF", "its samples are YCbCr (PhotometricInterpretation 6)");
  }
  return packing;
}

/** The same number for every sample. One number for all of them is accepted, as other readers do. */
function sameForAll(directory: TiffDirectory, tag: TagName, samples: number, absent: number): number {
  const values = directory.numbers(tag) ?? [absent];
  if (values.length !== samples && values.length !== 1) {
    directory.refuse(tag, `has ${values.length} values, SamplesPerPixel is ${samples}`);
  }
  return values.every((v) => v === values[0])
    ? values[0]
    : directory.refuse(tag, "differs between the samples of a pixel");
}

function readSampleType(directory: TiffDirectory, samples: number): { kind: NumberKind; size: number } {
  const bits = sameForAll(directory, "BitsPerSample", samples, 1);
  const format = sameForAll(directory, "SampleFormat", samples, 1);
  const kind = format === 1 || format === 4 ? "uint" : format === 2 ? "int" : format === 3 ? "float" : undefined;
  if (bits === 0) directory.refuse("BitsPerSample", "is 0");
  if (kind === undefined) throw new UnsupportedFile("TIFF", `its SampleFormat is ${format}; read are 1, 2, 3 and 4`);
  if (![8, 16, 32, 64].includes(bits) || (kind === "float" && bits === 8)) {
    throw new UnsupportedFile("TIFF", `its samples are ${bits}-bit ${kind}; read are 8 (integers), 16, 32 and 64 bits`);
  }
  return { kind, size: bits / 8 };
}

function readPredictor(
  directory: TiffDirectory,
  packing: TiffPacking,
  kind: NumberKind,
  size: number,
): TiffLayout["predictor"] {
  const predictor = directory.number("Predictor", 1);
  if (predictor === 1) return "none";
  if (predictor !== 2 && predictor !== 3) directory.refuse("Predictor", `is ${predictor}, not 1, 2 or 3`);
  if (packing === "none" || packing === "packbits") {
    directory.refuse("Predictor", `is ${predictor}, which goes with LZW and deflate alone`);
  }
  if (predictor === 2) return "horizontal";
  return kind === "float" && size > 1 ? "floating" : directory.refuse("Predictor", "is 3, the samples are integers");
}

type Grid = { tiled: boolean; blockWidth: number; blockHeight: number };

function readGrid(
  directory: TiffDirectory,
  positive: (tag: TagName, absent?: number) => number,
  width: number,
  height: number,
): Grid {
  const tiled = directory.has("TileWidth") || directory.has("TileOffsets");
  if (!tiled) return { tiled, blockWidth: width, blockHeight: Math.min(height, positive("RowsPerStrip", height)) };
  if (directory.has("StripOffsets")) directory.refuse("StripOffsets", "stands beside tiles");
  return { tiled, blockWidth: positive("TileWidth"), blockHeight: positive("TileLength") };
}

function readBlocks(
  bytes: Uint8Array,
  directory: TiffDirectory,
  { width, height, samples, size, packing, together }: Omit<TiffLayout, "blocks">,
  { tiled, blockWidth, blockHeight }: Grid,
): TiffBlock[] {
  const [offsetTag, lengthTag] = tiled
    ? ["TileOffsets", "TileByteCounts"] as const
    : ["StripOffsets", "StripByteCounts"] as const;
  const blockValues = blockWidth * blockHeight * together;
  if (blockValues > MOST_VALUES) throw new FileTooLarge("TIFF", blockValues, MOST_VALUES, "values in a tile");
  const across = Math.ceil(width / blockWidth), down = Math.ceil(height / blockHeight);
  const count = across * down * (samples / together);
  const numbers = (tag: TagName) => {
    const found = directory.numbers(tag) ?? directory.refuse(tag, "is missing");
    return found.length === count
      ? found
      : directory.refuse(tag, `has ${found.length} values, the image has ${count} blocks`);
  };
  const offsets = numbers(offsetTag), lengths = numbers(lengthTag);
  const blocks: TiffBlock[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const x = i % across * blockWidth, y = Math.floor(i / across) % down * blockHeight;
    const offset = offsets[i], length = lengths[i], rows = tiled ? blockHeight : Math.min(blockHeight, height - y);
    const needed = rows * blockWidth * together * size, full = blockValues * size;
    if (!(offset + length <= bytes.length)) {
      directory.refuse(
        offsetTag,
        `puts block ${i} at bytes ${offset} to ${offset + length}, the file has ${bytes.length}`,
      );
    }
    if (needed > length * growth[packing] || (packing === "none" && length > full)) {
      directory.refuse(
        lengthTag,
        `gives ${length} bytes to block ${i}, which has ${needed} bytes of pixels (${packing} packing)`,
      );
    }
    total += length;
    blocks.push({ offset, length, x, y, sample: Math.floor(i / (across * down)), width: blockWidth, height: rows });
  }
  if (total > bytes.length) directory.refuse(lengthTag, `adds up to ${total} bytes, the file has ${bytes.length}`);
  return blocks;
}
