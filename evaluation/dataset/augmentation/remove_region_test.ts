import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import {
  foregroundOf,
  planeDistance,
  preparePresets,
  randomStream,
  type Scan,
  ScanRefused,
} from "../../../core/mod.ts";
import type { ProductName } from "../synthetic/options.ts";
import { drawRig } from "../synthetic/rig.ts";
import { syntheticScan } from "../synthetic/synthetic_scan.ts";
import { dropOutsOf } from "./dropouts.ts";
import { formsOf, type RemovedForm, SIZE_CLASSES, type SizeClass } from "./options.ts";
import { type Part, partOf } from "./part.ts";
import { neighbours, piecesOf } from "./picture.ts";
import { type Incomplete, removeRegion } from "./remove_region.ts";

const SIDE = 160;

function scanOf(product: ProductName, name = "part"): Scan {
  const rig = drawRig(randomStream(5, "rig"), SIDE, SIDE);
  const { points, valid } = syntheticScan({ product, rig, seed: 5, name, noise: 5e-5 });
  return { name, width: SIDE, height: SIDE, points: points.slice(), valid: valid.slice() };
}

/** The same scan as a scanner without a table gives it. */
function withoutTable(scan: Scan): Scan {
  const { foreground } = foregroundOf(scan, preparePresets.default, 0);
  const points = scan.points.map((v, i) => foreground[Math.floor(i / 3)] === 1 ? v : 0);
  return { ...scan, points, valid: foreground };
}

const remove = (part: Part, size: SizeClass, form: RemovedForm, seed = 1) =>
  removeRegion(part, { size, form }, dropOutsOf(part, 0), randomStream(seed, `${size}/${form}`));

const parts = new Map<string, Part>();
const partFor = (product: ProductName): Part => {
  const held = parts.get(product) ?? partOf(scanOf(product), 0);
  parts.set(product, held);
  return held;
};

const returns = (points: Float32Array, pixel: number) => points.subarray(3 * pixel, 3 * pixel + 3).some((v) => v !== 0);
const flagged = (flags: Uint8Array) => [...flags.keys()].filter((pixel) => flags[pixel] === 1);

const turns = (Object.keys(SIZE_CLASSES) as SizeClass[]).flatMap((size) =>
  formsOf(size).map((form) => [size, form] as const)
);

for (const product of ["bagel", "casting", "potato"] as const) {
  Deno.test(`removeRegion() takes one piece of the ${product}, of the class and form asked for`, () => {
    const part = partFor(product), { piece, foreground, count, depth, scan } = part;
    for (const [size, form] of turns) {
      const { missing, mask, share, form: taken } = remove(part, size, form), what = `${size} ${form}`;
      const pixels = flagged(missing), [least, most] = SIZE_CLASSES[size];
      equal(taken, form, what);
      equal(share, pixels.length / count);
      ok(share >= least && share < most, `${what}: ${share}`);
      ok(pixels.every((pixel) => foreground[pixel] === 1), `${what}: all of it was part`);
      equal(piecesOf(missing.map((v, pixel) => v & piece[pixel]), scan).length, 1, `${what}: one piece`);
      equal(piecesOf(mask, scan).length, 1, `${what}: one region`);
      ok(
        flagged(mask).every((pixel) => missing[pixel] === 1 || foreground[pixel] === 0),
        `${what}: nothing of the rest`,
      );
      ok(pixels.filter((pixel) => mask[pixel] === 0).length <= 0.02 * pixels.length, `${what}: all of it is marked`);
      const shallowest = Math.min(...pixels.filter((pixel) => piece[pixel] === 1).map((pixel) => depth[pixel]));
      if (form === "inside") ok(shallowest > 2, `${what} is ${shallowest} pixels from the outline`);
      else ok(shallowest < 1.5, `${what} touches the outline`);
    }
  });

  Deno.test(`what removeRegion() leaves of the ${product} is what preparation finds, and the table behind lies on its rays`, () => {
    const part = partFor(product), { scan, foreground, plane } = part;
    let seen = 0, all = 0;
    for (const [size, form] of turns) {
      const { points, missing } = remove(part, size, form), what = `${size} ${form}`;
      const valid = Uint8Array.from({ length: SIDE * SIDE }, (_, pixel) => returns(points, pixel) ? 1 : 0);
      const found = foregroundOf({ ...scan, points, valid }, preparePresets.default, 0).foreground;
      const kept = flagged(foreground).filter((pixel) => missing[pixel] === 0);
      equal(flagged(found).filter((pixel) => missing[pixel] === 1).length, 0, `${what}: nothing is found there`);
      const lost = kept.filter((pixel) => found[pixel] === 0).length;
      ok(
        lost < 0.01 * kept.length, // clean-up takes splinters for specks
        `${what}: ${lost} pixels of ${kept.length} of the rest are not found`,
      );
      ok(
        kept.every((pixel) => [0, 1, 2].every((axis) => points[3 * pixel + axis] === scan.points[3 * pixel + axis])),
        `${what}: the rest is as it was`,
      );
      for (const pixel of flagged(missing)) {
        all++;
        if (!returns(points, pixel)) continue;
        seen++;
        const [x, y, z] = points.subarray(3 * pixel, 3 * pixel + 3);
        const [x0, y0, z0] = scan.points.subarray(3 * pixel, 3 * pixel + 3);
        ok(Math.hypot(x / z - x0 / z0, y / z - y0 / z0) * 0.65 < 5e-6, `${what}: the pixel keeps its ray`);
        ok(Math.abs(planeDistance(plane!, points, 3 * pixel)) < 0.001, `${what}: it meets the table`);
        ok(z > z0, `${what}: behind the part`);
      }
    }
    ok(seen > 0.25 * all && seen < 0.95 * all, `${seen} returns of the table at ${all} pixels`);
  });
}

/** How rough a piece's rim is: its length against that of the smoothed piece, and its share of pixels without a return. */
function rimOf({ scan, foreground }: Part, { points, missing }: Pick<Incomplete, "points" | "missing">) {
  const length = (flags: Uint8Array) => {
    let edges = 0;
    foreground.forEach((v, pixel) => {
      for (const other of [pixel + 1, pixel + SIDE]) {
        if (v === 1 && foreground[other] === 1 && flags[pixel] !== flags[other]) edges++;
      }
    });
    return edges;
  };
  const smooth = missing.map((_, pixel) => {
    const around = [pixel, ...neighbours(pixel, scan)].filter((other) => foreground[other] === 1);
    return 2 * around.filter((other) => missing[other] === 1).length > around.length ? 1 : 0;
  });
  const rim = flagged(missing).filter((pixel) =>
    neighbours(pixel, scan).some((other) => foreground[other] === 1 && missing[other] === 0)
  );
  return {
    rough: length(missing) / length(smooth),
    dark: rim.filter((pixel) => !returns(points, pixel)).length / rim.length,
  };
}

Deno.test("the rims that removeRegion() leaves are ragged and dark, a knife's cut is neither", () => {
  const isReal = ({ rough, dark }: ReturnType<typeof rimOf>) => rough > 1.05 && dark > 0.5;
  for (const product of ["bagel", "potato"] as const) {
    const part = partFor(product), { scan, foreground, plane, camera } = part;
    for (const [size, form] of turns) {
      const rim = rimOf(part, remove(part, size, form));
      ok(isReal(rim), `${product} ${size} ${form}: ${JSON.stringify(rim)}`);
    }
    const missing = foreground.map((v, pixel) => v === 1 && pixel % SIDE + pixel / SIDE / 3 > 0.72 * SIDE ? 1 : 0);
    ok(flagged(missing).length > 100 && camera?.central);
    const points = scan.points.map((v, i) => {
      const at = i - i % 3; // along the ray from the origin to the plane
      return missing[at / 3] === 0 ? v : v * -plane!.offset / (planeDistance(plane!, scan.points, at) - plane!.offset);
    });
    ok(!isReal(rimOf(part, { points, missing })));
  }
});

Deno.test("removeRegion() leaves no return where there is no table, and touches nothing else", () => {
  const part = partOf(withoutTable(scanOf("bagel")), 0);
  equal(part.plane, undefined);
  for (const [size, form] of turns) {
    const { points, missing } = remove(part, size, form);
    const wanted = part.scan.points.map((v, i) => missing[Math.floor(i / 3)] === 1 ? 0 : v);
    deepEqual(points, wanted, `${size} ${form}`);
  }
});

Deno.test("removeRegion() takes another form where a part is too thin for a hole, and refuses one without room", () => {
  const scan = scanOf("bagel"), { foreground } = foregroundOf(scan, preparePresets.default, 0);
  const cut = (isLeft: (x: number, y: number) => boolean): Scan => {
    const points = scan.points.map((v, i) => {
      const pixel = Math.floor(i / 3);
      return foreground[pixel] === 1 && isLeft(pixel % SIDE, Math.floor(pixel / SIDE)) ? v : 0;
    });
    return { ...scan, points, valid: Uint8Array.from(foreground, (_, pixel) => returns(points, pixel) ? 1 : 0) };
  };
  const thin = partOf(cut((_, y) => Math.abs(y - 0.3 * SIDE) < 5), 0);
  ok(thin.count > 300, `${thin.count} pixels`);
  equal(remove(thin, "5-10", "inside").form, "silhouette");
  const tiny = partOf(cut((x, y) => Math.hypot(x - 0.5 * SIDE, y - 0.27 * SIDE) < 4), 0);
  ok(tiny.count > 20 && tiny.count < 60, `${tiny.count} pixels`);
  throws(() => remove(tiny, "1-3", "silhouette"), (error) => error instanceof ScanRefused && error.why === "no-room");
});

Deno.test("removeRegion() gives the same bytes for the same stream, and others for another", () => {
  const part = partFor("potato"), first = remove(part, "5-10", "silhouette");
  deepEqual(remove(part, "5-10", "silhouette"), first);
  notDeepEqual(remove(part, "5-10", "silhouette", 2).missing, first.missing);
});
