import { equal, ok } from "node:assert/strict";
import { readNpy } from "../formats/mod.ts";
import { sharedData } from "../tests/shared_data.ts";
import { fitPlane, planeDistance, randomStream, searchPlane } from "./mod.ts";

const search = { inlier: 0.004, sample: 3, iterations: 1000 };
const everything = (points: ArrayLike<number>) => Uint32Array.from({ length: points.length / 3 }, (_, i) => i);

Deno.test("fitPlane() finds planes along every axis exactly", () => {
  for (const axis of [0, 1, 2]) {
    const points = new Float64Array(3 * 100);
    for (let i = 0; i < 100; i++) {
      const u = (i % 10) / 10, v = Math.floor(i / 10) / 10;
      const p = [u, v, 0];
      p[2] = 0.5 + 0.1 * u - 0.2 * v;
      for (let a = 0; a < 3; a++) points[3 * i + (a + axis) % 3] = p[a];
    }
    const plane = fitPlane(points, everything(points))!;
    for (let i = 0; i < 100; i++) ok(Math.abs(planeDistance(plane, points, 3 * i)) < 1e-14);
  }
});

Deno.test("fitPlane() gives nothing for points on a line or in one place", () => {
  const line = Float64Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) * [1, 2, -1][i % 3]);
  equal(fitPlane(line, everything(line)), undefined);
  const place = new Float64Array(300).fill(0.3);
  equal(fitPlane(place, everything(place)), undefined);
});

const points = sharedData("golden/features/plane_points.npy"), known = sharedData("golden/features/plane_known.npy");
Deno.test({
  name: "searchPlane() finds the golden plane among outliers, whatever the seed",
  ignore: !points || !known,
  fn: async () => {
    const { values } = readNpy(await Deno.readFile(points!));
    const [a, b, c, d] = readNpy(await Deno.readFile(known!)).values as Float64Array;
    for (let seed = 0; seed < 10; seed++) {
      const { normal, offset } = searchPlane(
        values as Float32Array,
        everything(values as Float32Array),
        search,
        randomStream(seed, "test"),
      )!;
      const dot = normal[0] * a + normal[1] * b + normal[2] * c;
      ok(Math.acos(Math.min(1, Math.abs(dot))) < 0.05 * Math.PI / 180, `angle at seed ${seed}`);
      ok(Math.abs(offset * Math.sign(dot) - d) < 2e-4, `offset at seed ${seed}`);
    }
  },
});

Deno.test("searchPlane() gives nothing with fewer points than a hypothesis takes", () => {
  equal(
    searchPlane(Float32Array.of(0, 0, 0, 1, 0, 0), Uint32Array.of(0, 1), search, randomStream(0, "test")),
    undefined,
  );
});
