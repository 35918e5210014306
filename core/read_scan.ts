/** Bytes to a scan: units, validity, shape. The format is told by the content, never by the name. @module */
import { MalformedFile, readNpy, readNpz, readTiff, UnsupportedFile } from "../formats/mod.ts";
import { ScanRefused } from "./errors.ts";
import type { Mask, Scan } from "./scan.ts";

/** Units of length a file may be in, in metres. */
export const units = { m: 1, mm: 1e-3, um: 1e-6, inch: 0.0254 } as const;

/** Name of a unit of length. */
export type Unit = keyof typeof units;

/** How to read a scan. */
export interface ReadScanOptions {
  /** Unit of the file's coordinates; nothing is guessed. Default metres. */
  readonly unit?: Unit;
  /** Ground truth that goes with the scan, of its size. */
  readonly truth?: Mask;
  /** A file that announces more points is refused before they are unpacked; about 89 million unless given. */
  readonly mostPoints?: number;
}

type Grid = { width: number; height: number; values: ArrayLike<number> };

const startsWith = (bytes: Uint8Array, ...first: number[]) => first.every((b, i) => bytes[i] === b);

async function readGrid(name: string, bytes: Uint8Array, most?: number): Promise<Grid> {
  if (startsWith(bytes, 0x49, 0x49) || startsWith(bytes, 0x4d, 0x4d)) {
    const { width, height, samples, values } = await readTiff(bytes, most);
    if (samples !== 3) {
      throw new ScanRefused(name, "not-xyz", `the TIFF has ${samples} samples a pixel, a scan has 3 (x, y, z)`);
    }
    if (!(values instanceof Float32Array || values instanceof Float64Array)) {
      throw new ScanRefused(name, "not-xyz", "the TIFF holds integers, a scan holds floating-point coordinates");
    }
    return { width, height, values };
  }
  if (startsWith(bytes, 0x93, 0x4e) || startsWith(bytes, 0x50, 0x4b)) {
    const { shape, values } = bytes[0] === 0x93 ? readNpy(bytes, most) : await firstArray(name, bytes, most);
    if (shape.length !== 3 || shape[2] !== 3) {
      throw new ScanRefused(
        name,
        "not-xyz",
        `the array's shape is ${shape.join(" × ") || "()"}, a scan is height × width × 3`,
      );
    }
    return { width: shape[1], height: shape[0], values };
  }
  if (bytes.length === 0) throw new MalformedFile("scan", 0, "the file is empty");
  throw new UnsupportedFile("scan", "its first bytes are neither those of a TIFF nor of an NPY or NPZ file");
}

async function firstArray(name: string, bytes: Uint8Array, most?: number) {
  const arrays = await readNpz(bytes, most);
  const key = arrays.size === 1 ? [...arrays.keys()][0] : ["xyz", "points", "arr_0"].find((k) => arrays.has(k));
  if (key === undefined) {
    throw new ScanRefused(name, "not-xyz", `the NPZ holds ${[...arrays.keys()].join(", ")}: call the scan's array xyz`);
  }
  return arrays.get(key)!;
}

/**
 * A scan from the bytes of an xyz TIFF, NPY or NPZ. A place is no measurement where its coordinates are 0 0 0 or one of them is not
 * finite. @throws {MalformedFile} @throws {UnsupportedFile} @throws {FileTooLarge} @throws {ScanRefused} when it is no grid of points
 */
export async function readScan(
  name: string,
  bytes: Uint8Array,
  { unit = "m", truth, mostPoints }: ReadScanOptions = {},
): Promise<Scan> {
  const { width, height, values } = await readGrid(name, bytes, mostPoints && 3 * mostPoints);
  const scale = units[unit], count = width * height;
  const points = values instanceof Float32Array && scale === 1 ? values : Float32Array.from(values, (v) => v * scale);
  const valid = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const x = points[3 * i], y = points[3 * i + 1], z = points[3 * i + 2];
    if (x - x + (y - y) + (z - z) === 0) { // fails for NaN and for infinities
      valid[i] = x !== 0 || y !== 0 || z !== 0 ? 1 : 0;
    } else {
      points[3 * i] = points[3 * i + 1] = points[3 * i + 2] = 0;
    }
  }
  return { name, width, height, points, valid, truth };
}
