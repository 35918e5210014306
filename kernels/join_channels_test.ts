import { ok, strictEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { type ChannelWeight, joinChannels } from "./join_channels.ts";
import { ShapeMismatch } from "./runtime/mod.ts";

const weights = {
  places: [{ scale: 0.5, share: 0.2 }, { scale: 0.25, share: 0.1 }, { scale: 1, share: 0 }, { scale: 2, share: 0.3 }],
  rows: { scale: 0.125, share: 0.15 },
  distances: { scale: 0.75, share: 0.25 },
} as const;

gpuTest("joinChannels() is the weighted mean of what is above normal, cut", async (gpu) => {
  const count = 130, most = 2;
  const z = Float32Array.from({ length: 4 * count }, (_, i) => 5 * Math.sin(i));
  const r = Float32Array.from({ length: count }, (_, i) => 9 * Math.cos(i)), d = r.map((v) => v + 1);
  using places = gpu.upload("f32", z), rows = gpu.upload("f32", r), distances = gpu.upload("f32", d);
  using joined = joinChannels(gpu, { places, rows, distances, weights, most });
  const got = await gpu.read(joined);
  const term = (value: number, { scale, share }: ChannelWeight) => share * Math.min(most, Math.max(0, scale * value));
  for (let i = 0; i < count; i++) {
    const terms = [
      ...weights.places.map((w, c) => term(z[4 * i + c], w)),
      term(r[i], weights.rows),
      term(d[i], weights.distances),
    ];
    const want = terms.reduce((a, b) => a + b);
    ok(Math.abs(got[i] - want) <= 12 * 2 ** -23 * want, `patch ${i}: ${got[i]}, not ${want}`); // a dozen roundings
  }
});

gpuTest("joinChannels() gives 0 for what is below normal in all channels, and refuses unequal lengths", async (gpu) => {
  using places = gpu.upload("f32", Float32Array.of(-1, -2, -3, 0)), rows = gpu.upload("f32", Float32Array.of(-4));
  using distances = gpu.zeros("f32", 1), none = gpu.zeros("f32", 2);
  using joined = joinChannels(gpu, { places, rows, distances, weights, most: 3 });
  strictEqual((await gpu.read(joined))[0], 0);
  throws(() => joinChannels(gpu, { places, rows, distances: none, weights, most: 3 }), ShapeMismatch);
});
