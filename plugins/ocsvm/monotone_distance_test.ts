import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { readNpy } from "../../formats/mod.ts";
import { sharedData } from "../../tests/shared_data.ts";
import { boundaryLines } from "./contour.ts";
import { frontierOf, linearDistance, monotoneDistance } from "./monotone_distance.ts";
import { solveOneClass } from "./smo.ts";

const golden = (name: string) => sharedData(`golden/fusion/ocsvm_${name}.npy`);
const read = async (name: string) => readNpy(await Deno.readFile(golden(name)!)).values as Float64Array;

Deno.test({
  name: "frontierOf() and monotoneDistance() equal the golden ones",
  ignore: !golden("x") || !golden("rbf3_frontier") || !golden("rbf3_monotone_distance_q"),
  fn: async () => {
    const gamma = (await read("rbf_gamma"))[3], found = solveOneClass(await read("x"), 0.1, gamma, { tolerance: 1e-9 });
    const frontier = frontierOf(boundaryLines(found)), fine = await read("rbf3_frontier");
    const queries = await read("q"), wanted = await read("rbf3_monotone_distance_q");
    for (const [name, of] of [["own", frontier], ["golden", fine]] as const) {
      wanted.forEach((want, i) => {
        const got = monotoneDistance(of, queries[2 * i], queries[2 * i + 1]);
        ok(Math.abs(got - want) <= 3e-4, `query ${i}, ${name} frontier: ${got}, not ${want}`);
      });
    }
    for (let i = 0; i < fine.length; i += 2) ok(Math.abs(monotoneDistance(frontier, fine[i], fine[i + 1])) <= 3e-4);
    for (let i = 0; i < frontier.length; i += 2) {
      ok(Math.abs(monotoneDistance(fine, frontier[i], frontier[i + 1])) <= 3e-4);
    }
  },
});

/** A quarter of the unit circle, `n` points of it from the top to the right. */
const quarter = (n: number) =>
  Float64Array.from({ length: 2 * n }, (_, i) => {
    const angle = (1 - (i >> 1) / (n - 1)) * Math.PI / 2;
    return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
  });

Deno.test("monotoneDistance() to a quarter of a circle is the distance to it, but for the stairs", () => {
  for (const points of [quarter(4), quarter(100)]) { // straight pieces of the line count too, so few points would do but for their arc
    const frontier = frontierOf([points]), off = points.length === 8 ? 0.035 : 1.1 / 2048;
    ok(frontier.length / 2 > 500 && frontier.length / 2 < 2500, `${frontier.length / 2} points`);
    for (let i = 0; i < frontier.length - 2; i += 2) {
      ok(frontier[i] < frontier[i + 2] && frontier[i + 1] > frontier[i + 3]);
    }
    for (const radius of [0, 0.3, 0.99, 1.01, 40]) {
      for (const angle of [0.01, 0.4, Math.PI / 4, 1.5]) {
        const got = monotoneDistance(frontier, radius * Math.cos(angle), radius * Math.sin(angle));
        ok(got >= radius - 1 - 1e-4 && got <= radius - 1 + off, `${radius} at ${angle}: ${got}`);
      }
    }
  }
});

Deno.test("frontierOf() keeps what nothing is above and right of, and does not cut across gaps", () => {
  const low = Float64Array.of(0, 0, 8, 0, 8, 1, 0, 1, 0, 0), high = Float64Array.of(0, 5, 2, 5, 2, 6, 0, 6, 0, 5);
  const hidden = Float64Array.of(1, 1, 1.5, 1, 1, 1.5, 1, 1);
  deepEqual([...frontierOf([low, hidden, high])], [2, 6, 8, 1]);
  equal(monotoneDistance(Float64Array.of(2, 6, 8, 1), 5, 3), 2); // (5, 1) is the nearest of the normal ones, (2, 3) the next
  equal(monotoneDistance(Float64Array.of(2, 6, 8, 1), 1, 0.5), -Math.hypot(1, 0.5));
  deepEqual([...frontierOf([Float64Array.of(3, 4)])], [3, 4]);
  equal(monotoneDistance(Float64Array.of(3, 4), 0, 0), -3);
  equal(monotoneDistance(Float64Array.of(3, 4), 6, 8), 5);
  equal(monotoneDistance(Float64Array.of(3, 4), 3, 1), 0);
});

Deno.test("frontierOf() runs on over the place where a closed line begins", () => {
  const circle = (turn: number) =>
    Float64Array.from({ length: 2 * 65 }, (_, i) => {
      const angle = turn + ((i >> 1) % 64) * Math.PI / 32;
      return i % 2 === 0 ? Math.cos(angle) : Math.sin(angle);
    });
  const [cut, whole] = [circle(Math.PI / 4), circle(Math.PI)].map((line) => frontierOf([line]));
  for (const angle of [0.7, 0.78, 0.8, 0.85]) {
    const at = [cut, whole].map((frontier) => monotoneDistance(frontier, 2 * Math.cos(angle), 2 * Math.sin(angle)));
    ok(Math.abs(at[0] - at[1]) <= 1 / 2048, `${at[0]} and ${at[1]} at ${angle}`);
  }
});

const score = fc.double({ min: 0, max: 4, noNaN: true });
const stairs = fc.array(fc.tuple(score, score), { minLength: 1, maxLength: 12 }).map((points) =>
  frontierOf(points.map(([x, y]) => Float64Array.of(x, y)))
);

Deno.test("monotoneDistance() and linearDistance() never fall where a coordinate rises", () => {
  fc.assert(
    fc.property(stairs, score, score, score, score, (frontier, x, y, dx, dy) => {
      const before = monotoneDistance(frontier, x, y);
      for (const [right, up] of [[dx, 0], [0, dy], [dx, dy]]) {
        ok(monotoneDistance(frontier, x + right, y + up) >= before);
      }
    }),
    { numRuns: 2000 },
  );
  const weight = fc.double({ min: -1, max: 4, noNaN: true });
  fc.assert(fc.property(weight, weight, score, score, score, score, (a, b, x, y, dx, dy) => {
    const line = { w: [a, b] as const, rho: 1 };
    ok(linearDistance(line, x + dx, y + dy) >= linearDistance(line, x, y));
  }));
});

Deno.test("linearDistance() is the signed distance to the line, and the monotone distance to it", () => {
  equal(linearDistance({ w: [3, 4], rho: 10 }, 2, 6), 4);
  equal(linearDistance({ w: [3, 4], rho: 10 }, 0, 0), -2);
  equal(linearDistance({ w: [3, -1], rho: 6 }, 5, 100), 3);
  equal(linearDistance({ w: [-3, -1], rho: 6 }, 5, 100), 0);
  const line = Float64Array.of(-9, 9.25, 11, -5.75), frontier = frontierOf([line]); // 3x + 4y = 10, far enough
  for (const [x, y] of [[0, 0], [1, 1], [2, 3], [4, 0]]) {
    const got = monotoneDistance(frontier, x, y), want = linearDistance({ w: [3, 4], rho: 10 }, x, y);
    ok(got >= want - 1e-12 && got <= want + 11 / 2048, `${got}, not ${want}`);
  }
});
