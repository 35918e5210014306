/** Self-tests of the kernels that turn a scan's distances from normal into a map: channels of patches, and gaps. @module */
import { randomStream } from "../../core/mod.ts";
import {
  addScaled,
  type ChannelWeight,
  fillGaps,
  gapDepths,
  joinChannels,
  meanRows,
  offsetChannels,
  paintPatches,
  placeSpread,
  putColumn,
  rowSpread,
  surfaceOffsets,
  uploadRows,
} from "../../kernels/mod.ts";
import { equal, type KernelSelfTest, readRows, ROOT, ROUNDING, within } from "./verdict.ts";

const NONE = 0xffffffff;

/** Values in [−1, 1). */
function signed(length: number, name: string): Float32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/${name}`);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}

/** Whole numbers below `end`, and none for one in six. */
function numbers(length: number, end: number, name: string): Uint32Array<ArrayBuffer> {
  const random = randomStream(0, `self-test/${name}`);
  return Uint32Array.from({ length }, () => random.integer(6) === 0 ? NONE : random.integer(end));
}

/** A map whose pixels hold patches or points, counted up, or none for one in six. */
function countedMap(size: number, name: string) {
  const pixels: number[] = [];
  const map = numbers(size * size, 1, name).map((value, pixel) => value === NONE ? NONE : pixels.push(pixel) - 1);
  return { map, pixels };
}

/** Mean of what lies around a pixel, where there is something, weighted by a Gaussian that ends at the radius. */
function meanAround(pixel: number, map: Uint32Array, size: number, sigma: number, radius: number, of: ValueAt): number {
  const row = Math.floor(pixel / size), column = pixel % size;
  let sum = 0, total = 0;
  map.forEach((number, at) => {
    const down = Math.floor(at / size) - row, across = at % size - column;
    if (number === NONE || Math.max(Math.abs(down), Math.abs(across)) > radius) return;
    const weight = Math.exp(-(down ** 2 + across ** 2) / (2 * sigma ** 2));
    sum += weight * of(number, at);
    total += weight;
  });
  return sum / total;
}
type ValueAt = (number: number, pixel: number) => number;

const added: KernelSelfTest = {
  kernel: "addScaled",
  async run(gpu) {
    const a = signed(150, "values"), b = signed(150, "sums"), factor = 0.375, keep = 0.75;
    using values = gpu.upload("f32", a), to = gpu.upload("f32", b);
    addScaled(gpu, { values, to, factor, keep });
    return within(
      await gpu.read(to),
      Array.from(b, (v, i) => keep * v + factor * a[i]),
      2 * ROUNDING * (keep + factor),
    );
  },
};

const put: KernelSelfTest = {
  kernel: "putColumn",
  async run(gpu) {
    const count = 100, columns = 3, a = signed(1 + 2 * count, "column"), b = signed(count * columns, "table");
    using values = gpu.upload("f32", a), table = gpu.upload("f32", b);
    putColumn(gpu, { values, step: 2, first: 1, table, columns, column: 1 });
    const want = b.map((v, i) => i % columns === 1 ? a[1 + 2 * Math.floor(i / columns)] : v);
    return equal(await gpu.read(table), want);
  },
};

const meant: KernelSelfTest = {
  kernel: "meanRows",
  async run(gpu) {
    const count = 70, width = 4, columns = 6, list = numbers(count * width, 50, "members");
    const data = signed(50 * columns, "rows");
    list.fill(NONE, 0, width); // an empty list
    using rows = uploadRows(gpu, data, columns), members = gpu.upload("u32", list);
    using found = meanRows(gpu, { rows, members, width });
    const want = Array.from({ length: count * columns }, (_, at) => {
      const i = Math.floor(at / columns),
        own = [...list.subarray(i * width, (i + 1) * width)].filter((j) => j !== NONE);
      return own.reduce((sum, j) => sum + data[j * columns + at % columns], 0) / Math.max(1, own.length);
    });
    return within(await readRows(gpu, found), want, (width + 5) * ROUNDING); // WGSL's division is 2.5 units off
  },
};

const spreadByRow: KernelSelfTest = {
  kernel: "rowSpread",
  async run(gpu) {
    const count = 100, d = signed(count, "distances"), s = signed(2 * 20, "spread");
    const nearest = Uint32Array.from({ length: count }, (_, i) => i * 7 % 20);
    using distances = gpu.upload("f32", d), rows = gpu.upload("u32", nearest), spread = gpu.upload("f32", s);
    using found = rowSpread(gpu, { distances, rows, spread });
    const want = Array.from(d, (v, i) => (v - s[2 * nearest[i]]) * s[2 * nearest[i] + 1]);
    return within(await gpu.read(found), want, 2 * 2 * ROUNDING); // a difference and a product, both below 2
  },
};

const spreadByPlace: KernelSelfTest = {
  kernel: "placeSpread",
  async run(gpu) {
    const count = 70, width = 6, list = numbers(count * width, 40, "places"), weight = 4, floor = 0.125;
    const mean = [0.5, -0.25, 0, 1] as const, deviation = [0.5, 0.75, 1, 0] as const; // the last has never varied
    const own = signed(4 * count, "own"), kept = signed(4 * 40, "stored");
    using values = gpu.upload("f32", own), stored = gpu.upload("f32", kept), places = gpu.upload("u32", list);
    using z = placeSpread(gpu, { values, stored, places, width, prior: { mean, deviation, weight }, floor });
    const want = Array.from(own, (v, at) => {
      const i = at >> 2, c = at & 3, g0 = mean[c], g1 = deviation[c];
      const near = [...list.subarray(i * width, (i + 1) * width)].filter((j) => j !== NONE).map((j) => kept[4 * j + c]);
      const m = near.length + weight, centre = (near.reduce((a, b) => a + b, 0) + weight * g0) / m;
      const squares = near.reduce((a, b) => a + b * b, 0) + weight * (g1 ** 2 + g0 ** 2);
      return g1 > 0 ? (v - centre) / Math.sqrt(squares / m - centre ** 2 + (floor * g1) ** 2) : 0;
    });
    // a dozen roundings, a root and a division of numbers that are, over the least spread √(4/10) · 0.5, below 8
    return within(await gpu.read(z), want, 8 * (12 * ROUNDING + 2 * ROOT));
  },
};

const joined: KernelSelfTest = {
  kernel: "joinChannels",
  async run(gpu) {
    const count = 100,
      most = 1.5,
      z = signed(4 * count, "places"),
      r = signed(count, "rows"),
      d = signed(count, "bank");
    const weights = {
      places: [
        { scale: 1, share: 0.25 },
        { scale: 2, share: 0.125 },
        { scale: 4, share: 0 },
        { scale: 0.5, share: 1 },
      ],
      rows: { scale: 3, share: 0.5 },
      distances: { scale: 0.75, share: 0.25 },
    } as const;
    using places = gpu.upload("f32", z), rows = gpu.upload("f32", r), distances = gpu.upload("f32", d);
    using found = joinChannels(gpu, { places, rows, distances, weights, most });
    const term = (value: number, { scale, share }: ChannelWeight) => share * Math.min(most, Math.max(0, scale * value));
    const want = Array.from(
      r,
      (v, i) =>
        weights.places.reduce((sum, w, c) => sum + term(z[4 * i + c], w), 0) + term(v, weights.rows) +
        term(d[i], weights.distances),
    );
    return within(await gpu.read(found), want, 12 * ROUNDING * 2.125 * most); // a scale and a sum for each of six; all shares
  },
};

const painted: KernelSelfTest = {
  kernel: "paintPatches",
  async run(gpu) {
    const a = signed(40, "values"), list = numbers(300, 40, "patches");
    using values = gpu.upload("f32", a),
      patchOf = gpu.upload("u32", list),
      map = paintPatches(gpu, { values, patchOf });
    return equal(await gpu.read(map), Array.from(list, (patch) => patch === NONE ? 0 : a[patch]));
  },
};

const smoothedOffsets: KernelSelfTest = {
  kernel: "offsetChannels",
  async run(gpu) {
    const size = 14, sigma = 1, radius = 3, members = 5, columns = members + 1;
    const { map, pixels: at } = countedMap(size, "points"), data = signed(at.length * columns, "offsets");
    using offsets = uploadRows(gpu, data, columns), pixels = gpu.upload("u32", Uint32Array.from(at));
    using pointOf = gpu.upload("u32", map), found = offsetChannels(gpu, { offsets, pixels, pointOf, size, sigma });
    const want = at.flatMap((pixel, i) => [
      data[i * columns + members],
      Math.min(...Array.from(
        { length: members },
        (_, j) => Math.abs(meanAround(pixel, map, size, sigma, radius, (point) => data[point * columns + j])),
      )),
    ]);
    // of each of 49 terms in the sum and in the total, their weights, and a division
    return within(await readRows(gpu, found), want, (2 * (49 + 4) + 5) * ROUNDING);
  },
};

/** A quarter turn about z, and a shift: three rows of four, and four floats that nobody may use. */
const TURN = [0, -1, 0, 2, 1, 0, 0, -1, 0, 0, 1, 1, 9, 9, 9, 9];

const offsetsFromSurfaces: KernelSelfTest = {
  kernel: "surfaceOffsets",
  async run(gpu) {
    // whole coordinates, quarter turns and normals along axes: nothing is rounded
    const count = 90, total = 40, members = 3, cap = 3, random = randomStream(0, "self-test/surfaces");
    const whole = (n: number, of: () => number) =>
      Float32Array.from({ length: 4 * n }, (_, i) => i % 4 === 3 ? 0 : of());
    const p = whole(count, () => random.integer(7) - 3), n = whole(count, () => (random.integer(5) - 2) / 4);
    const q = whole(total, () => random.integer(7) - 3), m = new Float32Array(4 * total);
    for (let i = 0; i < total; i++) m[4 * i + random.integer(3)] = i % 2 === 0 ? 1 : -1;
    const list = numbers(count * members, total, "nearest");
    using points = gpu.upload("f32", p), ownNormals = gpu.upload("f32", n), surface = gpu.upload("f32", q);
    using normals = gpu.upload("f32", m), nearest = gpu.upload("u32", list), starts = gpu.zeros("u32", 2 * members);
    using motions = gpu.upload("f32", Float32Array.from({ length: 16 * members }, (_, i) => TURN[i % 16]));
    const shape = { least: [0, 0], side: 1, across: 1 } as const;
    const targets = {
      points: surface,
      normals,
      starts,
      targets: members,
      shape,
      total,
      most: total,
      [Symbol.dispose]() {},
    };
    using found = surfaceOffsets(gpu, {
      points: { values: points, count },
      ownNormals,
      targets,
      motions,
      nearest,
      cap,
    });
    const want = Array.from({ length: count }, (_, i) => {
      const [x, y, z] = p.subarray(4 * i), [nx, ny, nz] = n.subarray(4 * i), tilts: number[] = [];
      const offsets = Array.from(list.subarray(i * members, (i + 1) * members), (at) => {
        if (at === NONE) {
          tilts.push(1);
          return cap;
        }
        const normal = m.subarray(4 * at), away = [2 - y - q[4 * at], x - 1 - q[4 * at + 1], z + 1 - q[4 * at + 2]];
        tilts.push(1 - Math.abs(-ny * normal[0] + nx * normal[1] + nz * normal[2]));
        const along = away[0] * normal[0] + away[1] * normal[1] + away[2] * normal[2];
        return Math.hypot(...away) <= cap ? along : along < 0 ? -cap : cap;
      });
      return [...offsets, tilts.sort((a, b) => a - b)[1]];
    });
    return equal(await readRows(gpu, found), want.flat());
  },
};

const gaps: KernelSelfTest = {
  kernel: "gapDepths",
  async run(gpu) {
    // a frame: the hole's depth is the distance to the rim along rows and columns; the outside is no gap
    const size = 12, map = new Uint32Array(size * size).fill(NONE);
    const want = Array.from(map, (_, pixel) => {
      const row = Math.floor(pixel / size), column = pixel % size;
      const rim = Math.min(row - 2, column - 2, 8 - row, 8 - column); // 0 on the frame
      if (rim === 0) map[pixel] = pixel;
      return Math.max(0, rim);
    });
    using patchOf = gpu.upload("u32", map), depths = gapDepths(gpu, { patchOf, size, reach: 5 });
    return equal(await gpu.read(depths), want);
  },
};

const filledGaps: KernelSelfTest = {
  kernel: "fillGaps",
  async run(gpu) {
    const size = 14, reach = 3, usual = 0.5, most = 2, { map: list } = countedMap(size, "gaps");
    const scores = signed(size * size, "scores"),
      deep = Float32Array.from(list, (patch, i) => patch === NONE ? i % 6 : 0);
    using map = gpu.upload("f32", scores), patchOf = gpu.upload("u32", list), depths = gpu.upload("f32", deep);
    using filled = fillGaps(gpu, { map, patchOf, depths, size, reach, usual, most });
    const want = Array.from(scores, (score, pixel) => {
      if (deep[pixel] === 0) return score;
      const added = Math.min(most, Math.max(0, deep[pixel] - usual));
      return meanAround(pixel, list, size, reach / 3, reach, (_, at) => scores[at]) + added;
    });
    // as for offsets, and then a quotient up to 4, a difference and a sum
    return within(await gpu.read(filled), want, (2 * (49 + 4) + 5 + 8 * 4) * ROUNDING);
  },
};

/** Tests of the channels of patches, and of what fills gaps between them. */
export const patchSelfTests: readonly KernelSelfTest[] = [
  meant,
  put,
  offsetsFromSurfaces,
  smoothedOffsets,
  spreadByPlace,
  spreadByRow,
  joined,
  painted,
  gaps,
  filledGaps,
  added,
];
