import { ok } from "node:assert/strict";
import type { FittedReconstructor, Reconstruction, Reconstructor } from "../core/mod.ts";
import { type BrokenPlugin, failuresOf } from "./conformance_failures.ts";
import { gpuTest } from "./gpu.ts";
import { testConformance } from "./test_conformance.ts";
import { tinyScan } from "./tiny_scan.ts";
import { toyReconstructor, type ToyShapeOptions } from "./toy_branches.ts";

await testConformance(toyReconstructor);
await testConformance(toyReconstructor, { scans: [5, 6, 7].map((seed) => tinyScan({ seed })), options: { share: 0 } });

/** The toy whose fitted form is changed. */
const fittedAs = (change: (fitted: FittedReconstructor) => Partial<FittedReconstructor>) => {
  const changed = (fitted: FittedReconstructor) => ({ ...fitted, ...change(fitted) });
  return {
    ...toyReconstructor,
    fit: async (...given) => changed(await toyReconstructor.fit(...given)),
    load: async (...given) => changed(await toyReconstructor.load(...given)),
  } satisfies Reconstructor<ToyShapeOptions>;
};

/** The toy that gives another reconstruction. */
const giving = (change: (made: Reconstruction) => Partial<Reconstruction>) =>
  fittedAs(({ reconstruct }) => ({
    async reconstruct(...given) {
      const made = await reconstruct(...given);
      return { ...made, ...change(made) };
    },
  }));

await testConformance({
  ...fittedAs(({ reconstruct }) => ({
    reconstruct(scan, run, options) {
      ok(scan.registration && scan.registration.members.length > 0, "no registration came with the scan");
      return reconstruct(scan, run, options);
    },
  })),
  name: "registered-toy",
  registers: () => true,
});

const running = new AbortController().signal;

/** Each breaks one thing; the checks have to say which. */
const broken: readonly BrokenPlugin<Reconstructor<ToyShapeOptions>>[] = [
  ["that gives no shape", giving(() => ({ shapes: [] })), /finite points.*has no shape/],
  [
    "whose shape has a point too many",
    giving(({ shapes: [{ count }] }) => ({ shapes: [{ first: 1, count, weight: 1 }] })),
    /finite points.*end at point \d+, there are/,
  ],
  [
    "whose shapes overlap",
    giving(({ shapes: [{ count }] }) => ({
      shapes: [{ first: 0, count, weight: 0.5 }, { first: 0, count, weight: 0.5 }],
    })),
    /finite points.*shape 1 .* begins at point 0, before/,
  ],
  [
    "whose weights are no shares",
    giving(({ shapes: [shape] }) => ({ shapes: [{ ...shape, weight: 1.001 }] })),
    /finite points.*add up to 1.001/,
  ],
  [
    "with a weight below 0",
    giving(({ shapes: [{ count }] }) => ({
      shapes: [{ first: 0, count: 1, weight: 2 }, { first: 1, count: count - 1, weight: -1 }],
    })),
    /finite points.*shape 1 .* has the weight -1/,
  ],
  ...([["NaN points", 1, /finite points.*value 1 of the points of .* is NaN/], [
    "a fourth value",
    3,
    /fourth value of point 0/,
  ]] as const).map(([what, at, complaint]) =>
    [
      `that gives ${what}`,
      fittedAs(({ reconstruct }) => ({
        async reconstruct(scan, run, options) {
          const made = await reconstruct(scan, run, options);
          using bad = run.gpu.upload("f32", Float32Array.of(at === 1 ? NaN : 7));
          run.gpu.copy(bad, made.points, { length: 1, to: at });
          return made;
        },
      })),
      complaint,
    ] as const
  ),
  [
    "whose usual gaps are below 0",
    fittedAs(({ reconstruct }) => ({
      async reconstruct(scan, run, options) {
        const made = await reconstruct(scan, run, options);
        using bad = run.gpu.upload("f32", Float32Array.of(-0.001));
        run.gpu.copy(bad, made.usual!, { length: 1 });
        return made;
      },
    })),
    /finite points.*value 0 of usual .* is -0.001/,
  ],
  [
    "that knows the usual gaps of other points",
    fittedAs(({ reconstruct }) => ({
      async reconstruct(scan, run, options) {
        const made = await reconstruct(scan, run, options), few = run.gpu.zeros("f32", 4);
        const dispose = () => [made, few].forEach((owned) => owned[Symbol.dispose]());
        return { ...made, usual: few, [Symbol.dispose]: dispose };
      },
    })),
    /finite points.*usual of .* has 4 values/,
  ],
  [
    "that counts its calls",
    fittedAs(({ reconstruct }) => {
      const calls = { count: 0 };
      return {
        async reconstruct(scan, run, options) {
          const made = await reconstruct(scan, run, options);
          return { ...made, shapes: [{ ...made.shapes[0], count: made.shapes[0].count - calls.count++ }] };
        },
      };
    }),
    /the same bits.*reconstructed again were/,
  ],
  [
    "that keeps a buffer",
    fittedAs(({ reconstruct }) => ({
      reconstruct(scan, run, options) {
        run.gpu.buffer("f32", 4);
        return reconstruct(scan, run, options);
      },
    })),
    /leaves no buffer.*reconstruction, disposed, left 1/,
  ],
  [
    "that never frees what it fitted",
    fittedAs(() => ({ [Symbol.dispose]: () => {} })),
    /reconstructor, disposed, left/,
  ],
  [
    "that writes into the scan",
    fittedAs(({ reconstruct }) => ({
      reconstruct(scan, run, options) {
        scan.hostPoints[0] += 1;
        return reconstruct(scan, run, options);
      },
    })),
    /the scan as it was.*hostPoints/,
  ],
  [
    "that says it leaves scans out, and does not",
    fittedAs(({ reconstruct }) => ({ reconstruct: (scan, run) => reconstruct(scan, run) })),
    /as unseen.*known of it all the same/,
  ],
  [
    "that leaves a scan out for ever",
    fittedAs(({ reconstruct }) => {
      const left = new Set<string>();
      return {
        reconstruct(scan, run, { heldOut = false } = {}) {
          if (heldOut) left.add(scan.name);
          return reconstruct(scan, run, { heldOut: left.has(scan.name) });
        },
      };
    }),
    /as unseen.*after it was left out/,
  ],
  [
    "that saves less than it knows",
    fittedAs(({ save }) => ({
      save: (model) =>
        save({
          ...model,
          putTensor: (name, { shape, values }) =>
            model.putTensor(name, { shape, values: values.map((value) => value * 2) as Float32Array }),
        }),
    })),
    /saved and loaded.*loaded/,
  ],
  ["that turns half a model into a crash", {
    ...toyReconstructor,
    load(model, options, run) {
      if (!model.has("maps")) throw new TypeError("no tensor");
      return toyReconstructor.load(model, options, run);
    },
  }, /ModelRefused.*TypeError/],
  [
    "that crashes on poor scans",
    fittedAs(({ reconstruct }) => ({
      reconstruct(scan, run, options) {
        if (scan.count < 30) throw new RangeError("Cannot read properties of undefined");
        return reconstruct(scan, run, options);
      },
    })),
    /bears poor scans.*RangeError.*instead of ScanRefused/,
  ],
  ["that gives up fitting without a scan", {
    ...toyReconstructor,
    fit: (source, options, run) => {
      if (source.count === 0) throw new RangeError("no scan");
      return toyReconstructor.fit(source, options, run);
    },
  }, /none at all.*RangeError.*instead of TooFewScans/],
  ["that fits to the end though interrupted", {
    ...toyReconstructor,
    fit: (source, options, run) => toyReconstructor.fit(source, options, { ...run, signal: running }),
  }, /RunAborted.*fit\(\) went on though/],
  [
    "that reconstructs though interrupted",
    fittedAs(({ reconstruct }) => ({
      reconstruct: (scan, run, options) => reconstruct(scan, { ...run, signal: running }, options),
    })),
    /RunAborted.*reconstruct\(\) went on though/,
  ],
  ["without a default", { ...toyReconstructor, presets: { all: { share: 1 } } }, /default is missing/],
];

for (const [what, plugin, complaint] of broken) {
  await gpuTest(`conformance() finds a broken ${plugin.kind} ${what}`, async () => {
    const found = await failuresOf(plugin);
    ok(found.some((line) => complaint.test(line)), found.join("\n") || "no check failed");
  });
}
