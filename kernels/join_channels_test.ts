import { ok, strictEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { joinChannels } from "./join_channels.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

gpuTest("joinChannels() is the mean of what is above normal, cut", async (gpu) => {
  const count = 130, weights = { places: [0.5, 0.25, 0, 2], rows: 0.125, distances: 0.75 } as const;
  const z = Float32Array.from({ length: 4 * count }, (_, i) => 5 * Math.sin(i));
  const r = Float32Array.from({ length: count }, (_, i) => 9 * Math.cos(i)), d = r.map((v) => v + 1);
  using places = gpu.upload("f32", z), rows = gpu.upload("f32", r), distances = gpu.upload("f32", d);
  using joined = joinChannels(gpu, { places, rows, distances, weights, most: 2 });
  const got = await gpu.read(joined);
  const cut = (value: number) => Math.min(2, Math.max(0, value));
  for (let i = 0; i < count; i++) {
    const terms = weights.places.map((w, c) => cut(w * z[4 * i + c]));
    terms.push(cut(weights.rows * r[i]), cut(weights.distances * d[i]));
    const want = terms.reduce((a, b) => a + b) / 5;
    ok(Math.abs(got[i] - want) <= 12 * 2 ** -23 * want, `patch ${i}: ${got[i]}, not ${want}`); // a dozen roundings
  }
});

gpuTest("joinChannels() gives 0 for what is below normal in all channels, and refuses unequal lengths", async (gpu) => {
  using places = gpu.upload("f32", Float32Array.of(-1, -2, -3, 0)), rows = gpu.upload("f32", Float32Array.of(-4));
  using distances = gpu.zeros("f32", 1), none = gpu.zeros("f32", 2);
  const weights = { places: [1, 1, 1, 1], rows: 1, distances: 1 } as const;
  using joined = joinChannels(gpu, { places, rows, distances, weights, most: 2 });
  strictEqual((await gpu.read(joined))[0], 0);
  throws(() => joinChannels(gpu, { places, rows, distances: none, weights, most: 2 }), ShapeMismatch);
});
