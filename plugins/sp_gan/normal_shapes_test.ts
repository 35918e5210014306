import { deepEqual, ok, rejects } from "node:assert/strict";
import { createRun, fitRegistry, prepare, TooFewScans } from "../../core/mod.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { moved, normalShapes, surfaceOf, toProduct } from "./normal_shapes.ts";
import { chamferTable } from "./shape_quality.ts";

await gpuTest(
  "normalShapes() brings all scans into one ball, by the frame that others are brought by as well",
  async (gpu) => {
    const run = createRun(gpu),
      scans = [1, 2, 3, 4].map((seed) => tinyScan({ seed })),
      source = tinySource(run, scans.map((scan, i) => i === 1 ? scan : { ...scan, digest: `${i}` }));
    using registry = await fitRegistry(source, run);
    const { frame, clouds, identities } = await normalShapes(source, registry, { points: 128, samples: 2 }, run);
    deepEqual(clouds.map(({ name }) => name), [...registry.names]);
    deepEqual(identities, ["0", scans[1].name, "2", "3"]);
    deepEqual(clouds.map(({ digest }) => digest), ["0", undefined, "2", "3"]);
    for (const { samples } of clouds) {
      deepEqual(samples.map(({ length }) => length), [384, 384]);
      for (const sample of samples) {
        for (let i = 0; i < 384; i += 3) ok(Math.hypot(sample[i], sample[i + 1], sample[i + 2]) <= 1);
      }
    }
    ok(frame.radius > 0.005 && frame.radius < 0.05, `${frame.radius} m`); // a plate of some centimetres
    const table = await chamferTable(
      gpu,
      clouds.map(({ samples }) => samples[0]),
      clouds.map(({ samples }) => samples[1]),
    );
    ok(table.flat().every((distance) => distance < 0.13), `${table}`); // as sparse as samples are
    using unseen = prepare(tinyScan({ seed: 5 }), tinyPrepare, run);
    using registration = (await registry.register(unseen, run))!;
    const unit = moved(surfaceOf(unseen, registry.extent), toProduct(frame, registration.candidates)!)
      .map((value, i) => (value - frame.centre[i % 3]) / frame.radius);
    const thinned = Float32Array.from(
      { length: 384 },
      (_, i) => unit[3 * Math.floor(Math.floor(i / 3) * unit.length / 384) + i % 3],
    );
    const [[there]] = await chamferTable(gpu, [thinned], [clouds[0].samples[0]]);
    ok(there < 0.13, `${there}`);
  },
);

await gpuTest("normalShapes() refuses to learn from one scan", async (gpu) => {
  const run = createRun(gpu), source = tinySource(run, [tinyScan({ seed: 1 })]);
  using registry = await fitRegistry(source, run);
  await rejects(normalShapes(source, registry, { points: 64, samples: 1 }, run), TooFewScans);
});
