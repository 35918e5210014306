import { deepEqual, equal } from "node:assert/strict";
import type { Scan } from "../core/mod.ts";
import { readTiff } from "../formats/mod.ts";
import { scoredCloud, scoreMapTiff } from "./cloud.ts";

Deno.test("scoredCloud() writes measured points alone, with their scores and regions", () => {
  const scan: Scan = {
    name: "tiny",
    width: 3,
    height: 1,
    points: Float32Array.of(1, 2, 3, 0, 0, 0, 4, 5, 6),
    valid: Uint8Array.of(1, 0, 1),
  };
  const bytes = scoredCloud({
    scan,
    scores: Float32Array.of(0.5, 9, 0.25),
    labels: Uint32Array.of(0, 1, 2),
    comments: ["unit metre", "model Käse\nelement face 3"],
  });
  const text = new TextDecoder("latin1").decode(bytes), end = text.indexOf("end_header\n") + 11;
  deepEqual(text.slice(0, end).split("\n"), [
    "ply",
    "format binary_little_endian 1.0",
    "comment unit metre",
    "comment model K?se?element face 3",
    "element vertex 2",
    ...["x", "y", "z", "scalar_anomaly", "scalar_feature", "scalar_region"].map((name) => `property float ${name}`),
    "end_header",
    "",
  ]);
  const values = new Float32Array(bytes.slice(end).buffer);
  deepEqual([...values], [1, 2, 3, 0.5, 0.5, 0, 4, 5, 6, 0.25, 0.25, 2]);
});

Deno.test("scoredCloud() of two branches tells both scores, and adds what is missing behind what was measured", () => {
  const scan: Scan = {
    name: "tiny",
    width: 3,
    height: 1,
    points: Float32Array.of(1, 2, 3, 0, 0, 0, 4, 5, 6),
    valid: Uint8Array.of(1, 0, 1),
  };
  const bytes = scoredCloud({
    scan,
    scores: Float32Array.of(0.5, 9, 0.25),
    labels: Uint32Array.of(0, 1, 1),
    comments: [],
    branches: {
      feature: Float32Array.of(0.5, 1, 0.125),
      missing: Float32Array.of(0, 8, 0.0625),
      part: {
        regionAt: Uint32Array.of(0, 1, 1),
        points: Float32Array.of(7, 8, 2, 4, 5, 1),
        pixels: Uint32Array.of(1, 2),
      },
    },
  });
  const text = new TextDecoder("latin1").decode(bytes), end = text.indexOf("end_header\n") + 11;
  deepEqual(text.slice(0, end).match(/^(?:element|property) .*$/gm), [
    "element vertex 4",
    ...["x", "y", "z", "scalar_anomaly", "scalar_feature", "scalar_region", "scalar_reconstruction"].map((name) =>
      `property float ${name}`
    ),
    "property uchar missing",
  ]);
  equal(bytes.length - end, 4 * (7 * 4 + 1));
  const view = new DataView(bytes.buffer, end);
  const rows = [0, 1, 2, 3].map((row) => [
    ...Array.from({ length: 7 }, (_, column) => view.getFloat32(29 * row + 4 * column, true)),
    view.getUint8(29 * row + 28),
  ]);
  deepEqual(rows, [
    [1, 2, 3, 0.5, 0.5, 0, 0, 0],
    [4, 5, 6, 0.25, 0.125, 1, 0.0625, 0],
    [7, 8, 2, 9, 1, 1, 8, 1],
    [4, 5, 1, 0.25, 0.125, 1, 0.0625, 1],
  ]);
});

Deno.test("scoreMapTiff() is one float32 channel of the scan's size", async () => {
  const scores = Float32Array.from({ length: 12 }, (_, i) => i / 7);
  const read = await readTiff(scoreMapTiff({ width: 4, height: 3, scores }));
  deepEqual([read.width, read.height, read.samples], [4, 3, 1]);
  equal(read.values.join(), scores.join());
});
