/** A descriptor and an extractor that keep the contract in few lines: the checks are tested on them, and on copies that break it. @module */
import { z } from "zod";
import {
  type Descriptor,
  type Extractor,
  type FittedExtractor,
  type Prepared,
  type Run,
  ScanRefused,
  throwIfAborted,
  TooFewScans,
} from "../core/mod.ts";

const options = z.strictObject({
  scale: z.number().positive().default(1000).describe("what metres are multiplied by"),
});

/** Options of both toys. */
export type ToyOptions = z.output<typeof options>;

const presets = { default: options.parse({}), small: options.parse({ scale: 1 }) };

/** Two features a point: its height over the scan's mean depth, and its distance from the middle. */
export const toyDescriptor: Descriptor<ToyOptions> = {
  kind: "descriptor",
  name: "toy",
  version: "1.0.0",
  api: 1,
  options,
  presets,
  columns: () => 2,
  describe({ count, hostPoints }, { scale }, run) {
    throwIfAborted(run);
    const depth = meanDepth(hostPoints), rows = new Float32Array(4 * count);
    for (let i = 0; i < count; i++) {
      const [x, y, z] = hostPoints.subarray(3 * i, 3 * i + 3);
      rows.set([scale * (depth - z), scale * Math.hypot(x, y)], 4 * i);
    }
    const values = run.gpu.upload("f32", rows);
    return { values, count, columns: 2, stride: 4, [Symbol.dispose]: () => values[Symbol.dispose]() };
  },
};

/** Judges a place by how far it is from the mean depth that normal scans have there. */
export const toyExtractor: Extractor<ToyOptions> = {
  kind: "extractor",
  name: "toy",
  version: "1.0.0",
  api: 1,
  options,
  presets,
  async fit(normal, options, run) {
    let sum: Float64Array | undefined, scans = 0;
    for await (const scan of normal.walk()) {
      throwIfAborted(run);
      const depths = depthMap(scan, scan.frame.size);
      sum ??= new Float64Array(depths.length);
      for (let i = 0; i < depths.length; i++) sum[i] += depths[i];
      scans++;
    }
    if (!sum) throw new TooFewScans(scans, 1, "fit a mean depth");
    return fitted(Float32Array.from(sum, (value) => value / scans), options, run);
  },
  load: (model, options, run) => Promise.resolve(fitted(model.tensor("mean").values as Float32Array, options, run)),
};

function fitted(mean: Float32Array, { scale }: ToyOptions, { gpu }: Run): FittedExtractor {
  const held = gpu.upload("f32", new Float32Array(mean)); // on the GPU only so that there is something to dispose
  return {
    facts: { places: mean.length },
    async score(scan, run) {
      throwIfAborted(run);
      const { size } = scan.frame;
      if (scan.count < 4) {
        throw new ScanRefused(scan.name, "too-few-points", `${scan.count} points are left, 4 are needed`);
      }
      const wanted = await run.gpu.read(held), depths = depthMap(scan, size);
      const values = depths.map((depth, i) => depth === 0 ? 0 : scale * Math.abs(depth - wanted[i]));
      return { size, values, score: values.reduce((most, value) => Math.max(most, value), 0) };
    },
    save: (model) => Promise.resolve(model.putTensor("mean", { shape: [mean.length], values: mean })),
    [Symbol.dispose]: () => held[Symbol.dispose](),
  };
}

/** The depth of each map pixel, 0 where there is no point. */
function depthMap({ pixels, hostPoints }: Prepared, size: number): Float32Array {
  const map = new Float32Array(size * size);
  pixels.forEach((pixel, i) => map[pixel] = hostPoints[3 * i + 2]);
  return map;
}

function meanDepth(points: Float32Array): number {
  let sum = 0;
  for (let i = 2; i < points.length; i += 3) sum += points[i];
  return sum / (points.length / 3);
}
