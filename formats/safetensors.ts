/** Safetensors: named tensors behind a JSON header. @module */
import { MalformedFile, UnsupportedFile, WriteRefused } from "./errors.ts";
import { firstRepeatedKey } from "./json_keys.ts";

/** Values of a tensor, as they stand in the file. */
export type TensorValues = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** Names of the types that are read and written. */
export type TensorType = "F32" | "F64" | "I32" | "U32" | "U8";

/** A tensor of a file. */
export interface SafeTensor {
  /** Lengths of the axes; empty for a single number. */
  readonly shape: readonly number[];
  readonly dtype: TensorType;
  /** Row-major. The caller owns it. */
  readonly values: TensorValues;
}

/** What a file holds. */
export interface SafetensorsFile {
  readonly tensors: Map<string, SafeTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

const LONGEST_HEADER = 100_000_000; // the format's own limit
const METADATA = "__metadata__";

const types = { F32: Float32Array, F64: Float64Array, I32: Int32Array, U32: Uint32Array, U8: Uint8Array } as const;
const isType = (dtype: unknown): dtype is TensorType => typeof dtype === "string" && Object.hasOwn(types, dtype);

type Entry = {
  readonly name: string;
  readonly dtype: TensorType;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
};

/**
 * Reads F32, F64, I32, U32 and U8 tensors. The format's own rules are kept: no byte of the data is unused or used twice, no key stands
 * there twice (huggingface/safetensors, "Format"). @throws {MalformedFile} with the byte @throws {UnsupportedFile} for other types, F16 too
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, start } = readHeader(bytes);
  const entries: Entry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = readMetadata(value);
    else entries.push(readEntry(name, value));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let filled = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== filled) {
      const problem = begin < filled ? "overlaps the tensor before it" : "leaves a gap before it";
      throw new MalformedFile("safetensors", start + begin, `tensor ${JSON.stringify(name)} ${problem}`);
    }
    filled = end;
  }
  if (start + filled !== bytes.length) {
    throw new MalformedFile("safetensors", start + filled, `the tensors end there, the file at byte ${bytes.length}`);
  }
  const tensors = new Map<string, SafeTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const copy = bytes.slice(start + begin, start + end); // tensors need not be aligned in the file
    tensors.set(name, { shape, dtype, values: new types[dtype](copy.buffer) });
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): { header: object; start: number } {
  if (bytes.length < 8) {
    throw new MalformedFile("safetensors", 0, `the file has ${bytes.length} bytes, its first 8 are a length`);
  }
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)), start = 8 + length;
  if (!(length <= LONGEST_HEADER) || start > bytes.length) {
    const most = Math.min(LONGEST_HEADER, bytes.length - 8);
    throw new MalformedFile("safetensors", 0, `the header has ${length} bytes, at most ${most} are possible`);
  }
  let text: string, header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start));
    header = JSON.parse(text);
  } catch (cause) {
    throw new MalformedFile("safetensors", 8, "the header is not JSON", { cause });
  }
  if (!isObject(header)) throw new MalformedFile("safetensors", 8, "the header is no JSON object");
  const repeated = firstRepeatedKey(text); // JSON.parse keeps the last one in silence
  if (repeated !== undefined) {
    throw new MalformedFile("safetensors", 8, `the key ${JSON.stringify(repeated)} stands there twice`);
  }
  return { header, start };
}

function readMetadata(value: unknown): Record<string, string> {
  if (!isObject(value) || !Object.values(value).every((text) => typeof text === "string")) {
    throw new MalformedFile("safetensors", 8, `${METADATA} must be an object of texts`);
  }
  return value as Record<string, string>;
}

function readEntry(name: string, value: unknown): Entry {
  const fail = (problem: string): never => {
    throw new MalformedFile("safetensors", 8, `tensor ${JSON.stringify(name)} ${problem}`);
  };
  if (!isObject(value)) return fail("is not described by an object");
  const { dtype, shape, data_offsets: offsets, ...others } = value as Record<string, unknown>;
  if (Object.keys(others).length > 0) return fail(`has the unknown key ${JSON.stringify(Object.keys(others)[0])}`);
  if (typeof dtype !== "string") return fail("has no dtype");
  if (!isType(dtype)) {
    throw new UnsupportedFile(
      "safetensors",
      `tensor ${JSON.stringify(name)} is ${dtype}; read are ${Object.keys(types).join(", ")}`,
    );
  }
  if (!isLengths(shape)) return fail("has no shape of whole numbers");
  if (!isLengths(offsets) || offsets.length !== 2 || offsets[0] > offsets[1]) {
    return fail("has no data_offsets [begin, end]");
  }
  const [begin, end] = offsets, size = shape.reduce((a, b) => a * b, 1) * types[dtype].BYTES_PER_ELEMENT;
  if (size !== end - begin) return fail(`has ${end - begin} bytes, its shape [${shape.join(", ")}] needs ${size}`);
  return { name, dtype, shape, begin, end };
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isLengths = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);

/**
 * Writes tensors: widest type first, then by name, so that every tensor is aligned and the same tensors give the same bytes, in whatever
 * order they come. @throws {WriteRefused} when values do not fill their shape, or a name is the format's own
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Pick<SafeTensor, "shape" | "values">>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(([a, { values: x }], [b, { values: y }]) =>
    y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1)
  );
  const entries: [string, unknown][] = [];
  const texts = Object.entries(metadata).sort(([a], [b]) => a < b ? -1 : 1);
  if (texts.length > 0) entries.push([METADATA, Object.fromEntries(texts)]);
  let size = 0;
  for (const [name, { shape, values }] of ordered) {
    if (name === METADATA) throw new WriteRefused("safetensors", `a tensor cannot be called ${METADATA}`);
    if (!isLengths(shape) || shape.reduce((a, b) => a * b, 1) !== values.length) {
      throw new WriteRefused(
        "safetensors",
        `${values.length} values do not fill the shape [${shape.join(", ")}] of ${name}`,
      );
    }
    entries.push([name, { dtype: typeOf(name, values), shape, data_offsets: [size, size += values.byteLength] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const start = 8 + Math.ceil(json.length / 8) * 8; // spaces behind the header align the data
  if (start - 8 > LONGEST_HEADER) {
    throw new WriteRefused("safetensors", `the header has more than ${LONGEST_HEADER} bytes`);
  }
  const bytes = new Uint8Array(start + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.fill(0x20, 8, start).set(json, 8);
  let at = start;
  for (const [, { values }] of ordered) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

function typeOf(name: string, values: TensorValues): TensorType {
  const found = Object.entries(types).find(([, array]) => values instanceof array)?.[0];
  if (!isType(found)) {
    throw new WriteRefused("safetensors", `the values of ${name} are no ${Object.keys(types).join(", ")}`);
  }
  return found;
}
