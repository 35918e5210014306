/** LZW and PackBits of TIFF 6.0, into memory of a known size. @module */
import { MalformedFile, UnsupportedFile } from "./errors.ts";

const CLEAR = 256, END = 257, FIRST = 258, MOST_CODES = 4096;

/**
 * LZW (TIFF 6.0, section 13): codes of 9 to 12 bits, most significant bit first, one code early. Stops when `into` is full.
 *
 * Every string of the table was written out once, so an entry is a place in the output and a length.
 * @throws {MalformedFile} when a code is out of turn or the data ends early
 */
export function unpackLzw(bytes: Uint8Array, into: Uint8Array, offset: number): void {
  if (bytes.length >= 2 && bytes[0] === 0 && (bytes[1] & 1) === 1) {
    throw new UnsupportedFile("TIFF", "its LZW is of the old kind, least significant bit first");
  }
  const starts = new Uint32Array(MOST_CODES), lengths = new Uint16Array(MOST_CODES);
  let next = FIRST, width = 9, held = 0, bits = 0, at = 0, filled = 0, before = 0, beforeLength = 0;
  while (filled < into.length) {
    for (; bits < width && at < bytes.length; bits += 8) held = (held << 8 | bytes[at++]) & 0xffffff;
    if (bits < width) break;
    bits -= width;
    const code = held >> bits & (1 << width) - 1;
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, beforeLength] = [FIRST, 9, 0];
      continue;
    }
    // The code that is being made right now is the string before and its own first byte, which a forward copy yields.
    const own = code === next && beforeLength > 0;
    if (code > CLEAR && code >= next && !own) {
      throw new MalformedFile("TIFF", offset + at, `LZW code ${code} is not in use yet`);
    }
    if (beforeLength > 0 && next < MOST_CODES) {
      starts[next] = before;
      lengths[next++] = beforeLength + 1;
      if (next === (1 << width) - 1 && width < 12) width++;
    }
    before = filled;
    beforeLength = code < CLEAR ? 1 : lengths[code];
    if (code < CLEAR) into[filled++] = code;
    else {
      const end = Math.min(filled + beforeLength, into.length);
      for (let from = starts[code]; filled < end; filled++, from++) into[filled] = into[from];
    }
  }
  if (filled < into.length) throw short("LZW", offset, filled, into.length);
}

/** PackBits (TIFF 6.0, section 9). Stops when `into` is full. @throws {MalformedFile} when the data ends early */
export function unpackBits(bytes: Uint8Array, into: Uint8Array, offset: number): void {
  let filled = 0, at = 0;
  while (filled < into.length && at < bytes.length) {
    const control = bytes[at++];
    if (control === 128) continue;
    if (control < 128) {
      const run = bytes.subarray(at, Math.min(at + control + 1, at + into.length - filled));
      into.set(run, filled);
      filled += run.length;
      at += control + 1;
    } else if (at < bytes.length) {
      const end = Math.min(filled + 257 - control, into.length);
      into.fill(bytes[at++], filled, end);
      filled = end;
    }
  }
  if (filled < into.length) throw short("PackBits", offset, filled, into.length);
}

const short = (packing: string, offset: number, filled: number, wanted: number) =>
  new MalformedFile("TIFF", offset, `the ${packing} data ends after ${filled} of ${wanted} bytes`);
