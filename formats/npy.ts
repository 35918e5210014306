/** NumPy's `.npy`: one array of numbers. @module */
import { FileTooLarge, MalformedFile, UnsupportedFile, WriteRefused } from "./errors.ts";
import { allocate, MOST_VALUES, type NumberArray, type NumberKind, numbersOf, swapBytes } from "./number_arrays.ts";

/** An array of an `.npy` file. */
export interface NpyArray {
  /** Lengths of the axes; empty for a single number. */
  readonly shape: readonly number[];
  /** Row-major (C order) whatever the file's order. The caller owns it. */
  readonly values: NumberArray;
  /** Type in the file without its byte order, such as `f4`; `i8` comes as float64. */
  readonly dtype: string;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const LONGEST_HEADER = 2 ** 16, MOST_AXES = 32;

const types = new Map<string, { readonly kind: NumberKind; readonly size: number }>([
  ["f4", { kind: "float", size: 4 }],
  ["f8", { kind: "float", size: 8 }],
  ["i1", { kind: "int", size: 1 }],
  ["i2", { kind: "int", size: 2 }],
  ["i4", { kind: "int", size: 4 }],
  ["i8", { kind: "int", size: 8 }],
  ["u1", { kind: "uint", size: 1 }],
  ["u2", { kind: "uint", size: 2 }],
  ["u4", { kind: "uint", size: 4 }],
]);

/**
 * Reads one array of f4, f8, i1, i2, i4, i8, u1, u2 or u4, of either byte order, in C or Fortran order, format 1.0 to 3.0
 * (numpy.lib.format). Objects are never unpickled.
 * @throws {MalformedFile} with the byte @throws {UnsupportedFile} for other types @throws {FileTooLarge} beyond `most` values
 */
export function readNpy(bytes: Uint8Array, most: number = MOST_VALUES): NpyArray {
  const { text, start, end } = readHeader(bytes);
  const { dtype, bigEndian } = readType(text, start);
  const { kind, size } = types.get(dtype)!;
  const fortran = /["']fortran_order["']\s*:\s*(True|False)\b/.exec(text)?.[1];
  if (fortran === undefined) throw new MalformedFile("NPY", start, "the header states no fortran_order");
  const shape = readShape(text, start, most), count = shape.reduce((a, b) => a * b, 1);
  if (bytes.length - end !== count * size) {
    const state = `shape (${shape.join(", ")}) of ${dtype} has ${count * size} bytes, the file has ${
      bytes.length - end
    }`;
    throw new MalformedFile("NPY", end, state);
  }
  const raw = allocate(count * size, "NPY");
  raw.set(bytes.subarray(end));
  if (bigEndian) swapBytes(raw, size);
  const values = numbersOf(raw, kind, size, (index) => {
    throw new UnsupportedFile("NPY", `value ${index} is an int64 beyond ±2^53`);
  });
  return { shape, values: fortran === "True" ? rowMajor(values, shape) : values, dtype };
}

function readHeader(bytes: Uint8Array): { text: string; start: number; end: number } {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new MalformedFile("NPY", 0, "it does not start with \\x93NUMPY and a version");
  }
  const version = bytes[6];
  if (version < 1 || version > 3) throw new UnsupportedFile("NPY", `its version is ${version}; read are 1, 2 and 3`);
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) throw new MalformedFile("NPY", 8, "the length of the header is cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true), end = start + length;
  if (end > bytes.length) {
    throw new MalformedFile("NPY", 8, `the header ends at byte ${end}, the file at ${bytes.length}`);
  }
  if (length > LONGEST_HEADER) throw new FileTooLarge("NPY", length, LONGEST_HEADER, "bytes of header");
  const text = new TextDecoder().decode(bytes.subarray(start, end)).trimEnd();
  if (!text.startsWith("{") || !text.endsWith("}")) {
    throw new MalformedFile("NPY", start, "the header is no dictionary");
  }
  return { text, start, end };
}

function readType(text: string, start: number): { dtype: string; bigEndian: boolean } {
  const found = /["']descr["']\s*:\s*(?:(\[)|["']([^"']*)["'])/.exec(text);
  if (found === null) throw new MalformedFile("NPY", start, "the header states no descr");
  const [, list, descr] = found;
  if (list) {
    throw new UnsupportedFile("NPY", "its type is structured (named fields); save the coordinates as one plain array");
  }
  const order = /^[<>|=]/.test(descr) ? descr[0] : "", dtype = descr.slice(order.length);
  if (/^[|=<>]?O/.test(descr)) throw new UnsupportedFile("NPY", "it holds pickled objects, which are never loaded");
  if (!types.has(dtype)) {
    throw new UnsupportedFile("NPY", `its type is ${descr.slice(0, 40)}; read are ${[...types.keys()].join(", ")}`);
  }
  return { dtype, bigEndian: order === ">" };
}

function readShape(text: string, start: number, most: number): number[] {
  const found = /["']shape["']\s*:\s*\(([\d,\s]*)\)/.exec(text)?.[1];
  if (found === undefined) throw new MalformedFile("NPY", start, "the header states no shape");
  const axes = found.split(",").map((axis) => axis.trim());
  if (axes.at(-1) === "") axes.pop(); // (3,) has one axis, () has none
  if (axes.length > MOST_AXES || axes.some((axis) => !/^\d{1,15}$/.test(axis))) {
    throw new MalformedFile("NPY", start, `the shape (${found.slice(0, 40)}) is not up to ${MOST_AXES} lengths`);
  }
  const shape = axes.map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  if (!(count <= most)) throw new FileTooLarge("NPY", count, most, "values");
  return shape;
}

/** Column-major to row-major: the last index runs fastest in the result, the first one in `values`. */
function rowMajor(values: NumberArray, shape: readonly number[]): NumberArray {
  const ordered = values.slice(), index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  let from = 0;
  for (let to = 0; to < ordered.length; to++) {
    ordered[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return ordered;
}

/** Writes row-major values as `.npy` 1.0, little-endian, C order. @throws {WriteRefused} when they do not fill the shape */
export function writeNpy({ shape, values }: Pick<NpyArray, "shape" | "values">): Uint8Array<ArrayBuffer> {
  const count = shape.reduce((a, b) => a * b, 1), { BYTES_PER_ELEMENT: size } = values;
  if (shape.length > MOST_AXES || shape.some((n) => !Number.isSafeInteger(n) || n < 0) || count !== values.length) {
    throw new WriteRefused("NPY", `${values.length} values do not fill the shape (${shape.join(", ")})`);
  }
  const kind = values instanceof Float32Array || values instanceof Float64Array
    ? "f"
    : values.constructor.name.startsWith("Uint")
    ? "u"
    : "i";
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const descr = `${size === 1 ? "|" : "<"}${kind}${size}`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  const end = Math.ceil((10 + dictionary.length + 1) / 64) * 64; // the format aligns the values to 64 bytes
  const bytes = new Uint8Array(end + values.byteLength);
  bytes.set([...MAGIC, 1, 0, (end - 10) & 255, (end - 10) >> 8]);
  bytes.set(new TextEncoder().encode(dictionary.padEnd(end - 11) + "\n"), 10);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), end);
  return bytes;
}
