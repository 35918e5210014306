/** writePly() against the bytes it should write. @module */
import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { WriteRefused } from "./errors.ts";
import { type PlyProperty, writePly } from "./ply.ts";

const x: PlyProperty = { name: "x", type: "float", values: Float32Array.of(1.5, -2) };

Deno.test("writePly() writes points one after the other, without padding", () => {
  const bytes = writePly({
    comments: ["uni3dad", ""],
    properties: [x, { name: "red", type: "uchar", values: [255, 0] }, {
      name: "region",
      type: "int",
      values: [-1, 70000],
    }],
  });
  const header = [
    "ply",
    "format binary_little_endian 1.0",
    "comment uni3dad",
    "comment ",
    "element vertex 2",
    "property float x",
    "property uchar red",
    "property int region",
    "end_header",
    "",
  ].join("\n");
  strictEqual(new TextDecoder().decode(bytes.subarray(0, header.length)), header);
  const body = new DataView(bytes.buffer, header.length);
  strictEqual(body.byteLength, 2 * 9);
  deepStrictEqual(
    [0, 9].map((at) => [body.getFloat32(at, true), body.getUint8(at + 4), body.getInt32(at + 5, true)]),
    [[1.5, 255, -1], [-2, 0, 70000]],
  );
});

Deno.test("writePly() writes no points", () => {
  const text = new TextDecoder().decode(writePly({ properties: [{ ...x, values: [] }] }));
  strictEqual(text, "ply\nformat binary_little_endian 1.0\nelement vertex 0\nproperty float x\nend_header\n");
});

Deno.test("writePly() refuses what a header or a type cannot hold", () => {
  const refused = (properties: readonly PlyProperty[], comments: string[] = []) =>
    throws(() => writePly({ properties, comments }), WriteRefused);
  refused([]);
  refused([x, x]);
  refused([x, { name: "y", type: "float", values: [1] }]);
  refused([{ ...x, name: "x y" }]);
  refused([{ ...x, name: "x\nend_header" }]);
  refused([x], ["two\nlines"]);
  refused([x], ["π"]);
  for (const value of [256, -1, 0.5, NaN]) refused([{ name: "red", type: "uchar", values: [value] }]);
  for (const value of [2 ** 31, Infinity]) refused([{ name: "region", type: "int", values: [value] }]);
});
