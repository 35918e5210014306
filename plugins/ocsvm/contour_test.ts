import { equal, ok } from "node:assert/strict";
import { readNpy } from "../../formats/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { boundaryLines } from "./contour.ts";
import { decision, type KernelBoundary, solveOneClass } from "./smo.ts";

const golden = (name: string) => sharedData(`golden/fusion/ocsvm_${name}.npy`);
const read = async (name: string) => readNpy(await Deno.readFile(golden(name)!)).values as Float64Array;

/** Distance to the nearest segment of any line. */
function distanceTo(lines: readonly Float64Array[], x: number, y: number): number {
  let least = Infinity;
  for (const line of lines) {
    for (let i = 0; i + 3 < line.length; i += 2) {
      const dx = line[i + 2] - line[i], dy = line[i + 3] - line[i + 1], length = dx * dx + dy * dy;
      const t = Math.max(0, Math.min(1, ((x - line[i]) * dx + (y - line[i + 1]) * dy) / length));
      least = Math.min(least, Math.hypot(x - line[i] - t * dx, y - line[i + 1] - t * dy));
    }
  }
  return least;
}

/** Supports that count as told, with γ 1. */
function boundaryOf(supports: readonly (readonly [number, number])[], rho: number, alphas?: number[]): KernelBoundary {
  return {
    supports: Float64Array.from(supports.flat()),
    alphas: Float64Array.from(alphas ?? supports.map(() => 1)),
    rho,
    gamma: 1,
    nu: 0.5,
    pairs: 2 * supports.length,
  };
}

const isClosed = (line: Float64Array) => line[0] === line.at(-2) && line[1] === line.at(-1);

Deno.test({
  name: "boundaryLines() is as far from the golden queries as Newton's method says",
  ignore: !golden("x") || !golden("rbf3_signed_distance_q"),
  fn: async () => {
    const gamma = (await read("rbf_gamma"))[3], found = solveOneClass(await read("x"), 0.1, gamma, { tolerance: 1e-9 });
    const lines = boundaryLines(found), queries = await read("q"), wanted = await read("rbf3_signed_distance_q");
    wanted.forEach((want, i) => {
      const [x, y] = queries.subarray(2 * i), sign = decision(found, x, y) < 0 ? 1 : -1;
      const got = sign * distanceTo(lines, x, y);
      // asked is 1e-3 of straight pieces; the points between the grid's edges make it a fiftieth of that
      ok(Math.abs(got - want) <= 2e-5, `query ${i}: ${got}, not ${want}`);
    });
    for (const [i, value] of lines[0].entries()) {
      if (i % 2 === 0) ok(Math.abs(decision(found, value, lines[0][i + 1])) <= 1e-10);
    }
  },
});

Deno.test("boundaryLines() of one support is a circle, all of it and no more", () => {
  const radius = 0.7, [line, ...others] = boundaryLines(boundaryOf([[2, -1]], Math.exp(-(radius ** 2))));
  equal(others.length, 0);
  ok(isClosed(line));
  let length = 0;
  for (let i = 0; i < line.length; i += 2) {
    ok(Math.abs(Math.hypot(line[i] - 2, line[i + 1] + 1) - radius) <= 1e-9, `${line[i]}, ${line[i + 1]}`);
    if (i > 0) length += Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]);
  }
  ok(Math.abs(length / (2 * Math.PI * radius) - 1) <= 1e-4, `length ${length}`);
});

Deno.test("boundaryLines() tells regions apart, and holes from regions", () => {
  const rho = Math.exp(-1), islands = boundaryLines(boundaryOf([[0, 0], [6, 0], [0, 9]], rho));
  equal(islands.length, 3);
  const around = Array.from({ length: 24 }, (_, i) => [3 * Math.cos(i * Math.PI / 12), 3 * Math.sin(i * Math.PI / 12)]);
  const ring = boundaryLines(boundaryOf(around as [number, number][], 1.5));
  equal(ring.length, 2);
  const radii = ring.map((line) => Math.hypot(line[0], line[1])).sort((a, b) => a - b);
  ok(radii[0] < 3 && radii[1] > 3 && ring.every(isClosed));
});

Deno.test("boundaryLines() closes both regions that touch in a saddle", () => {
  // two equal bells with f = 0 exactly at the middle between them, on a diagonal, so that the saddle's cell has two unlike diagonals
  const touching = 2 * Math.exp(-2);
  for (const shift of [-1e-7, 1e-7]) {
    const lines = boundaryLines(boundaryOf([[-1, -1], [1, 1]], touching + shift));
    equal(lines.length, shift > 0 ? 2 : 1);
    ok(lines.every(isClosed));
  }
});

Deno.test("boundaryLines() of a region that no node falls into is one point of it", () => {
  const lines = boundaryLines(boundaryOf([[0, 0], [50, 0.37]], 1 - 1e-9, [0.5, 1]));
  equal(lines.length, 1);
  equal([...lines[0]].join(), "50,0.37");
});
