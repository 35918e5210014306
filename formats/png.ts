/** PNG pictures and masks, over the library fast-png. @module */
import { decode, type DecodedPng, encode } from "fast-png";
import { MalformedFile, WriteRefused } from "./errors.ts";
import { provenPng } from "./png_chunks.ts";

/** The pixels of a PNG. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB (also where the file has a palette), 4 RGB and alpha. */
  readonly channels: number;
  /** Bits of a value; values are not scaled, 1-bit pictures have 0 and 1. */
  readonly depth: number;
  /** `height × width × channels`, row by row, interleaved; 16 bits as Uint16Array. The caller owns it. */
  readonly values: Uint8Array | Uint16Array;
}

/** Ground truth: 1 where a pixel is anomalous. */
export interface MaskImage {
  readonly width: number;
  readonly height: number;
  /** `height × width`, row by row, 0 or 1. */
  readonly values: Uint8Array;
}

/**
 * Reads a PNG of 1 to 16 bits, grey, RGB, palette, with or without alpha, interlaced from 8 bits on. A tRNS chunk is not looked at.
 * @throws {MalformedFile} @throws {UnsupportedFile} @throws {FileTooLarge} beyond 2^26 pixels
 */
export async function readPng(bytes: Uint8Array): Promise<PngImage> {
  const proven = await provenPng(bytes);
  let png: DecodedPng;
  try {
    png = decode(proven);
  } catch (cause) {
    throw new MalformedFile("PNG", 8, cause instanceof Error ? cause.message : "its pixels are damaged", { cause });
  }
  const { width, height, channels, depth } = png;
  const values = png.data instanceof Uint16Array ? png.data : Uint8Array.from(png.data);
  const single = depth < 8 ? unpackRows(values, width, height, depth) : values;
  if (png.palette) return { width, height, channels: 3, depth: 8, values: coloursOf(single, png.palette) };
  return { width, height, channels, depth, values: single };
}

/** Rows of 1, 2 or 4-bit values, each row from a whole byte, most significant first (PNG, 7.2), to a value a byte. */
function unpackRows(packed: ArrayLike<number>, width: number, height: number, depth: number): Uint8Array {
  const values = new Uint8Array(width * height), rowBytes = Math.ceil(width * depth / 8), perByte = 8 / depth;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to++) {
      const byte = packed[y * rowBytes + Math.floor(x / perByte)];
      values[to] = byte >> (8 - depth * (1 + x % perByte)) & (1 << depth) - 1;
    }
  }
  return values;
}

function coloursOf(indices: ArrayLike<number>, palette: readonly (readonly number[])[]): Uint8Array {
  const values = new Uint8Array(3 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const colour = palette[indices[i]];
    if (colour === undefined) {
      throw new MalformedFile("PNG", 8, `pixel ${i} has colour ${indices[i]} of ${palette.length}`);
    }
    for (let channel = 0; channel < 3; channel++) values[3 * i + channel] = colour[channel];
  }
  return values;
}

/**
 * Reads a ground-truth mask: a pixel is anomalous where any of its colour values is above 0 (MVTec 3D-AD writes 255, and class values of
 * 252 to 255 where a scan has several defects). Alpha says nothing. @throws as {@link readPng}
 */
export async function readMask(bytes: Uint8Array): Promise<MaskImage> {
  const { width, height, channels, values } = await readPng(bytes);
  const colours = channels > 2 ? 3 : 1, mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i++) {
    for (let c = 0; c < colours; c++) if (values[i * channels + c] > 0) mask[i] = 1;
  }
  return { width, height, values: mask };
}

/** An 8-bit picture to write. */
export interface PngToWrite {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB, 4 RGB and alpha. */
  readonly channels: 1 | 3 | 4;
  /** `height × width × channels`, row by row, interleaved. */
  readonly values: Uint8Array;
}

/** Writes an 8-bit PNG. The same values give the same bytes. @throws {WriteRefused} when the values do not fill the picture */
export function writePng({ width, height, channels, values }: PngToWrite): Uint8Array {
  const sizes = [width, height].every((n) => Number.isSafeInteger(n) && n > 0);
  if (!sizes || ![1, 3, 4].includes(channels) || values.length !== width * height * channels) {
    throw new WriteRefused("PNG", `${values.length} values do not fill ${width} × ${height} × ${channels}`);
  }
  return encode({ width, height, channels, depth: 8, data: values });
}
