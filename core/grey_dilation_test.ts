import { deepEqual, equal } from "node:assert/strict";
import { greyDilation } from "./grey_dilation.ts";
import { randomStream } from "./random.ts";

/** Rows of a map from a picture, a digit a pixel. */
const mapOf = (picture: string) => Float32Array.from(picture.replace(/\s/g, ""), Number);

Deno.test("greyDilation() makes of one pixel what three ellipses make, by hand", () => {
  const size = 15, map = new Float32Array(size * size);
  map[7 * size + 7] = 3;
  deepEqual(
    greyDilation(map, size),
    mapOf(`
      000000000000000
      000000030000000
      000003333300000
      000333333333000
      033333333333330
      033333333333330
      033333333333330
      033333333333330
      033333333333330
      033333333333330
      033333333333330
      000333333333000
      000003333300000
      000000030000000
      000000000000000`),
  );
});

Deno.test("greyDilation() takes the larger where two meet, and ends at the map's edge, by hand", () => {
  const size = 9, map = new Float32Array(size * size);
  map[0] = 1;
  map[8 * size + 8] = 2;
  deepEqual(
    greyDilation(map, size),
    mapOf(`
      111111100
      111111100
      111111102
      111111222
      111122222
      112222222
      102222222
      002222222
      002222222`),
  );
  equal(map.filter((value) => value !== 0).length, 2); // what is given stays
});

Deno.test("greyDilation() is the maximum over the places of the ellipse, three times", () => {
  const size = 23, random = randomStream(0, "test/grey-dilation"), rows = ["00100", "11111", "11111", "11111", "00100"];
  const map = Float32Array.from({ length: size * size }, () => random.uniform() < 0.05 ? random.uniform() : 0);
  let want = map;
  for (let time = 0; time < 3; time++) {
    const last = want;
    want = want.map((_, pixel) => {
      let most = 0;
      rows.forEach((row, r) =>
        [...row].forEach((mark, c) => {
          const y = Math.floor(pixel / size) + r - 2, x = pixel % size + c - 2;
          if (mark === "1" && y >= 0 && y < size && x >= 0 && x < size) most = Math.max(most, last[y * size + x]);
        })
      );
      return most;
    });
  }
  deepEqual(greyDilation(map, size), want);
});
