/** readNpy() and writeNpy() against the shared files and bytes written by hand. @module */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { sharedData } from "../tests/shared_data.ts";
import { FileTooLarge, MalformedFile, UnsupportedFile, WriteRefused } from "./errors.ts";
import { readNpy, writeNpy } from "./npy.ts";

/** A file from its header's dictionary and its values' bytes. */
function npy(dictionary: string, body: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(dictionary + "\n"), start = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + text.length + body.length), view = new DataView(bytes.buffer);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), version, 0]);
  version === 1 ? view.setUint16(8, text.length, true) : view.setUint32(8, text.length, true);
  bytes.set(text, start);
  bytes.set(body, start + text.length);
  return bytes;
}
const header = (descr: string, shape: string, fortran = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const bytesOf = (...values: number[]) => Uint8Array.from(values);

const folder = sharedData("data/formats/npy");
const shared = (name: string, fn: (bytes: Uint8Array) => void) =>
  Deno.test({ name: `readNpy() on ${name}`, ignore: !folder, fn: () => fn(Deno.readFileSync(`${folder}/${name}`)) });

shared("perlin_100x100_f8.npy", (bytes) => {
  const { shape, values, dtype } = readNpy(bytes), numbers = Array.from(values);
  deepStrictEqual([shape, dtype, values[0]], [[100, 100], "f8", 0]);
  ok(Math.abs(numbers.reduce((a, b) => Math.min(a, b)) + 0.5189296) < 1e-7);
  ok(Math.abs(numbers.reduce((a, b) => Math.max(a, b)) - 0.5189296) < 1e-7);
});
shared(
  "uint8.npy",
  (bytes) => deepStrictEqual(readNpy(bytes), { shape: [4], values: bytesOf(1, 2, 3, 4), dtype: "u1" }),
);
shared("example_2d.npy", (bytes) => {
  const { shape, values } = readNpy(bytes);
  deepStrictEqual([shape, values[0], Math.min(...values), Math.max(...values)], [[2, 2], 0.1, 0.1, 7]);
});
shared("bad_pickled.npy", (bytes) => throws(() => readNpy(bytes), MalformedFile));
for (const name of ["diamond", "twodim", "threedim", "las"]) {
  shared(
    `${name}_structured.npy`,
    (bytes) => throws(() => readNpy(bytes), (e) => e instanceof UnsupportedFile && /structured/.test(e.message)),
  );
}

Deno.test("readNpy() reads every type in both byte orders", () => {
  const cases: [
    string,
    string,
    Uint8Array,
    Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array,
  ][] = [
    ["f4", "<f4", bytesOf(0, 0, 0xc0, 0x3f), Float32Array.of(1.5)],
    ["f4", ">f4", bytesOf(0x3f, 0xc0, 0, 0), Float32Array.of(1.5)],
    ["f4", "=f4", bytesOf(0, 0, 0xc0, 0x3f), Float32Array.of(1.5)],
    ["f8", "|f8", bytesOf(0, 0, 0, 0, 0, 0, 0xf8, 0x3f), Float64Array.of(1.5)],
    ["f8", ">f8", bytesOf(0x3f, 0xf8, 0, 0, 0, 0, 0, 0), Float64Array.of(1.5)],
    ["i2", "<i2", bytesOf(0xfe, 0xff), Int16Array.of(-2)],
    ["u2", ">u2", bytesOf(0xff, 0xfe), Uint16Array.of(0xfffe)],
    ["i4", ">i4", bytesOf(0xff, 0xff, 0xff, 0xfe), Int32Array.of(-2)],
    ["u4", "<u4", bytesOf(0xfe, 0xff, 0xff, 0xff), Uint32Array.of(0xfffffffe)],
    ["i8", "<i8", bytesOf(0xfe, 255, 255, 255, 255, 255, 255, 255), Float64Array.of(-2)],
  ];
  for (const [dtype, descr, body, values] of cases) {
    for (const version of [1, 2, 3]) {
      deepStrictEqual(readNpy(npy(header(descr, "(1,)"), body, version)), { shape: [1], values, dtype });
    }
  }
  deepStrictEqual(readNpy(npy(header("|i1", "()"), bytesOf(0xff))), {
    shape: [],
    values: Int8Array.of(-1),
    dtype: "i1",
  });
});

Deno.test("readNpy() puts Fortran order right on three axes", () => {
  const shape = [2, 3, 4], body = new Uint8Array(24); // element (i, j, k) is 100 i + 10 j + k, column-major
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) body[i + 2 * (j + 3 * k)] = 100 * i + 10 * j + k;
  }
  const { values } = readNpy(npy(header("|u1", "(2, 3, 4)", "True"), body));
  for (let i = 0; i < 2; i++) {
    for (let j = 0; j < 3; j++) {
      for (let k = 0; k < 4; k++) strictEqual(values[(i * shape[1] + j) * shape[2] + k], 100 * i + 10 * j + k);
    }
  }
});

Deno.test("readNpy() refuses types by name, and never unpickles", () => {
  throws(
    () => readNpy(npy(header("|O", "(1,)"), bytesOf(0x80))),
    (e) => e instanceof UnsupportedFile && /pickled/.test(e.message),
  );
  for (const descr of ["<u8", "<f2", "<c8", "|b1", "<U3", "f"]) {
    throws(
      () => readNpy(npy(header(descr, "(1,)"), new Uint8Array(8))),
      (e) => e instanceof UnsupportedFile && e.message.includes(descr),
    );
  }
  throws(() => readNpy(npy(header("<i8", "(1,)"), bytesOf(0, 0, 0, 0, 0, 0, 0, 64))), /value 0 is an int64 beyond/);
  throws(() => readNpy(npy(header("|u1", "(1,)"), bytesOf(1), 4)), /version is 4/);
});

Deno.test("readNpy() refuses a truncated header", () => {
  const whole = npy(header("|u1", "(3,)"), bytesOf(1, 2, 3));
  for (let end = 0; end < whole.length; end++) {
    throws(() => readNpy(whole.subarray(0, end)), MalformedFile, `${end} bytes`);
  }
});

Deno.test("readNpy() compares the shape with the size of the file before it allocates", () => {
  throws(
    () => readNpy(npy(header("<f4", "(3,)"), new Uint8Array(16))),
    /shape \(3\) of f4 has 12 bytes, the file has 16/,
  );
  throws(() => readNpy(npy(header("<f4", "(99999999999, 99999999999)"), new Uint8Array(16))), FileTooLarge);
  throws(() => readNpy(npy(header("<f4", "(268435456,)"), new Uint8Array(16))), MalformedFile);
  throws(() => readNpy(npy(header("<f4", "(1, , 2)"), new Uint8Array(8))), MalformedFile);
  throws(() => readNpy(npy(header("<f4", "(-1,)"), new Uint8Array(8))), MalformedFile);
  throws(() => readNpy(npy(header("<f4", `(${"1,".repeat(33)})`), new Uint8Array(4))), MalformedFile);
});

Deno.test("writeNpy() is read back, aligned to 64 bytes, for every type", () => {
  const arrays = [Float32Array, Float64Array, Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array];
  fc.assert(
    fc.property(fc.constantFrom(...arrays), fc.array(fc.nat(4), { maxLength: 4 }), (array, shape) => {
      const values = array.from(Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i * 3 - 5));
      const bytes = writeNpy({ shape, values }), read = readNpy(bytes);
      strictEqual((bytes.length - values.byteLength) % 64, 0);
      deepStrictEqual([read.shape, read.values], [shape, values]);
    }),
    { numRuns: 300 },
  );
  throws(() => writeNpy({ shape: [2, 2], values: Float32Array.of(1, 2, 3) }), WriteRefused);
});
