import { equal, match, ok, rejects, throws } from "node:assert/strict";
import { ScanRefused } from "./errors.ts";
import { partSize, partSizesOf, refusalWithSizes, sizeNote } from "./part_size.ts";
import { onlyPixels, tinyScan } from "../testing/mod.ts";

/** A box of 30 × 40 × 0 mm, as even points of a grid, and so many points a metre away. */
function plate(stray: number) {
  const side = 100, count = side * side + stray, hostPoints = new Float32Array(3 * count).fill(1);
  for (let i = 0; i < side * side; i++) {
    hostPoints.set([0.03 * (i % side) / (side - 1), 0.04 * Math.floor(i / side) / (side - 1), 0.5], 3 * i);
  }
  return { hostPoints, count };
}

const bagel = { least: 0.041, most: 0.046 };

Deno.test("partSize() is the diagonal of the box without the outermost 2 % at each side, whatever lies far away", () => {
  // of 100 places along a side of equal count, those of numbers 2 and 97 are the outermost that stay
  ok(Math.abs(partSize(plate(0)) - 0.05 * 95 / 99) < 1e-6, `${partSize(plate(0))}`);
  ok(Math.abs(partSize(plate(150)) - 0.05) < 0.0015, "1.5 % stray points");
});

Deno.test("partSizesOf() spans all sizes", () => {
  const { least, most } = partSizesOf([0.044, 0.041, 0.046]);
  ok(least === bagel.least && most === bagel.most);
});

Deno.test("sizeNote() is silent for what defects and poses do to a size", () => {
  for (const size of [0.028, 0.041, 0.046, 0.068]) equal(sizeNote("x", size, bagel), undefined);
});

Deno.test("sizeNote() names both sizes, and says of a small part that some of it may be missing", () => {
  equal(
    sizeNote("x", 0.112, bagel),
    "it is 112 mm across, the model's normal scans are 41 to 46 mm: another unit or scale?",
  );
  match(sizeNote("x", 0.02, bagel)!, /^it is 20 mm across, .*, or a part of which much is missing\?$/);
  match(sizeNote("x", 0.021, { least: 0.0451, most: 0.0452 })!, /are 45 mm:/, "one number where both are the same");
});

Deno.test("sizeNote() refuses what is more than 5 times as large or small, and names the unit where it can be told", () => {
  const says = (size: number) => {
    try {
      return sizeNote("x", size, bagel);
    } catch (error) {
      ok(error instanceof ScanRefused && error.why === "other-scale", String(error));
      return error.message;
    }
  };
  match(says(44)!, /"x": it is 44000 mm across, .* 41 to 46 mm: millimetres read as metres\? say .* --unit/);
  match(says(0.000044)!, /0\.044 mm across.*: metres read as millimetres\?/);
  match(says(44e3)!, /micrometres read as metres/);
  match(says(0.044 * 25.4)!, /millimetres read as inches/);
  match(says(0.044 / 25.4)!, /inches read as millimetres/);
  match(says(0.044 / 0.0254)!, /inches read as metres/);
  match(says(0.44)!, /millimetres read as centimetres/);
  match(says(0.28)!, /another unit, or another product; say the file's unit with --unit, or use a model/);
  throws(() => sizeNote("x", 0.24, bagel), ScanRefused);
  throws(() => sizeNote("x", 0.008, bagel), ScanRefused);
  throws(() => sizeNote("x", 0, bagel), ScanRefused, "a point has no size");
});

Deno.test("a part of which three quarters are missing is never refused for its size", () => {
  const { hostPoints, count } = plate(0), left: number[] = [];
  for (let i = 0; i < count; i++) if (i % 100 < 50 && i < 5000) left.push(...hostPoints.subarray(3 * i, 3 * i + 3));
  const size = partSize({ hostPoints: Float32Array.from(left), count: left.length / 3 }), whole = partSize(plate(0));
  match(sizeNote("x", size, { least: whole, most: whole })!, /much is missing/);
});

Deno.test("refusalWithSizes() adds both sizes where nothing was left of a scan, and changes nothing else", async () => {
  const scan = tinyScan({ seed: 1 }), refused = new ScanRefused("x", "too-sparse", "too few points");
  const error = refusalWithSizes(refused, scan, bagel);
  ok(error instanceof ScanRefused && error.why === "too-sparse");
  match(error.message, /^Cannot use scan "x": too few points \(all .* spans 8\d mm, .* normal scans 41 to 46 mm\)$/);
  match(String(refusalWithSizes(refused, onlyPixels(scan, [5]), bagel)), /spans 0 mm/);
  const other = new ScanRefused("x", "no-points", "nothing");
  equal(refusalWithSizes(other, scan, bagel), other);
  await rejects(Promise.reject(refusalWithSizes(new TypeError("ours"), scan, bagel)), TypeError);
});
