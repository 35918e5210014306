/** LZW and PackBits against the examples of TIFF 6.0 and a textbook encoder. @module */
import { deepStrictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { MalformedFile, UnsupportedFile } from "./errors.ts";
import { lzwOfLiterals } from "./tiff_reference.ts";
import { unpackBits, unpackLzw } from "./tiff_unpack.ts";

const packCodes = (codes: readonly (readonly [code: number, width: number])[]) => {
  const bits = codes.map(([code, width]) => code.toString(2).padStart(width, "0")).join("");
  return Uint8Array.from(bits.match(/.{1,8}/g)!, (byte) => parseInt(byte.padEnd(8, "0"), 2));
};
const unpacked = (unpack: typeof unpackLzw, bytes: Uint8Array, size: number) => {
  const into = new Uint8Array(size);
  unpack(bytes, into, 0);
  return into;
};

/** The textbook encoder (TIFF 6.0, section 13) with a table of strings. */
function lzw(bytes: Uint8Array): Uint8Array {
  const codes: [number, number][] = [[256, 9]];
  let table = new Map<string, number>(), width = 9, held = "";
  const code = (text: string) => text.length === 1 ? text.charCodeAt(0) : table.get(text)!;
  for (const byte of bytes) {
    const longer = held + String.fromCharCode(byte);
    if (longer.length === 1 || table.has(longer)) held = longer;
    else {
      codes.push([code(held), width]);
      table.set(longer, 258 + table.size);
      if (258 + table.size === 2 ** width) width++;
      if (258 + table.size === 4095) {
        codes.push([256, 12]);
        [table, width] = [new Map(), 9];
      }
      held = longer.at(-1)!;
    }
  }
  if (held) codes.push([code(held), width]);
  return packCodes([...codes, [257, width]]);
}

Deno.test("unpackLzw() gives the example of TIFF 6.0, section 13", () => {
  const codes = [256, 7, 258, 8, 8, 258, 6, 6, 257].map((code) => [code, 9] as const);
  deepStrictEqual([...unpacked(unpackLzw, packCodes(codes), 9)], [7, 7, 7, 8, 8, 7, 7, 6, 6]);
});

Deno.test("unpackLzw() undoes a textbook encoder, over clear codes and all widths", () => {
  for (const size of [1, 255, 5000, 60000]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => 64 * Math.sin(i) ** 2 * Math.cos(i / 50));
    deepStrictEqual(unpacked(unpackLzw, lzw(bytes), size), bytes);
  }
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), (bytes) => {
    deepStrictEqual(unpacked(unpackLzw, lzwOfLiterals(bytes), bytes.length), bytes);
  }));
});

Deno.test("unpackLzw() refuses codes out of turn, old LZW and data that ends early", () => {
  throws(() => unpacked(unpackLzw, packCodes([[256, 9], [65, 9], [300, 9]]), 9), /LZW code 300 is not in use yet/);
  throws(() => unpacked(unpackLzw, packCodes([[256, 9], [258, 9]]), 9), MalformedFile);
  throws(() => unpacked(unpackLzw, packCodes([[256, 9], [65, 9], [257, 9]]), 2), /ends after 1 of 2 bytes/);
  throws(() => unpacked(unpackLzw, new Uint8Array(0), 2), MalformedFile);
  throws(() => unpacked(unpackLzw, Uint8Array.of(0, 1, 2, 3), 2), UnsupportedFile);
});

Deno.test("unpackBits() gives the example of TIFF 6.0, section 9, and stops at the size", () => {
  const packed = Uint8Array.of(
    0xfe,
    0xaa,
    0x02,
    0x80,
    0x00,
    0x2a,
    0xfd,
    0xaa,
    0x80,
    0x03,
    0x80,
    0x00,
    0x2a,
    0x22,
    0xf7,
    0xaa,
  );
  const want = [
    0xaa,
    0xaa,
    0xaa,
    0x80,
    0,
    0x2a,
    0xaa,
    0xaa,
    0xaa,
    0xaa,
    0x80,
    0,
    0x2a,
    0x22,
    ...new Array(10).fill(0xaa),
  ];
  deepStrictEqual([...unpacked(unpackBits, packed, 24)], want);
  deepStrictEqual([...unpacked(unpackBits, packed, 5)], want.slice(0, 5));
  throws(() => unpacked(unpackBits, packed, 25), /ends after 24 of 25 bytes/);
});
