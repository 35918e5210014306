import { deepEqual, equal, ok } from "node:assert/strict";
import { boundaryPath } from "./boundary_path.ts";
import { squareRootAxis, STRIP } from "./square_root_axis.ts";

const LENGTH = 400 + STRIP, LEFT = 50, BASE = 500;
const axes = { x: squareRootAxis(16, LENGTH), y: squareRootAxis(4, LENGTH) };
const pathOf = (...corners: number[]) => boundaryPath(Float32Array.from(corners), axes, { left: LEFT, base: BASE });

/** Corners of each part of a path, in the drawing. */
const cornersOf = (path: string) =>
  path.split("M").slice(1).map((part) => part.split("L").map((corner) => corner.split(" ").map(Number)));

/** The value that a length along an axis stands for. */
const valueAt = (most: number, along: number) => most * ((along - STRIP) / 400) ** 2;

Deno.test("boundaryPath() bends a straight line as the axes do, and crosses both strips", () => {
  const [corners, ...others] = cornersOf(pathOf(0, 2, 8, 0));
  equal(others.length, 0);
  const meetsY = BASE - STRIP - 400 * Math.sqrt(2 / 4), meetsX = LEFT + STRIP + 400 * Math.sqrt(8 / 16);
  const rounded = (place: readonly number[]) => place.map((value) => Number(value.toFixed(1)));
  deepEqual(corners.slice(0, 2), [[LEFT, meetsY], [LEFT + STRIP, meetsY]].map(rounded));
  deepEqual(corners.slice(-2), [[meetsX, BASE - STRIP], [meetsX, BASE]].map(rounded));
  const bent = corners.slice(1, -1);
  for (const [i, [across, up]] of bent.entries()) {
    const x = valueAt(16, across - LEFT), y = valueAt(4, BASE - up);
    ok(Math.abs(y - (2 - x / 4)) < 0.004, `${x}, ${y}`); // a tenth of a unit of 400 is 0.002 of the largest y
    if (i > 0) ok(Math.hypot(across - bent[i - 1][0], up - bent[i - 1][1]) < 12, `gap before ${across}, ${up}`);
  }
});

Deno.test("boundaryPath() cuts what the axes don't cover", () => {
  const low = [LEFT + STRIP, BASE - STRIP], high = [LEFT + LENGTH, BASE - LENGTH];
  const [corners] = cornersOf(pathOf(-8, 3, 24, -1)); // through (0, 2) and (16, 0)
  deepEqual(corners[0], [LEFT, Number((BASE - STRIP - 400 * Math.sqrt(0.5)).toFixed(1))]);
  deepEqual(corners.at(-1), [high[0], BASE]);
  const inside = ([across, up]: number[]) => across >= LEFT && across <= high[0] && up >= high[1] && up <= BASE;
  ok(corners.every(inside));
  const [level] = cornersOf(pathOf(4, 1, 99, 1)); // it ends at the rim
  deepEqual([level[0], level.at(-1)], [[low[0] + 200, low[1] - 200], [high[0], low[1] - 200]]);
  for (const line of [[17, 0, 17, 4], [0, 5, 16, 5], [-3, -1, -2, 4], [-2, 1, 1, -2], [4, 1], []]) {
    equal(pathOf(...line), "", line.join());
  }
});

Deno.test("boundaryPath() draws a line that leaves and comes back in parts, and one that stays in one", () => {
  const back = cornersOf(pathOf(4, 1, 4, 9, 9, 9, 9, 1));
  equal(back.length, 2);
  const along = (value: number) => LEFT + STRIP + 100 * Math.sqrt(value);
  ok(back[0].every(([across]) => across === along(4)) && back[1].every(([across]) => across === along(9)));
  const island = cornersOf(pathOf(4, 1, 9, 1, 9, 2.25, 4, 2.25, 4, 1));
  equal(island.length, 1);
  deepEqual(island[0][0], island[0].at(-1));
  for (const x of [4, 9]) {
    for (const y of [1, 2.25]) {
      const corner = [along(x), BASE - STRIP - 200 * Math.sqrt(y)];
      ok(island[0].some((place) => place.join() === corner.join()), corner.join());
    }
  }
});
