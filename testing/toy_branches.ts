/** A reconstructor and a fuser that keep the contract in few lines: the checks are tested on them, and on copies that break it. @module */
import { z } from "zod";
import {
  type FittedFuser,
  type FittedReconstructor,
  type Fuser,
  ModelRefused,
  type Prepared,
  type Reconstructor,
  type Run,
  ScanRefused,
  throwIfAborted,
  TooFewScans,
} from "../core/mod.ts";

const shapeOptions = z.strictObject({
  share: z.number().min(0).max(1).default(0.5).describe("share of normal scans that a place of the shape is seen in"),
});

/** Options of {@linkcode toyReconstructor}. */
export type ToyShapeOptions = z.output<typeof shapeOptions>;

/** Every scan should have been the mean of the normal ones, pixel by pixel. */
export const toyReconstructor: Reconstructor<ToyShapeOptions> = {
  kind: "reconstructor",
  name: "toy",
  version: "1.0.0",
  api: 1,
  options: shapeOptions,
  presets: { default: shapeOptions.parse({}), all: shapeOptions.parse({ share: 1 }) },
  async fit(normal, options, run) {
    const names: string[] = [], maps: Float32Array[] = [];
    for await (const scan of normal.walk()) {
      throwIfAborted(run);
      names.push(scan.name);
      maps.push(pointMap(scan));
    }
    if (maps.length === 0) throw new TooFewScans(0, 1, "fit a mean shape");
    const all = new Float32Array(maps.length * maps[0].length);
    maps.forEach((map, i) => all.set(map, i * map.length));
    return fittedShape(names, all, options, run);
  },
  load(model, options, run) {
    const { values } = model.tensor("maps"), { names } = model.facts() as { names: string[] };
    return Promise.resolve(fittedShape(names, values as Float32Array, options, run));
  },
};

function fittedShape(
  names: readonly string[],
  maps: Float32Array,
  { share }: ToyShapeOptions,
  { gpu }: Run,
): FittedReconstructor {
  const held = gpu.upload("f32", new Float32Array(maps)); // on the GPU only so that there is something to dispose
  const width = maps.length / names.length;
  return {
    facts: { scans: names.length },
    leavesOut: true,
    async reconstruct(scan, run, { heldOut = false } = {}) {
      throwIfAborted(run);
      const refuse = (why: string, problem: string) => new ScanRefused(scan.name, why, problem);
      if (scan.count < 4) throw refuse("too-few-points", `${scan.count} points are left, 4 are needed`);
      const all = await run.gpu.read(held);
      const used = names.flatMap((name, i) =>
        heldOut && name === scan.name ? [] : [all.subarray(i * width, (i + 1) * width)]
      );
      const shape = meanPoints(used, share), count = shape.length / 4;
      if (count === 0) throw refuse("no-shape", "no place is seen in enough normal scans");
      const points = run.gpu.upload("f32", shape), usual = run.gpu.zeros("f32", count);
      return {
        points,
        usual,
        shapes: [{ first: 0, count, weight: 1 }],
        [Symbol.dispose]: () => [points, usual].forEach((buffer) => buffer[Symbol.dispose]()),
      };
    },
    save: (model) => {
      model.putFacts({ names });
      return Promise.resolve(model.putTensor("maps", { shape: [names.length, width], values: maps }));
    },
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}

/** x, y, z, 0 of each place that enough of the maps have, as their mean. */
function meanPoints(maps: readonly Float32Array[], share: number): Float32Array<ArrayBuffer> {
  const points: number[] = [];
  for (let i = 0; i < (maps[0]?.length ?? 0); i += 3) {
    const having = maps.filter((map) => map[i + 2] !== 0), sum = [0, 0, 0];
    if (having.length === 0 || having.length < share * maps.length) continue;
    for (const map of having) sum.forEach((_, axis) => sum[axis] += map[i + axis]);
    points.push(...sum.map((value) => value / having.length), 0);
  }
  return new Float32Array(points);
}

/** The point of each map pixel, zeros where there is none. */
function pointMap({ frame: { size }, pixels, hostPoints }: Prepared): Float32Array {
  const map = new Float32Array(3 * size * size);
  pixels.forEach((pixel, i) => map.set(hostPoints.subarray(3 * i, 3 * i + 3), 3 * pixel));
  return map;
}

const fuserOptions = z.strictObject({
  weight: z.number().positive().default(1).describe("what a millimetre that is missing counts"),
});

/** Options of {@linkcode toyFuser}. */
export type ToyFuserOptions = z.output<typeof fuserOptions>;

/** The sum of both branches, the feature branch as a multiple of the largest value that normal scans have. */
export const toyFuser: Fuser<ToyFuserOptions> = {
  kind: "fuser",
  name: "toy",
  version: "1.0.0",
  api: 1,
  options: fuserOptions,
  presets: { default: fuserOptions.parse({}), heavy: fuserOptions.parse({ weight: 10 }) },
  async fit(normal, options, run) {
    let most = 0;
    throwIfAborted(run);
    for await (const { feature } of normal) {
      throwIfAborted(run);
      most = feature.values.reduce((most, value) => Math.max(most, value), most);
    }
    return fittedSum(most, options, run);
  },
  load(model, options, run) {
    const { most } = model.facts() as { most?: number };
    if (most === undefined) throw new ModelRefused("of a toy", "fact most", "a number", "missing");
    model.tensor("most"); // kept twice, so that either may be missing
    return Promise.resolve(fittedSum(most, options, run));
  },
};

function fittedSum(most: number, { weight }: ToyFuserOptions, { gpu }: Run): FittedFuser {
  const held = gpu.upload("f32", Float32Array.of(most)); // on the GPU only so that there is something to dispose
  return {
    facts: { most },
    async fuse({ feature: { size, values: s1 }, missing: { values: s2 } }, run) {
      throwIfAborted(run);
      const [scale] = await run.gpu.read(held);
      const values = s1.map((value, i) => value / (scale || 1) + weight * s2[i]);
      return { size, values, score: values.reduce((most, value) => Math.max(most, value), 0) };
    },
    save: (model) => {
      model.putFacts({ most });
      return Promise.resolve(model.putTensor("most", { shape: [1], values: Float32Array.of(most) }));
    },
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}
