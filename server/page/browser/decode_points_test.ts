import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { decodePoints, decodePositions } from "./decode_points.ts";

const int16 = (...values: number[]) => {
  const view = new DataView(new ArrayBuffer(2 * values.length));
  values.forEach((value, i) => view.setInt16(2 * i, value, true));
  return new Uint8Array(view.buffer).toBase64();
};
const points = {
  count: 2,
  positions: int16(1, -2, 3, -32767, 0, 32767),
  originMm: [10, 20, 30] as const,
  stepMm: 0.5,
  scores: int16(0, -1), // 65535 as uint16
  mostScore: 8,
  greys: Uint8Array.of(5, 250).toBase64(),
};

Deno.test("decodePoints() undoes the steps of positions and scores", () => {
  const { count, axes, scores, greys } = decodePoints(points);
  equal(count, 2);
  deepEqual([...axes[0]], [10.5, 10 - 16383.5]);
  deepEqual([...axes[1]], [19, 20]);
  deepEqual([...axes[2]], [31.5, 30 + 16383.5]);
  deepEqual([...scores], [0, 8]);
  deepEqual([...greys], [5, 250]);
});

Deno.test("fewer bytes than points are refused", () => {
  throws(() => decodePositions({ ...points, count: 3 }), RangeError);
  throws(() => decodePoints({ ...points, scores: int16(1) }), RangeError);
  ok(decodePositions({ ...points, count: 0 })[0].length === 0);
});
