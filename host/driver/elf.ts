/** What a shared library needs: the one question about ELF files that is asked here. @module */
import { DriverStepFailed } from "./errors.ts";

const PT_LOAD = 1, PT_DYNAMIC = 2, DT_NULL = 0, DT_NEEDED = 1, DT_STRTAB = 5;

/**
 * Sonames that a 64-bit little-endian ELF library asks its loader for (`DT_NEEDED`), in its order.
 *
 * Source: System V Application Binary Interface, chapter 5, "Dynamic Section".
 * @throws {DriverStepFailed} where the bytes are no such library
 */
export function neededLibraries(name: string, bytes: Uint8Array): string[] {
  const fail = (problem: string): never => {
    throw new DriverStepFailed(`read the library ${name}`, problem);
  };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 64 || view.getUint32(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    fail("it is not a 64-bit little-endian ELF file");
  }
  const word = (at: number): number => {
    if (at < 0 || at + 8 > bytes.length) fail(`byte ${at} is outside of its ${bytes.length} bytes`);
    return Number(view.getBigUint64(at, true));
  };
  const first = word(32), size = view.getUint16(54, true), count = view.getUint16(56, true);
  const segments = Array.from({ length: count }, (_, i) => {
    const at = first + i * size;
    return { type: word(at) % 2 ** 32, offset: word(at + 8), address: word(at + 16), length: word(at + 32) };
  });
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC) ?? fail("it has no dynamic section");
  const entries: { tag: number; value: number }[] = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.length; at += 16) {
    const tag = word(at);
    if (tag === DT_NULL) break;
    entries.push({ tag, value: word(at + 8) });
  }
  const table = entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? fail("it has no string table");
  const within =
    segments.find(({ type, address, length }) => type === PT_LOAD && table >= address && table < address + length) ??
      fail("its string table is in no segment");
  const strings = within.offset + (table - within.address);
  return entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => {
    const start = strings + value, end = bytes.indexOf(0, start);
    if (start >= bytes.length || end < 0) fail(`a name at byte ${start} has no end`);
    return new TextDecoder().decode(bytes.subarray(start, end));
  });
}
