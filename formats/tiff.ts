/** Reading the first page of a TIFF as numbers. @module */
import { UnsupportedFile } from "./errors.ts";
import { inflate } from "./inflate.ts";
import { allocate, MOST_VALUES, type NumberArray, type NumberKind, numbersOf, swapBytes } from "./number_arrays.ts";
import { readTiffLayout, type TiffBlock, type TiffLayout } from "./tiff_layout.ts";
import { undoFloating, undoHorizontal } from "./tiff_predictor.ts";
import { unpackBits, unpackLzw } from "./tiff_unpack.ts";

/** The pixels of a TIFF. */
export interface TiffImage {
  readonly width: number;
  readonly height: number;
  /** Values of a pixel. */
  readonly samples: number;
  /** What the file's samples were: half floats come as float32, 64-bit integers as float64. */
  readonly kind: NumberKind;
  /** `height × width × samples`, row by row from the top as stored, samples interleaved. The caller owns it. */
  readonly values: NumberArray;
}

/**
 * Reads the first page: little- or big-endian, classic or BigTIFF, strips or tiles, interleaved or separate planes, unpacked, LZW, deflate
 * or PackBits, predictors 1 to 3, integers of 8 to 64 and floats of 16 to 64 bits. Later pages, SubIFDs and Orientation are not looked at.
 *
 * Formats: TIFF 6.0 (Adobe 1992), its technical notes 2 and 3, and BigTIFF.
 * @throws {MalformedFile} naming the tag @throws {UnsupportedFile} naming what is not read @throws {FileTooLarge} beyond `most` values
 */
export async function readTiff(bytes: Uint8Array, most: number = MOST_VALUES): Promise<TiffImage> {
  const layout = readTiffLayout(bytes, most);
  const { width, height, samples, kind, size, blocks, together } = layout;
  const pixels = allocate(width * height * samples * size, "TIFF");
  const inPlace = (block: TiffBlock) =>
    block.width === width && together === samples && block.y + block.height <= height;
  const largest = blocks.reduce((most, block) => inPlace(block) ? most : Math.max(most, blockBytes(layout, block)), 0);
  const scratch = allocate(largest, "TIFF");
  for (const block of blocks) {
    const direct = inPlace(block), start = direct ? block.y * width * samples * size : 0;
    const target = (direct ? pixels : scratch).subarray(start, start + blockBytes(layout, block));
    const unpacked = unpack(bytes.subarray(block.offset, block.offset + block.length), target, layout, block);
    if (unpacked) await unpacked; // most files need no wait, and may have hundreds of strips
    restore(target, layout, block);
    if (!direct) place(target, pixels, layout, block);
  }
  const values = numbersOf(pixels, kind, size, (index) => {
    throw new UnsupportedFile("TIFF", `value ${index} is a 64-bit integer beyond ±2^53`);
  });
  return { width, height, samples, kind, values };
}

const blockBytes = ({ together, size }: TiffLayout, { width, height }: TiffBlock) => width * height * together * size;

/** Fills `target` from the block's bytes. A promise only where the platform has no synchronous way. */
function unpack(
  packed: Uint8Array,
  target: Uint8Array,
  { packing }: TiffLayout,
  { offset }: TiffBlock,
): Promise<void> | void {
  if (packing === "deflate") return inflate(packed, target, { format: "TIFF", offset, surplus: "ignore" });
  if (packing === "lzw") return unpackLzw(packed, target, offset);
  if (packing === "packbits") return unpackBits(packed, target, offset);
  target.set(packed.subarray(0, target.length));
}

/** Brings a block's samples to little-endian numbers. */
function restore(
  block: Uint8Array,
  { littleEndian, predictor, size, together }: TiffLayout,
  { width }: TiffBlock,
): void {
  if (predictor === "floating") return undoFloating(block, width * together, together, size);
  if (!littleEndian) swapBytes(block, size);
  if (predictor === "horizontal") undoHorizontal(block, width * together, together, size);
}

/** Copies the part of a tile or plane that lies in the image. */
function place(
  block: Uint8Array,
  pixels: Uint8Array,
  { width, height, samples, size, together }: TiffLayout,
  at: TiffBlock,
): void {
  const columns = Math.min(at.width, width - at.x), rows = Math.min(at.height, height - at.y);
  for (let row = 0; row < rows; row++) {
    const from = row * at.width * together * size;
    let to = (((at.y + row) * width + at.x) * samples + at.sample) * size;
    if (together === samples) {
      pixels.set(block.subarray(from, from + columns * samples * size), to);
      continue;
    }
    for (let column = 0; column < columns; column++, to += samples * size) {
      for (let byte = 0; byte < size; byte++) pixels[to + byte] = block[from + column * size + byte];
    }
  }
}
