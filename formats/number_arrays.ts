/** Raw bytes of a file as typed arrays: allocation, byte order, 64-bit integers. @module */
import { FileTooLarge } from "./errors.ts";

/** Values that a reader returns. 64-bit integers come as float64, see {@link numbersOf}. */
export type NumberArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array;

/** What the bits of a number mean. */
export type NumberKind = "float" | "uint" | "int";

/** More values than this are refused by every reader: 2 GiB of float64. */
export const MOST_VALUES = 2 ** 28;

/** Zeroed bytes. The caller has compared the length with the size of the file. @throws {FileTooLarge} when memory is short */
export function allocate(length: number, format: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new FileTooLarge(format, length, MOST_VALUES, "bytes, more than this machine can allocate", { cause });
  }
}

/** Reverses each group of `size` (1, 2, 4, 8) bytes in place: big-endian to little-endian and back. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let at = 0; at + size <= bytes.length; at += size) {
    for (let a = at, b = at + size - 1; a < b; a++, b--) {
      const byte = bytes[a];
      bytes[a] = bytes[b];
      bytes[b] = byte;
    }
  }
}

/**
 * Little-endian numbers of `size` bytes as a typed array over the same memory where there is one. Half floats are widened to float32,
 * 64-bit integers to float64. Typed arrays have the machine's byte order, which is little-endian wherever JavaScript runs today.
 *
 * `bytes` must start at a multiple of `size` in its buffer. `inexact` is called with the index of an integer that no float64 holds
 * (beyond ±2^53), and must throw.
 */
export function numbersOf(
  bytes: Uint8Array<ArrayBuffer>,
  kind: NumberKind,
  size: number,
  inexact: (index: number) => never,
): NumberArray {
  const { buffer, byteOffset } = bytes, count = bytes.length / size;
  if (kind === "float") {
    if (size === 4) return new Float32Array(buffer, byteOffset, count);
    if (size === 8) return new Float64Array(buffer, byteOffset, count);
    return Float32Array.from(new Uint16Array(buffer, byteOffset, count), halfToNumber);
  }
  if (size === 8) return exactIntegers(bytes, kind, inexact);
  const signed = kind === "int";
  if (size === 1) return signed ? new Int8Array(buffer, byteOffset, count) : bytes;
  if (size === 2) {
    return signed ? new Int16Array(buffer, byteOffset, count) : new Uint16Array(buffer, byteOffset, count);
  }
  return signed ? new Int32Array(buffer, byteOffset, count) : new Uint32Array(buffer, byteOffset, count);
}

/** IEEE 754 binary16 by its definition: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function exactIntegers(bytes: Uint8Array<ArrayBuffer>, kind: NumberKind, inexact: (index: number) => never) {
  const { buffer, byteOffset } = bytes, count = bytes.length / 8;
  const integers = kind === "int"
    ? new BigInt64Array(buffer, byteOffset, count)
    : new BigUint64Array(buffer, byteOffset, count);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = Number(integers[i]);
    if (Math.abs(values[i]) > Number.MAX_SAFE_INTEGER) inexact(i);
  }
  return values;
}
