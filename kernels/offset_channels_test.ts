import { ok, strictEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { offsetChannels } from "./offset_channels.ts";
import { ShapeMismatch } from "./runtime/mod.ts";
import { uploadRows } from "./upload_rows.ts";

const NONE = 0xffffffff;

for (const members of [1, 4, 6]) {
  gpuTest(
    `offsetChannels() equals float64 for ${members} members on a map with holes, at its borders too`,
    async (gpu) => {
      const size = 21, sigma = 1.5, radius = 5, columns = members + 1;
      const map = new Uint32Array(size * size).fill(NONE), at: number[] = [];
      for (let i = 0; i < size * size; i++) {
        if ((i * 7919) % 5 === 0) continue;
        map[i] = at.length;
        at.push(i);
      }
      const v = Float32Array.from({ length: at.length * columns }, (_, i) => Math.sin(i) + (i % columns) / 4);
      using offsets = uploadRows(gpu, v, columns), pixels = gpu.upload("u32", Uint32Array.from(at));
      using pointOf = gpu.upload("u32", map), found = offsetChannels(gpu, { offsets, pixels, pointOf, size, sigma });
      const got = await gpu.read(found.values), bound = 3 * ((2 * radius + 1) ** 2 + 5) * 2 ** -24; // values up to 2.5
      at.forEach((pixel, i) => {
        const row = Math.floor(pixel / size), column = pixel % size;
        const smooth = (c: number) => {
          let sum = 0, total = 0;
          for (let y = Math.max(0, row - radius); y <= Math.min(size - 1, row + radius); y++) {
            for (let x = Math.max(0, column - radius); x <= Math.min(size - 1, column + radius); x++) {
              if (map[y * size + x] === NONE) continue;
              const weight = Math.exp(-((x - column) ** 2 + (y - row) ** 2) / (2 * sigma ** 2));
              sum += weight * v[map[y * size + x] * columns + c];
              total += weight;
            }
          }
          return sum / total;
        };
        const nearest = Math.min(...Array.from({ length: members }, (_, j) => Math.abs(smooth(j))));
        strictEqual(got[4 * i], v[i * columns + members]);
        ok(Math.abs(got[4 * i + 1] - nearest) <= bound, `point ${i}, nearest: ${got[4 * i + 1]}, not ${nearest}`);
      });
    },
  );
}

gpuTest("offsetChannels() refuses a map that its points don't fit, and a row without a tilt", (gpu) => {
  using offsets = uploadRows(gpu, new Float32Array(8), 2), lone = uploadRows(gpu, new Float32Array(4), 1);
  using pixels = gpu.zeros("u32", 4), pointOf = gpu.zeros("u32", 9);
  throws(() => offsetChannels(gpu, { offsets, pixels, pointOf, size: 4, sigma: 1 }), ShapeMismatch);
  throws(() => offsetChannels(gpu, { offsets, pixels, pointOf, size: 3, sigma: 0 }), ShapeMismatch);
  throws(() => offsetChannels(gpu, { offsets: lone, pixels, pointOf, size: 3, sigma: 1 }), ShapeMismatch);
});
