/** Writing float32 pixels as a TIFF. @module */
import { WriteRefused } from "./errors.ts";
import { MOST_VALUES } from "./number_arrays.ts";
import { type TagName, tags } from "./tiff_directory.ts";

/** Pixels to write. */
export interface TiffToWrite {
  readonly width: number;
  readonly height: number;
  /** 3 for a scan (x, y, z), 1 for a map. */
  readonly samples: 1 | 3;
  /** `height × width × samples`, row by row, interleaved. */
  readonly values: Float32Array;
}

const SHORT = 3, LONG = 4;

/**
 * A little-endian classic TIFF: float32, not compressed, one strip from byte 8, interleaved, the directory behind it. The layout of a
 * HALCON file with one strip instead of one a row, and without its SubIFD. @throws {WriteRefused} when the values do not fill the image
 */
export function writeTiff({ width, height, samples, values }: TiffToWrite): Uint8Array<ArrayBuffer> {
  if (![width, height].every((n) => Number.isSafeInteger(n) && n > 0) || (samples !== 1 && samples !== 3)) {
    throw new WriteRefused("TIFF", `${width} × ${height} × ${samples} is no image; sizes are positive, samples 1 or 3`);
  }
  if (values.length !== width * height * samples || values.length > MOST_VALUES) {
    throw new WriteRefused(
      "TIFF",
      `${values.length} values for ${width} × ${height} × ${samples}, at most ${MOST_VALUES}`,
    );
  }
  const directory = 8 + values.byteLength;
  const entries: readonly (readonly [TagName, number, readonly number[]])[] = [
    ["ImageWidth", LONG, [width]],
    ["ImageLength", LONG, [height]],
    ["BitsPerSample", SHORT, new Array(samples).fill(32)],
    ["Compression", SHORT, [1]],
    ["PhotometricInterpretation", SHORT, [samples === 3 ? 2 : 1]],
    ["StripOffsets", LONG, [8]],
    ["SamplesPerPixel", SHORT, [samples]],
    ["RowsPerStrip", LONG, [height]],
    ["StripByteCounts", LONG, [values.byteLength]],
    ["PlanarConfiguration", SHORT, [1]],
    ["SampleFormat", SHORT, new Array(samples).fill(3)],
  ];
  let arrays = directory + 2 + 12 * entries.length + 4; // numbers that do not fit into an entry stand behind the directory
  const bytes = new Uint8Array(arrays + 2 * 2 * samples), view = new DataView(bytes.buffer);
  view.setUint32(0, 0x49492a00);
  view.setUint32(4, directory, true);
  for (let i = 0; i < values.length; i++) view.setFloat32(8 + 4 * i, values[i], true);
  view.setUint16(directory, entries.length, true);
  entries.forEach(([tag, type, numbers], i) => {
    const entry = directory + 2 + 12 * i, size = type === SHORT ? 2 : 4, inline = numbers.length * size <= 4;
    view.setUint16(entry, tags[tag], true);
    view.setUint16(entry + 2, type, true);
    view.setUint32(entry + 4, numbers.length, true);
    if (!inline) view.setUint32(entry + 8, arrays, true);
    numbers.forEach((number, j) => {
      const at = (inline ? entry + 8 : arrays) + j * size;
      size === 2 ? view.setUint16(at, number, true) : view.setUint32(at, number, true);
    });
    if (!inline) arrays += numbers.length * size;
  });
  return bytes.subarray(0, arrays);
}
