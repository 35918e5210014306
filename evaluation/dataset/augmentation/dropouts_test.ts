import { equal, ok } from "node:assert/strict";
import { randomStream, type Scan } from "../../../core/mod.ts";
import { dropOutsOf, lostBehind } from "./dropouts.ts";
import { partOf } from "./part.ts";

const SIDE = 150, PITCH = 0.0005, RADIUS = 25, HIGH = 0.02;

/** A disc on a table, 500 mm below the sensor; `isLost` says where there is no return, by columns and rows from its middle. */
function disc(isLost: (across: number, down: number, distance: number) => boolean): Scan {
  const points = new Float32Array(3 * SIDE * SIDE), valid = new Uint8Array(SIDE * SIDE);
  for (let pixel = 0; pixel < valid.length; pixel++) {
    const across = pixel % SIDE - SIDE / 2, down = Math.floor(pixel / SIDE) - SIDE / 2;
    const distance = Math.hypot(across, down);
    if (isLost(across, down, distance)) continue;
    const z = 0.5 - (distance < RADIUS ? HIGH : 0);
    points.set([across * PITCH * z / 0.5, down * PITCH * z / 0.5, z], 3 * pixel);
    valid[pixel] = 1;
  }
  return { name: "disc", width: SIDE, height: SIDE, points, valid };
}

Deno.test("dropOutsOf() finds the direction of the shadow and the ring on the other side", () => {
  const away = [Math.cos(0.7), Math.sin(0.7)];
  const scan = disc((x, y, distance) =>
    distance >= RADIUS && (distance < RADIUS + 2 || Math.hypot(x - 12 * away[0], y - 12 * away[1]) < RADIUS)
  );
  const { shadow, ring } = dropOutsOf(partOf(scan, 0), 3);
  ok(Math.hypot(shadow[0] - away[0], shadow[1] - away[1]) < 0.1, `${shadow}`);
  ok(ring[0] > 0.9 && ring[1] > 0.4 && ring.slice(3).every((rate) => rate === 0), `${ring}`);
});

Deno.test("dropOutsOf() takes the direction it is given where drop-outs lie all around, and counts only what the table has not", () => {
  const stream = randomStream(2, "table");
  const scan = disc((_, __, distance) => distance >= RADIUS && (distance < RADIUS + 2 || stream.uniform() < 0.3));
  const { shadow, ring } = dropOutsOf(partOf(scan, 0), 3);
  equal(`${shadow}`, `${[Math.cos(3), Math.sin(3)]}`);
  ok(ring[0] > 0.9 && ring.slice(3).every((rate) => rate < 0.15), `${ring}`);
});

Deno.test("lostBehind() gives shadows the length that height and slant say", () => {
  const part = partOf(disc(() => false), 0), { foreground } = part;
  const rest = foreground.map((v, pixel) => pixel % SIDE < SIDE / 2 ? v : 0);
  const cleared = [...foreground.keys()].filter((pixel) => foreground[pixel] === 1 && rest[pixel] === 0);
  const row = Math.floor(SIDE / 2);
  for (const slant of [0.1, 0.4]) {
    const dropOuts = { ring: [], shadow: [1, 0] as const };
    const lost = lostBehind(part, rest, cleared, dropOuts, slant, randomStream(1, "luck"));
    const wanted = slant * HIGH / (PITCH * (0.5 - HIGH) / 0.5); // pixels at the disc's height
    const around = cleared.filter((pixel) => Math.abs(Math.floor(pixel / SIDE) - row) < 10);
    const shares = [[0, wanted - 1], [wanted + 1, 25]].map(([near, far]) => {
      const some = around.filter((pixel) => {
        const steps = pixel % SIDE - SIDE / 2 + 1;
        return steps > near && steps <= far;
      });
      return some.filter((pixel) => lost.has(pixel)).length / some.length;
    });
    ok(shares[0] > 0.93 && shares[1] === 0, `${slant}: ${shares}`);
  }
  const against = { ring: [], shadow: [-1, 0] as const };
  equal(lostBehind(part, rest, cleared, against, 0.4, randomStream(1, "luck")).size, 0);
});
