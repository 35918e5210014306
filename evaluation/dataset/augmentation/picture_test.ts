import { deepEqual, equal, ok } from "node:assert/strict";
import { randomStream } from "../../../core/mod.ts";
import { boxSums, largestPiece, nearestFlagged, neighbours, piecesOf, pixelDistance } from "./picture.ts";

const size = { width: 23, height: 17 }, pixels = size.width * size.height;
const flags = (share: number) => {
  const stream = randomStream(3, `picture/${share}`);
  return Uint8Array.from({ length: pixels }, () => stream.uniform() < share ? 1 : 0);
};

/** Pixels of a drawing: `#` is 1. */
const drawn = (...rows: string[]) => Uint8Array.from(rows.join(""), (letter) => letter === "#" ? 1 : 0);

Deno.test("piecesOf() joins pixels at their corners, and largestPiece() takes the first of equals", () => {
  const picture = drawn("#..##", ".#..#", ".....", "##...");
  const found = { width: 5, height: 4 };
  deepEqual(piecesOf(picture, found).map((piece) => piece.toSorted((a, b) => a - b)), [[0, 6], [3, 4, 9], [15, 16]]);
  deepEqual([...largestPiece(picture, found).keys()].filter((p) => largestPiece(picture, found)[p] === 1), [3, 4, 9]);
  deepEqual(largestPiece(drawn("#.#"), { width: 3, height: 1 }), drawn("#.."));
  deepEqual(largestPiece(drawn("..."), { width: 3, height: 1 }), drawn("..."));
});

Deno.test("neighbours() stays within the picture", () => {
  deepEqual(neighbours(0, size), [1, 23, 24]);
  deepEqual(neighbours(pixels - 1, size), [pixels - 25, pixels - 24, pixels - 2]);
  equal(neighbours(30, size).length, 8);
});

Deno.test("nearestFlagged() is the nearest by definition, but for fractions of a pixel in rare places", () => {
  for (const share of [0.02, 0.1, 0.6]) {
    const picture = flags(share), nearest = nearestFlagged(picture, size);
    const set = [...picture.keys()].filter((pixel) => picture[pixel] === 1);
    let off = 0;
    nearest.forEach((other, pixel) => {
      equal(picture[other], 1);
      const best = Math.min(...set.map((one) => pixelDistance(pixel, one, size.width)));
      const found = pixelDistance(pixel, other, size.width);
      ok(found < best + 0.5, `${pixel}: ${found}, not ${best}`);
      if (found > best) off++;
    });
    ok(off <= pixels / 100, `${off} of ${pixels}`);
  }
  ok(nearestFlagged(new Uint8Array(pixels), size).every((other) => other === -1));
});

Deno.test("boxSums() sums by definition, cut at the border", () => {
  const values = Float64Array.from({ length: pixels }, (_, i) => (i * 7919) % 13);
  for (const reach of [0, 2, 30]) {
    boxSums(values, size, reach).forEach((sum, pixel) => {
      const [x, y] = [pixel % size.width, Math.floor(pixel / size.width)];
      const wanted = values.reduce((all, value, other) => {
        const near = Math.max(Math.abs(other % size.width - x), Math.abs(Math.floor(other / size.width) - y)) <= reach;
        return all + (near ? value : 0);
      }, 0);
      equal(sum, wanted);
    });
  }
});
