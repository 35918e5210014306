import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { type Camera, type Prepared, rayOf, ScanRefused, type TableFrame, tableFrame } from "../../core/mod.ts";
import { outlineOf } from "./outline.ts";

const SIZE = 48, DEPTH = 0.5;

/** About a millimetre a pixel half a metre away; the second one is turned and mirrored. */
const plain: Camera = { matrix: [500, 0, 0, 500], offset: [24, 24], central: true, rms: 0 };
const odd: Camera = { matrix: [300, -400, -400, -300], offset: [20, 30], central: true, rms: 0 };
const flat: Camera = { matrix: [0, 1000, -1000, 0], offset: [3, 4], central: false, rms: 0 };

type Has = (column: number, row: number) => boolean;

/** A flat part that covers these pixels, seen from above. */
function part(has: Has, camera: Camera | undefined = plain): Prepared {
  const pixels = Uint32Array.from({ length: SIZE * SIZE }, (_, i) => i).filter((i) =>
    has(i % SIZE, Math.floor(i / SIZE))
  );
  const hostPoints = Float32Array.from(
    Array.from(pixels).flatMap((i) => {
      const { from, along } = rayOf(camera ?? plain, i % SIZE + 0.5, Math.floor(i / SIZE) + 0.5);
      return [0, 1, 2].map((axis) => from[axis] + DEPTH * along[axis]);
    }),
  );
  return {
    name: "flat",
    frame: { size: SIZE },
    pixels,
    hostPoints,
    count: pixels.length,
    camera,
  } as unknown as Prepared;
}

const all = ({ count }: Prepared) => new Uint8Array(count).fill(1);

/** Its pixels that have one outside of it beside them, by a definition of outside. */
const edge = (has: Has, outside: Has) =>
  Array.from({ length: SIZE * SIZE }, (_, i) => [i % SIZE, Math.floor(i / SIZE)]).filter(([x, y]) =>
    has(x, y) && [[1, 0], [-1, 0], [0, 1], [0, -1]].some(([u, v]) => outside(x + u, y + v))
  );

/** A frame that is turned about the vertical by 30 degrees, too. */
function turned(given: TableFrame): TableFrame {
  const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)], { axes: a, origin } = given;
  const x = [0, 1, 2].map((i) => c * a[i] + s * a[3 + i]), y = [0, 1, 2].map((i) => c * a[3 + i] - s * a[i]);
  return { axes: [...x, ...y, ...a.slice(6)], origin };
}

/** Cosine of the angle between each direction and the one away from the frame's origin. */
function outwards({ count, points, directions }: ReturnType<typeof outlineOf>): number[] {
  return Array.from({ length: count }, (_, i) => {
    const [x, y] = points.subarray(4 * i), [u, v, w, none] = directions.subarray(4 * i);
    ok(Math.abs(Math.hypot(u, v) - 1) < 1e-6 && w === 0 && none === 0);
    return (x * u + y * v) / Math.hypot(x, y);
  });
}

const away: Has = (x, y) => Math.hypot(x - 24, y - 24) > 15, inDisc: Has = (x, y) => !away(x, y);

Deno.test("outlineOf() has each pixel at a disc's edge, and away from it is out, however the camera sees it", () => {
  for (const camera of [plain, odd, flat]) {
    const disc = part(inDisc, camera), upright = tableFrame(disc);
    for (const frame of [upright, turned(upright)]) {
      const outline = outlineOf(disc, all(disc), frame);
      equal(outline.count, edge(inDisc, away).length);
      deepEqual([outline.points.length, outline.directions.length], [4 * outline.count, 4 * outline.count]);
      ok(outline.points.every((value, i) => i % 4 < 2 || Math.abs(value) < 1e-6), "the part is flat");
      ok(Math.min(...outwards(outline)) > Math.cos(Math.PI / 15)); // a digital circle of 15 pixels, seen 4 pixels around
    }
  }
});

Deno.test("outlineOf() goes around a large hole, whose inside is out, and not around a drop-out", () => {
  const inHole: Has = (x, y) => Math.hypot(x - 24, y - 24) <= 5, ring: Has = (x, y) => inDisc(x, y) && !inHole(x, y);
  const scan = part(ring), outline = outlineOf(scan, all(scan), tableFrame(scan));
  const [rim, hole] = [edge(ring, away).length, edge(ring, inHole).length];
  equal(outline.count, rim + hole);
  const cosines = outwards(outline), inward = cosines.filter((cosine) => cosine < 0);
  equal(inward.length, hole);
  ok(
    Math.max(...inward) < -Math.cos(Math.PI / 6) && Math.min(...cosines.filter((c) => c > 0)) > Math.cos(Math.PI / 15),
  );
  // of 709 pixels 0.5 % are 3.5
  for (const [width, isHole] of [[3, false], [4, true]] as const) {
    const slit: Has = (x, y) => y === 24 && x >= 24 && x < 24 + width,
      scan = part((x, y) => inDisc(x, y) && !slit(x, y));
    equal(scan.count, 709 - width);
    const { count } = outlineOf(scan, all(scan), tableFrame(scan));
    equal(count > edge(inDisc, away).length, isHole, `${width}`);
  }
});

Deno.test("outlineOf() takes the map's border for none, also of a part that covers everything", () => {
  const half: Has = (x) => x <= 10, scan = part(half), outline = outlineOf(scan, all(scan), tableFrame(scan));
  equal(outline.count, SIZE - 2);
  ok(outline.directions.every((value, i) => Math.abs(value - [1, 0, 0, 0][i % 4]) < 0.15), "out is to the right");
  const whole = part(() => true);
  equal(outlineOf(whole, all(whole), tableFrame(whole)).count, 0);
});

Deno.test("outlineOf() sees only what belongs to the part, and nothing of a lone pixel", () => {
  const crumb: Has = (x, y) => x > 43 && y > 43, scan = part((x, y) => inDisc(x, y) || crumb(x, y));
  const belongs = Uint8Array.from(scan.pixels, (pixel) => crumb(pixel % SIZE, Math.floor(pixel / SIZE)) ? 0 : 1);
  const frame = tableFrame(scan), disc = part(inDisc);
  deepEqual(outlineOf(scan, belongs, frame), outlineOf(disc, all(disc), frame));
  ok(outlineOf(scan, all(scan), frame).count > outlineOf(scan, belongs, frame).count);
  const lone = part((x, y) => x === 20 && y === 20);
  equal(outlineOf(lone, all(lone), tableFrame(disc)).count, 0);
});

Deno.test("outlineOf() refuses a scan without a camera", () => {
  const disc = { ...part(inDisc), camera: undefined };
  throws(
    () => void outlineOf(disc, all(disc), tableFrame(disc)),
    (error) => error instanceof ScanRefused && /camera/.test(error.message),
  );
});
