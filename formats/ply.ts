/** Writing points with their values as PLY. @module */
import { WriteRefused } from "./errors.ts";

/** One property of all points. */
export interface PlyProperty {
  /** `x`, `y`, `z`, `red`, `scalar_anomaly`, …; viewers show `scalar_…` as a scalar field. */
  readonly name: string;
  readonly type: "float" | "uchar" | "int";
  /** One value a point. */
  readonly values: ArrayLike<number>;
}

/** Points to write. */
export interface PlyToWrite {
  /** Lines of printable ASCII. */
  readonly comments?: readonly string[];
  /** In the order of the file, all of one length. */
  readonly properties: readonly PlyProperty[];
}

const sizes = { float: 4, uchar: 1, int: 4 } as const;
const ranges = { uchar: [0, 255], int: [-(2 ** 31), 2 ** 31 - 1] } as const;

/**
 * A binary little-endian PLY 1.0 of one element `vertex`, point after point, properties in their order, no padding.
 * @throws {WriteRefused} for lengths that differ, values outside an integer type, names or comments that a header cannot hold
 */
export function writePly({ comments = [], properties }: PlyToWrite): Uint8Array<ArrayBuffer> {
  const count = properties[0]?.values.length ?? 0, names = new Set(properties.map(({ name }) => name));
  if (properties.length === 0 || names.size !== properties.length) {
    throw new WriteRefused("PLY", "it needs properties, each with a name of its own");
  }
  for (const comment of comments) {
    if (!/^[ -~]*$/.test(comment)) {
      throw new WriteRefused("PLY", `the comment ${JSON.stringify(comment)} is not one line of ASCII`);
    }
  }
  for (const property of properties) check(property, count);
  const header = new TextEncoder().encode([
    "ply",
    "format binary_little_endian 1.0",
    ...comments.map((comment) => `comment ${comment}`),
    `element vertex ${count}`,
    ...properties.map(({ name, type }) => `property ${type} ${name}`),
    "end_header\n",
  ].join("\n"));
  const stride = properties.reduce((sum, { type }) => sum + sizes[type], 0);
  const bytes = new Uint8Array(header.length + count * stride), view = new DataView(bytes.buffer);
  bytes.set(header);
  let column = header.length;
  for (const { type, values } of properties) {
    for (let i = 0, at = column; i < count; i++, at += stride) {
      if (type === "float") view.setFloat32(at, values[i], true);
      else if (type === "int") view.setInt32(at, values[i], true);
      else view.setUint8(at, values[i]);
    }
    column += sizes[type];
  }
  return bytes;
}

function check({ name, type, values }: PlyProperty, count: number): void {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new WriteRefused("PLY", `${JSON.stringify(name)} is no name of a property`);
  if (values.length !== count) {
    throw new WriteRefused("PLY", `${name} has ${values.length} values, the first property ${count}`);
  }
  if (type === "float") return;
  const [least, most] = ranges[type];
  for (let i = 0; i < count; i++) {
    if (!Number.isInteger(values[i]) || values[i] < least || values[i] > most) {
      throw new WriteRefused(
        "PLY",
        `${name} of point ${i} is ${values[i]}, a ${type} is a whole number from ${least} to ${most}`,
      );
    }
  }
}
