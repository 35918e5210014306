import { deepEqual, throws } from "node:assert/strict";
import { neededLibraries } from "./elf.ts";

/** A library with nothing but a dynamic section that needs these names. Addresses lie 0x1000 above offsets, as a linker may put them. */
function libraryOf(needs: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(1024), view = new DataView(bytes.buffer);
  const strings = 512, dynamic = 256, above = 0x1000;
  view.setUint32(0, 0x7f454c46);
  bytes.set([2, 1, 1], 4);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  const segment = (at: number, type: number, offset: number, length: number) => {
    view.setUint32(at, type, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, BigInt(offset + above), true);
    view.setBigUint64(at + 32, BigInt(length), true);
  };
  segment(64, 1, 0, 1024);
  segment(120, 2, dynamic, 256);
  let entry = dynamic, name = 1;
  const put = (tag: number, value: number) => {
    view.setBigUint64(entry, BigInt(tag), true);
    view.setBigUint64(entry + 8, BigInt(value), true);
    entry += 16;
  };
  for (const needed of needs) {
    put(1, name);
    bytes.set(new TextEncoder().encode(needed), strings + name);
    name += needed.length + 1;
  }
  put(5, strings + above);
  return bytes;
}

Deno.test("neededLibraries() gives the names of the dynamic section in order", () => {
  deepEqual(neededLibraries("x", libraryOf(["libz.so.1", "libm.so.6"])), ["libz.so.1", "libm.so.6"]);
  deepEqual(neededLibraries("x", libraryOf([])), []);
});

Deno.test("neededLibraries() refuses other files and cut ones, with the library's name", () => {
  const whole = libraryOf(["libz.so.1"]);
  throws(
    () => neededLibraries("a.so", new TextEncoder().encode("INPUT(libz.so)".repeat(9))),
    /a\.so: it is not a 64-bit/,
  );
  throws(() => neededLibraries("a.so", whole.subarray(0, 100)), /a\.so: byte \d+ is outside of its 100 bytes/);
  throws(() => neededLibraries("a.so", whole.subarray(0, 515)), /a\.so: a name at byte 513 has no end/);
});

Deno.test(
  "neededLibraries() finds the C library in the running Deno",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    const needed = neededLibraries("deno", await Deno.readFile(Deno.execPath()));
    deepEqual(needed.filter((name) => name === "libc.so.6"), ["libc.so.6"]);
  },
);
