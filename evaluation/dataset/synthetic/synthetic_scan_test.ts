import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { randomStream } from "../../../core/mod.ts";
import { type DefectName, DEFECTS, type ProductName, PRODUCTS } from "./options.ts";
import { drawRig } from "./rig.ts";
import { syntheticScan } from "./synthetic_scan.ts";

function make(
  product: ProductName,
  defect: DefectName | undefined,
  name: string,
  noise = 0,
  [width, height] = [160, 144],
  vary?: number,
) {
  const rig = drawRig(randomStream(5, "rig"), width, height);
  return syntheticScan({ product, rig, seed: 5, name, vary, defect, noise });
}
const count = (marks: Uint8Array) => marks.reduce((sum, v) => sum + v, 0);

for (const product of PRODUCTS) {
  Deno.test(`syntheticScan() makes a plausible ${product}`, () => {
    const scan = make(product, undefined, "a", 5e-5, [256, 256]);
    equal(scan.points.length, 3 * 256 * 256);
    equal(count(scan.mask), 0);
    let [left, right, nearest, farthest, between, pairs] = [Infinity, -Infinity, Infinity, 0, 0, 0];
    scan.valid.forEach((valid, i) => {
      const [x, y, z] = scan.points.subarray(3 * i, 3 * i + 3);
      equal(valid === 1, x !== 0 || y !== 0 || z !== 0);
      if (!valid) return;
      [nearest, farthest] = [Math.min(nearest, z), Math.max(farthest, z)];
      if (scan.part[i]) [left, right] = [Math.min(left, x), Math.max(right, x)];
      if (i > 0 && scan.valid[i - 1] && i % 256 > 0) {
        between += x - scan.points[3 * i - 3];
        pairs++;
      }
    });
    const share = count(scan.valid) / scan.valid.length;
    ok(share > 0.85 && share < 0.999, `${share} of the pixels are valid`);
    ok(right - left > 0.045 && right - left < 0.095, `the part is ${right - left} m across`);
    ok(nearest > 0.58 && farthest < 0.68, `depths are ${nearest} to ${farthest} m`);
    ok(between / pairs > 0.0004 && between / pairs < 0.0005, `points are ${between / pairs} m apart`);
  });

  for (const defect of DEFECTS) {
    Deno.test(`syntheticScan() changes a ${product} inside the mask of its ${defect}, and nowhere else`, () => {
      for (const name of ["a", "b", "c"]) {
        const [whole, damaged] = [make(product, undefined, name), make(product, defect, name)];
        ok(count(damaged.mask) >= 5, `${count(damaged.mask)} pixels`); // a disc three pixels across has 7 on average
        let changed = 0;
        damaged.mask.forEach((inside, i) => {
          if (!whole.valid[i] || !damaged.valid[i]) return;
          const difference = Math.abs(whole.points[3 * i + 2] - damaged.points[3 * i + 2]);
          // Depths are exact to a few nanometres, float32 at 0.65 m to 6e-8 m.
          if (!inside) ok(difference < 2e-7, `pixel ${i} outside the mask differs by ${difference} m`);
          else if (difference > 1e-4) changed++;
        });
        const lost = count(damaged.mask.map((v, i) => v & whole.valid[i] & (1 - damaged.valid[i])));
        ok(changed + lost > 0.2 * count(damaged.mask), `${changed} changed and ${lost} lost of ${count(damaged.mask)}`);
      }
    });
  }

  Deno.test(`syntheticScan() removes 5 to 30 % of a ${product}, measured in the picture`, () => {
    for (let n = 0; n < 12; n++) {
      const { mask, part } = make(product, "missing", `share ${n}`);
      const share = count(mask.map((v, i) => v & part[i])) / count(part);
      ok(share >= 0.05 && share <= 0.3, `${share} of instance ${n}`);
    }
  });
}

Deno.test("syntheticScan() gives noise its size, on the table and on slopes", () => {
  const noise = 5e-5, exact = make("potato", undefined, "noise"), noisy = make("potato", undefined, "noise", noise);
  const deviation = { table: 0, part: 0 }, pixels = { table: 0, part: 0 };
  exact.valid.forEach((valid, i) => {
    equal(valid, noisy.valid[i]);
    if (!valid) return;
    const where = exact.part[i] ? "part" : "table";
    deviation[where] += (noisy.points[3 * i + 2] - exact.points[3 * i + 2]) ** 2;
    pixels[where]++;
  });
  const table = Math.sqrt(deviation.table / pixels.table), part = Math.sqrt(deviation.part / pixels.part);
  // The table is tilted by at most 4 + 5 degrees to the rays: 1/cos² is up to 1.03.
  ok(table > 0.96 * noise && table < 1.07 * noise, `${table}`);
  ok(part > 1.2 * table, `${part}`);
});

Deno.test("syntheticScan() varies shapes, but of a casting only the pose", () => {
  const [a, b] = [make("bagel", undefined, "a"), make("bagel", undefined, "b")];
  notDeepEqual(a.shape, b.shape);
  const [c, d] = [make("casting", undefined, "a"), make("casting", undefined, "b")];
  notDeepEqual(c.pose, d.pose);
  ok(Math.abs(count(c.part) / count(d.part) - 1) < 0.02);
  ok(Math.abs(count(a.part) / count(b.part) - 1) > 0.002);
});

Deno.test("syntheticScan() makes the instances that it has always made where none is asked to vary otherwise", () => {
  const known: Record<ProductName, { shape: Readonly<Record<string, number>>; meanDepth: number; measured: number }> = {
    bagel: {
      shape: { ring: 0.025750212311744687, tube: 0.014366336727142335, high: 0.022075976610183713 },
      meanDepth: 0.641016232246124,
      measured: 22065,
    },
    cookie: {
      shape: { radius: 0.03848157715797424, high: 0.01127517819404602, chips: 5 },
      meanDepth: 0.6438459460152964,
      measured: 22640,
    },
    potato: {
      shape: { long: 0.03951366108655929, wide: 0.030237088561058043, thick: 0.01834460163116455, eyes: 4 },
      meanDepth: 0.6389754094979249,
      measured: 22273,
    },
    casting: { shape: {}, meanDepth: 0.6443153311476945, measured: 21337 },
  };
  for (const product of PRODUCTS) {
    const { shape, points, valid, vary } = make(product, undefined, "a", 5e-5),
      { meanDepth, measured } = known[product];
    deepEqual([shape, vary, count(valid)], [known[product].shape, 1, measured]);
    const depth = valid.reduce((sum, v, i) => v ? sum + points[3 * i + 2] : sum, 0) / measured;
    ok(Math.abs(depth - meanDepth) < 1e-10, `${product}: ${depth}`);
  }
});

Deno.test("syntheticScan() varies shapes by the factor that is asked for: 0 not at all, 3 much more than 1", () => {
  for (const product of ["bagel", "cookie", "potato"] as const) {
    const [alike, usual, much] = [0, 1, 3].map((vary) => {
      const scans = Array.from({ length: 12 }, (_, i) => make(product, undefined, `vary ${i}`, 0, [64, 64], vary));
      const areas = scans.map(({ part }) => count(part)), mean = areas.reduce((sum, area) => sum + area, 0) / 12;
      const deviation = Math.sqrt(areas.reduce((sum, area) => sum + (area - mean) ** 2, 0) / 12) / mean;
      return { scans, mean, deviation };
    });
    const shapes = alike.scans.map(({ shape }) => shape);
    deepEqual(shapes, Array(12).fill(shapes[0]));
    ok(alike.deviation < 0.012, `${product}: areas deviate by ${alike.deviation}`); // pixels at the outline, turned and shifted
    // about as the factor, but for the few that had to be drawn with less
    const ratio = much.deviation / usual.deviation;
    ok(ratio > 2.2 && ratio < 3.8, `${product}: ${usual.deviation} and ${much.deviation}`);
    ok(Math.abs(much.mean / usual.mean - 1) < 0.1, `${product}: mean areas ${usual.mean} and ${much.mean}`);
    for (const { part, vary } of much.scans) {
      ok(vary > 1 && vary <= 3);
      const rim = part.some((v, i) => v === 1 && (i < 64 || i >= 63 * 64 || i % 64 === 0 || i % 64 === 63));
      ok(!rim, `a ${product} leaves the picture`);
    }
  }
});

Deno.test("syntheticScan() lays measured points on the pixels of the calibration", () => {
  const rig = drawRig(randomStream(5, "rig"), 160, 144);
  const { points, valid } = make("cookie", undefined, "a", 5e-5);
  valid.forEach((v, i) => {
    if (!v) return;
    const column = points[3 * i] / points[3 * i + 2] / rig.step + rig.centre[0];
    const row = points[3 * i + 1] / points[3 * i + 2] / rig.step + rig.centre[1];
    ok(Math.abs(column - i % 160) < 1e-4 && Math.abs(row - Math.floor(i / 160)) < 1e-4, `pixel ${i}`);
  });
});

Deno.test("syntheticScan() keeps defects at least three pixels across on coarse grids", () => {
  for (const product of PRODUCTS) {
    for (const defect of DEFECTS) {
      ok(count(make(product, defect, "coarse", 0, [64, 64]).mask) >= 5, `${product} ${defect}`);
    }
  }
});
