import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Gpu } from "../kernels/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import {
  type DefectKind,
  defectKinds,
  pasteDefect,
  type PastedScan,
  prepare,
  type Prepared,
  prepareOptions,
  randomStream,
  readScan,
} from "./mod.ts";

const SIDE = 96;

/** A part of the test. */
interface PartOptions {
  /** Metres a pixel. */
  readonly pitch?: number;
  /** Radius in pixels. */
  readonly radius?: number;
  /** Noise along z, metres. */
  readonly noise?: number;
  /** Whether it is seen from the origin, at 20 times its side, or along z. */
  readonly central?: boolean;
}

/** A wavy disc with a slot, as if prepared. */
function disc(gpu: Gpu, { pitch = 0.0005, radius = 38, noise = 0, central = true }: PartOptions = {}): Prepared {
  const random = randomStream(4, "test/pasted"), distance = 20 * SIDE * pitch;
  const pixels: number[] = [], points: number[] = [];
  const pointOf = new Uint32Array(SIDE * SIDE).fill(0xffffffff);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const [u, v] = [pixel % SIDE - SIDE / 2, Math.floor(pixel / SIDE) - SIDE / 2];
    if (Math.hypot(u, v) > radius || (Math.abs(v) < 2 && u > 0.6 * radius)) continue;
    const z = distance + pitch * (2 * Math.sin(u / 9) + 3 * Math.cos(v / 11)) + noise * random.normal();
    const stretch = central ? z / distance : 1;
    pointOf[pixel] = pixels.length;
    pixels.push(pixel);
    points.push(u * pitch * stretch, v * pitch * stretch, z);
  }
  const count = pixels.length, hostPoints = Float32Array.from(points);
  const padded = Float32Array.from({ length: 4 * count }, (_, i) => i % 4 < 3 ? hostPoints[3 * (i >> 2) + i % 4] : 0);
  const gpuPoints = gpu.upload("f32", padded), map = gpu.upload("u32", pointOf);
  return {
    name: "disc",
    frame: { size: SIDE, width: 2 * SIDE, height: 2 * SIDE, side: 2 * SIDE, top: 0, left: 0 },
    count,
    points: gpuPoints,
    pointOf: map,
    hostPoints,
    pixels: Uint32Array.from(pixels),
    sourcePixels: Uint32Array.from(pixels, (pixel) => 4 * SIDE * Math.floor(pixel / SIDE) + 2 * (pixel % SIDE) + 1),
    truth: new Uint8Array(SIDE * SIDE),
    [Symbol.dispose]: () => {
      gpuPoints[Symbol.dispose]();
      map[Symbol.dispose]();
    },
  };
}

/** What became of each point of `before`: its index in `after` and how far it moved along z and in all, or undefined where it is gone. */
function fates(before: Prepared, after: Prepared) {
  const index = new Map(Array.from(after.pixels, (pixel, i) => [pixel, i]));
  return Array.from(before.pixels, (pixel, i) => {
    const now = index.get(pixel);
    if (now === undefined) return undefined;
    const offset = [0, 1, 2].map((axis) => after.hostPoints[3 * now + axis] - before.hostPoints[3 * i + axis]);
    return { now, away: offset[2], moved: Math.hypot(...offset) };
  });
}

/** Every paste of a scan by kind, four of each; all must succeed. */
function forEachPaste(gpu: Gpu, scan: Prepared, check: (kind: DefectKind, pasted: PastedScan) => void) {
  for (const kind of defectKinds) {
    for (let seed = 0; seed < 4; seed++) {
      using pasted = pasteDefect(scan, kind, randomStream(seed, `test/${kind}`), { gpu });
      ok(pasted, `${kind} ${seed} was not pasted`);
      check(kind, pasted);
    }
  }
}

const near = (truth: Uint8Array, size: number, pixel: number, reach: number) => {
  const row = Math.floor(pixel / size), column = pixel % size;
  for (let r = Math.max(0, row - reach); r <= Math.min(size - 1, row + reach); r++) {
    for (let c = Math.max(0, column - reach); c <= Math.min(size - 1, column + reach); c++) {
      if (truth[r * size + c]) return true;
    }
  }
  return false;
};

/** The contract of a paste, whatever the kind. */
function checkPaste(scan: Prepared, kind: DefectKind, pasted: PastedScan) {
  const { truth, frame: { size } } = pasted, all = fates(scan, pasted);
  const gone = new Uint8Array(size * size);
  all.forEach((fate, i) => gone[scan.pixels[i]] = fate ? 0 : 1);
  let changes = 0, marked = 0;
  all.forEach((fate, i) => {
    const pixel = scan.pixels[i];
    if (!fate || fate.moved > 0) changes++;
    if (truth[pixel] === 1) marked++;
    else equal(fate?.moved, 0, `${kind}: the point of pixel ${pixel} changed outside the truth`);
    if (kind === "cut" && truth[pixel] === 1) ok(near(gone, size, pixel, 2), `pixel ${pixel} is no rim of the cut`);
    if (fate) equal(pasted.sourcePixels[fate.now], scan.sourcePixels[i]);
  });
  equal(truth.reduce((sum, place) => sum + place, 0), marked, `${kind}: truth where there was no point`);
  ok(changes >= 4, `${kind} changed ${changes} points`);
  if (kind !== "cut") ok(changes >= 0.9 * marked, `${kind}: ${changes} of ${marked} marked places changed`);
  ok(marked <= 0.4 * scan.count, `${kind} covers ${marked} of ${scan.count} points`);
  if (kind === "cut" || kind === "hole") ok(pasted.count < scan.count, `${kind} removed nothing`);
  else equal(pasted.count, scan.count);
}

for (const pitch of [0.00006, 0.0005, 0.011]) { // parts of 5 mm, 4 cm and 1 m
  for (const central of [true, false]) {
    await gpuTest(
      `pasteDefect() changes what its truth says and nothing else, at ${pitch} m a pixel, ${
        central ? "central" : "parallel"
      }`,
      (gpu) => {
        using scan = disc(gpu, { pitch, central, noise: pitch / 50 });
        forEachPaste(gpu, scan, (kind, pasted) => checkPaste(scan, kind, pasted));
      },
    );
  }
}

await gpuTest("pasteDefect() moves points along their rays", (gpu) => {
  for (const central of [true, false]) {
    using scan = disc(gpu, { central });
    forEachPaste(gpu, scan, (_, pasted) => {
      fates(scan, pasted).forEach((fate, i) => {
        if (!fate || fate.moved === 0) return;
        for (const axis of [0, 1]) {
          const [was, z] = [scan.hostPoints[3 * i + axis], scan.hostPoints[3 * i + 2]];
          const [is, depth] = [pasted.hostPoints[3 * fate.now + axis], pasted.hostPoints[3 * fate.now + 2]];
          // three float32 roundings of numbers up to 1 m
          ok(Math.abs(central ? is - was / z * depth : is - was) <= 3 * 2 ** -24, `${is} at ${depth}, ${was} at ${z}`);
        }
      });
    });
  }
});

await gpuTest(
  "pasteDefect() pushes dents, scratches and holes away from the sensor, bumps and contamination towards it",
  (gpu) => {
    using scan = disc(gpu);
    forEachPaste(gpu, scan, (kind, pasted) => {
      const away = fates(scan, pasted).map((fate) => fate?.away ?? 0);
      if (kind === "dent" || kind === "scratch" || kind === "hole") ok(away.every((shift) => shift >= 0), kind);
      if (kind === "bump" || kind === "contamination") ok(away.every((shift) => shift <= 0), kind);
      if (kind === "dent" || kind === "bump") {
        const most = Math.max(...away.map(Math.abs)); // 1.3 to 5 % of 54 mm, the diagonal of the disc's box
        ok(most > 0.00065 && most < 0.0028, `${kind} of ${most} m`);
      }
    });
  },
);

await gpuTest("pasteDefect() begins where the truth begins: few of its places moved less than can be seen", (gpu) => {
  const noise = 0.00005; // seen is what moves by more than twice that
  using scan = disc(gpu, { noise, central: false });
  let hidden = 0, places = 0;
  for (let seed = 0; seed < 12; seed++) {
    using pasted = pasteDefect(scan, "dent", randomStream(seed, "test/visible"), { gpu })!;
    fates(scan, pasted).forEach((fate, i) => {
      if (pasted.truth[scan.pixels[i]] === 0) return;
      places++;
      if (fate!.moved < noise) hidden++;
    });
  }
  // d + v deep, v taken back: the ring (1 − r²)² (d + v) < v + noise; 4 to 8 % of the area for d from 2.6 to 0.7 mm, without it 14 to 25 %
  ok(hidden < 0.1 * places, `${hidden} of ${places} places`);
});

await gpuTest("pasteDefect() gives the same bits for the same stream, other ones for another", (gpu) => {
  using scan = disc(gpu, { noise: 0.00002 });
  for (const kind of defectKinds) {
    const paste = (seed: number) => pasteDefect(scan, kind, randomStream(seed, "test/same"), { gpu })!;
    using first = paste(1), again = paste(1), other = paste(2);
    deepEqual(first.hostPoints, again.hostPoints);
    deepEqual(first.truth, again.truth);
    notDeepEqual(first.truth, other.truth);
  }
});

await gpuTest(
  "pasteDefect() puts on the GPU what it puts on the host, ascending, in buffers of its own",
  async (gpu) => {
    using scan = disc(gpu);
    for (const kind of defectKinds) {
      using pasted = pasteDefect(scan, kind, randomStream(0, "test/gpu"), { gpu })!;
      const points = await gpu.read(pasted.points), pointOf = await gpu.read(pasted.pointOf);
      equal(points.length, 4 * pasted.count);
      ok(points.every((value, i) => value === (i % 4 < 3 ? pasted.hostPoints[3 * (i >> 2) + i % 4] : 0)), kind);
      const want = new Uint32Array(SIDE * SIDE).fill(0xffffffff);
      pasted.pixels.forEach((pixel, i) => want[pixel] = i);
      deepEqual(pointOf, want);
      for (const ascending of [pasted.pixels, pasted.sourcePixels]) {
        ok(ascending.every((value, i) => i === 0 || ascending[i - 1] < value), kind);
      }
    }
  },
);

await gpuTest("pasteDefect() leaves the scan it was given as it was", async (gpu) => {
  using scan = disc(gpu);
  const points = scan.hostPoints.slice(), pixels = scan.pixels.slice();
  const known = { ...scan, digest: "of its points" };
  forEachPaste(gpu, known, (_, pasted) => deepEqual([pasted.name, pasted.digest], [scan.name, known.digest]));
  deepEqual(scan.hostPoints, points);
  deepEqual(scan.pixels, pixels);
  deepEqual(
    await gpu.read(scan.pointOf),
    Uint32Array.from({ length: SIDE * SIDE }, (_, pixel) => {
      const at = pixels.indexOf(pixel);
      return at < 0 ? 0xffffffff : at;
    }),
  );
});

await gpuTest("pasteDefect() pastes the same defect on the same part at another scale", (gpu) => {
  using small = disc(gpu, { pitch: 2 ** -14 }), large = disc(gpu, { pitch: 2 ** -7 });
  for (const kind of defectKinds) {
    using a = pasteDefect(small, kind, randomStream(5, "test/scale"), { gpu })!;
    using b = pasteDefect(large, kind, randomStream(5, "test/scale"), { gpu })!;
    deepEqual(a.truth, b.truth);
    const [depths, scaled] = [a, b].map((scan) => scan.hostPoints.filter((_, i) => i % 3 === 2));
    depths.forEach((depth, i) => ok(Math.abs(128 * depth - scaled[i]) <= 2 ** -21 * scaled[i], kind));
  }
});

/** Median magnitude of the response to (1, −2, 1) ⊗ (1, −2, 1) on the depths at pixels that `take` accepts with all neighbours. */
function roughness(scan: Prepared, take: (pixel: number) => boolean): number {
  const depth = new Float64Array(SIDE * SIDE).fill(NaN);
  scan.pixels.forEach((pixel, i) => depth[pixel] = take(pixel) ? scan.hostPoints[3 * i + 2] : NaN);
  const responses = Array.from(scan.pixels, (pixel) => {
    let sum = 0;
    for (const r of [-1, 0, 1]) {
      for (const c of [-1, 0, 1]) sum += (r ? 1 : -2) * (c ? 1 : -2) * depth[pixel + r * SIDE + c];
    }
    return Math.abs(sum);
  }).filter((value) => value >= 0).sort((a, b) => a - b);
  ok(responses.length > 40, `${responses.length} places are too few to tell`);
  return responses[responses.length >> 1];
}

await gpuTest("pasteDefect() leaves the surface of a bend and of a dent about as rough as it was", (gpu) => {
  using scan = disc(gpu, { noise: 0.00005, central: false });
  for (const kind of ["bend", "dent"] as const) {
    let [inside, before, pastes] = [0, 0, 0];
    for (let seed = 0; seed < 12; seed++) {
      using pasted = pasteDefect(scan, kind, randomStream(seed, "test/rough"), { gpu })!;
      if (pasted.truth.reduce((sum, place) => sum + place, 0) < 130) continue; // too small to tell
      inside += roughness(pasted, (pixel) => pasted.truth[pixel] === 1);
      before += roughness(scan, (pixel) => pasted.truth[pixel] === 1);
      pastes++;
    }
    ok(pastes > 2, `${pastes} large pastes`);
    // own noise stays; flanks of slope s add s² to its variance, and slopes stay below 1
    ok(inside / before > 0.95 && inside / before < Math.SQRT2, `${kind}: ${inside / before} times as rough`);
  }
});

await gpuTest("pasteDefect() has nothing to paste on a part of fewer than 100 points", (gpu) => {
  using tiny = disc(gpu, { radius: 5 }), small = disc(gpu, { radius: 7 });
  ok(tiny.count < 100 && small.count >= 100);
  for (const kind of defectKinds) {
    equal(pasteDefect(tiny, kind, randomStream(0, "test/tiny"), { gpu }), undefined);
    using pasted = pasteDefect(small, kind, randomStream(0, "test/tiny"), { gpu });
    if (pasted) ok(pasted.count > 0 && pasted.count <= small.count);
    else equal(kind, "scratch"); // needs a run of pixels that a small part may not have
  }
});

const train = sharedData("data/mvtec3d/cable_gland/train/good/xyz");
const names = ["000", "018", "058"];
for (const name of names) {
  await gpuTest(`pasteDefect() pastes every kind on the real scan ${name}`, async (gpu) => {
    const scan = await readScan(name, readFileSync(`${train}/${name}.tiff`));
    using prepared = prepare(scan, prepareOptions.parse({}), { gpu, seed: 0 });
    forEachPaste(gpu, prepared, (kind, pasted) => checkPaste(prepared, kind, pasted));
  }, { ignore: !train });
}
