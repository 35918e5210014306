import { deepEqual, equal, ok } from "node:assert/strict";
import { directionsToTable, tableFrame, toTable } from "./table_frame.ts";

/** Points of a part that stands on a table 0.6 m away, tilted about the camera's x. */
function tilted(angle: number) {
  const c = Math.cos(angle), s = Math.sin(angle);
  const normal = [0, s, -c] as const, offset = 0.6 * c; // the table goes through 0, 0, 0.6
  const heights = [0.004, 0.01, 0.007, 0.012], across = [[-0.01, 0.003], [0.02, -0.008], [0.004, 0.011], [0, 0]];
  const hostPoints = Float32Array.from(
    heights.flatMap((h, i) => {
      const [u, v] = across[i];
      return [u, v * c + h * s, 0.6 + v * s - h * c];
    }),
  );
  return { hostPoints, count: heights.length, plane: { normal, offset }, heights, across };
}

const near = (actual: ArrayLike<number>, wanted: readonly number[], bound: number, what?: string) =>
  wanted.forEach((value, i) => ok(Math.abs(actual[i] - value) <= bound, `${what}: ${Array.from(actual)}, ${wanted}`));

/** Coordinates up to .6 m are float32: half a unit in the last place is 3e-8, three are added. */
const ROUNDED = 1e-7;

for (const degrees of [0, 12, -30]) {
  Deno.test(`tableFrame() gives heights over a table that is tilted by ${degrees}°, and the camera's x along it`, () => {
    const part = tilted(degrees * Math.PI / 180), frame = tableFrame(part), points = toTable(frame, part.hostPoints);
    const mean = [0, 1].map((axis) => part.across.reduce((sum, at) => sum + at[axis] / part.count, 0));
    for (let i = 0; i < part.count; i++) {
      // down in the picture is −y: z is up, and the frame is right-handed
      const wanted = [part.across[i][0] - mean[0], mean[1] - part.across[i][1], part.heights[i], 0];
      near(points.subarray(4 * i, 4 * i + 4), wanted, ROUNDED, `point ${i}`);
    }
  });
}

Deno.test("tableFrame() does not care which way the plane's normal points", () => {
  const part = tilted(0.2), { normal: [a, b, c], offset } = part.plane;
  const other = tableFrame({ ...part, plane: { normal: [-a, -b, -c], offset: -offset } });
  const frame = tableFrame(part);
  near(other.axes, [...frame.axes], 1e-15);
  near(other.origin, [...frame.origin], 1e-15);
});

Deno.test("tableFrame() without a table points to the sensor from the middle of the part", () => {
  const { hostPoints, count } = tilted(0), { axes, origin } = tableFrame({ hostPoints, count });
  deepEqual(axes.map((value) => value + 0), [1, 0, 0, 0, -1, 0, 0, 0, -1]);
  near(
    origin,
    [0, 1, 2].map((axis) => (hostPoints.reduce((sum, v, i) => i % 3 === axis ? sum + v : sum, 0)) / count),
    1e-9,
  );
});

Deno.test("tableFrame() stays a rotation when the table stands on edge", () => {
  const { hostPoints, count } = tilted(0);
  for (const normal of [[1, 0, 0], [-1, 0, 0], [0.995, 0, -Math.sqrt(1 - 0.995 ** 2)]] as const) {
    const { axes } = tableFrame({ hostPoints, count, plane: { normal, offset: 0.3 } });
    const [x, y, z] = [0, 3, 6].map((i) => axes.slice(i, i + 3));
    const dot = (a: number[], b: number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    near([dot(x, x), dot(y, y), dot(z, z), dot(x, y), dot(y, z), dot(z, x)], [1, 1, 1, 0, 0, 0], 1e-12);
    const right = x[0] * (y[1] * z[2] - y[2] * z[1]) - x[1] * (y[0] * z[2] - y[2] * z[0]) +
      x[2] * (y[0] * z[1] - y[1] * z[0]);
    near([right], [1], 1e-12, "right-handed");
    near([Math.abs(dot(z, [...normal]))], [1], 1e-12);
  }
});

Deno.test("directionsToTable() turns directions and does not move them", () => {
  const part = tilted(0.3), frame = tableFrame(part), [a, b, c] = part.plane.normal;
  const moved = directionsToTable(frame, Float32Array.from([a, b, c, 0, 1, 0, 0, 0]));
  near(moved, [0, 0, 1, 0, 1, 0, 0, 0], 1e-7);
  equal(moved.length, 8);
});
