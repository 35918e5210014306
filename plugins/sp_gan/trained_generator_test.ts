import { deepEqual, throws } from "node:assert/strict";
import { ModelRefused } from "../../core/mod.ts";
import type { ParameterShape } from "../../nets/mod.ts";
import { tinyFolder } from "../../testing/tiny_source.ts";
import { discriminatorShapes } from "./discriminator.ts";
import { generatorShapes } from "./generator.ts";
import { loadGenerator, saveGenerator, type TrainedGenerator } from "./trained_generator.ts";

const widths = { latent: 4, k: 4, style: 8, edges: [4, 8], global: 8, tail: [8, 4] } as const;
const judge = { places: [4, 4, 8, 8], feature: [8, 4, 4] } as const;

const valuesOf = (shapes: readonly ParameterShape[]) =>
  new Map(shapes.map(({ name, rows, columns }, at) => [
    name,
    Float32Array.from({ length: rows * columns }, (_, i) => at + i / 8),
  ]));

const imported: TrainedGenerator = {
  size: { points: 24, generator: widths },
  generator: valuesOf(generatorShapes(widths)),
  latents: new Float32Array(0),
  learned: [],
};

const trained: TrainedGenerator = {
  ...imported,
  discriminator: { widths: judge, values: valuesOf(discriminatorShapes(judge)) },
  latents: Float32Array.from({ length: 8 }, (_, i) => i),
  learned: ["digest a", "digest c"],
  frame: {
    scans: ["digest a", "digest b", "digest c"],
    motions: [Float64Array.from({ length: 12 }, (_, i) => i / 3), undefined, new Float64Array(12)],
    centre: [1, 2, 3],
    radius: 0.1,
  },
};

Deno.test("loadGenerator() gives what saveGenerator() kept, and which scans it was trained on", () => {
  const own = tinyFolder();
  saveGenerator(own, trained);
  deepEqual(loadGenerator(own), trained);
  const other = tinyFolder();
  saveGenerator(other, imported);
  deepEqual(loadGenerator(other), { ...imported, discriminator: undefined, frame: undefined });
});

Deno.test("loadGenerator() refuses a frame with more motions than scans, and networks of nobody knows what", () => {
  for (
    const change of [
      { learned: undefined },
      { frame: { scans: ["digest a"], led: [true, true], centre: [0, 0, 0], radius: 1 } },
    ]
  ) {
    const folder = tinyFolder();
    saveGenerator(folder, trained);
    folder.putFacts({ ...folder.facts() as object, ...change });
    throws(() => loadGenerator(folder), ModelRefused);
  }
});
