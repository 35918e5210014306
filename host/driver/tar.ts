/** Reading a plain tar archive. @module */
import { DriverStepFailed } from "./errors.ts";

/** A regular file of an archive. */
export interface TarFile {
  readonly name: string;
  /** A view into the archive. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const BLOCK = 512;

/**
 * The regular files of a POSIX ustar archive in memory, in its order; folders are passed over. Links, long-name records and sparse
 * files are refused, since guessing at them would give a wrong file.
 *
 * Source: IEEE Std 1003.1, pax, "ustar Interchange Format".
 * @throws {DriverStepFailed} with the byte where the archive is not what it says
 */
export function readTar(archive: Uint8Array<ArrayBuffer>): TarFile[] {
  const files: TarFile[] = [];
  let at = 0;
  const fail = (problem: string): never => {
    throw new DriverStepFailed("read the tar archive", `at byte ${at} ${problem}`);
  };
  while (true) {
    if (at + BLOCK > archive.length) {
      fail(`a header of ${BLOCK} bytes is missing; the archive ends at ${archive.length}`);
    }
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return files; // the closing block
    const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 0x20 : byte), 0);
    const claimed = octal(header, 148, 8);
    if (sum !== claimed) fail(`the header's checksum is ${sum}, it says ${claimed}`);
    const size = octal(header, 124, 12);
    if (!(size >= 0)) fail("the size is not an octal number");
    const start = at + BLOCK, end = start + size;
    if (end > archive.length) fail(`a file ends at ${end}, the archive at ${archive.length}`);
    const type = String.fromCharCode(header[156] || 0x30), prefix = text(header, 345, 155);
    const name = `${prefix ? `${prefix}/` : ""}${text(header, 0, 100)}`;
    if (type === "0") files.push({ name, bytes: archive.subarray(start, end) });
    else if (type !== "5") fail(`"${name}" has type "${type}"; only files and folders are read`);
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length), end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** An octal field; NaN where it is none. */
function octal(header: Uint8Array, from: number, length: number): number {
  const digits = text(header, from, length).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : NaN;
}
