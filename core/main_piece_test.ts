import { equal } from "node:assert/strict";
import type { Camera } from "./camera.ts";
import { mainPiece } from "./main_piece.ts";

/** A square pixel is 1.1 mm wide half a metre away. */
const camera: Camera = { matrix: [900, 0, 0, 900], offset: [3, 4], central: false, rms: 0 };

type Block = readonly [x: number, y: number, across: number, down: number];

/** Points a millimetre apart: blocks of `across × down` from (x, y) millimetres on. */
function blocks(boxes: readonly Block[]) {
  const hostPoints = Float32Array.from(
    boxes.flatMap(([x, y, across, down]) =>
      Array.from({ length: across * down }, (_, i) => [x + i % across, y + Math.floor(i / across), 500]).flat()
    ),
    (value) => value / 1000,
  );
  return { hostPoints, count: hostPoints.length / 3 };
}

Deno.test("mainPiece() leaves out crumbs and lone points, and joins pieces that are near for the part's size", () => {
  const pieces = (extent: number, ...boxes: readonly Block[]) => String(mainPiece(blocks(boxes), extent));
  const flags = (...runs: readonly number[]) => String(runs.flatMap((count, i) => Array(count).fill(i % 2)));
  // within 1.67 mm: a point has eight around it
  equal(pieces(0.02, [40, 40, 4, 4], [0, 0, 10, 10], [60, 0, 1, 1]), flags(16, 100, 1));
  equal(pieces(0.02, [0, 0, 5, 10], [7, 0, 6, 10]), flags(50, 60), "3 mm apart");
  equal(pieces(0.04, [0, 0, 5, 10], [7, 0, 6, 10]), flags(0, 110), "within 3.3 mm");
  equal(pieces(0.02, [0, 0, 5, 10], [20, 0, 5, 10]), flags(0, 50, 50), "the first of two alike");
  equal(pieces(0.02, [0, 0, 3, 1], [20, 0, 3, 1]), flags(0, 6), "nothing is dense");
  const coarse = blocks([[0, 0, 5, 10], [7, 0, 6, 10], [16, 0, 4, 4]]);
  equal(String(mainPiece({ ...coarse, camera }, 0.02)), `${flags(0, 110)},${flags(16)}`);
});
