import { ok } from "node:assert/strict";
import type { FittedFuser, Fuser } from "../core/mod.ts";
import { type BrokenPlugin, failuresOf } from "./conformance_failures.ts";
import { gpuTest } from "./gpu.ts";
import { testConformance } from "./test_conformance.ts";
import { toyFuser, type ToyFuserOptions } from "./toy_branches.ts";
import { inTurn } from "./told_run.ts";

await testConformance(toyFuser);
await testConformance(toyFuser, { options: { weight: 0.1 } });

/** The toy whose fitted form is changed. */
const fittedAs = (change: (fitted: FittedFuser) => Partial<FittedFuser>): Fuser<ToyFuserOptions> => {
  const changed = (fitted: FittedFuser) => ({ ...fitted, ...change(fitted) });
  return {
    ...toyFuser,
    fit: async (...given) => changed(await toyFuser.fit(...given)),
    load: async (...given) => changed(await toyFuser.load(...given)),
  };
};

/** The toy with other values. */
const giving = (change: (values: Float32Array, maps: Parameters<FittedFuser["fuse"]>[0]) => Float32Array) =>
  fittedAs(({ fuse }) => ({
    async fuse(maps, run) {
      const map = await fuse(maps, run);
      return { ...map, values: change(map.values, maps) };
    },
  }));

const running = new AbortController().signal;

/** Each breaks one thing; the checks have to say which. */
const broken: readonly BrokenPlugin<Fuser<ToyFuserOptions>>[] = [
  ["that gives NaN", giving((values) => values.fill(NaN)), /finite maps.*value 0 of the fused map is NaN/],
  ["that divides by a silent branch", {
    ...toyFuser,
    async fit(normal, options, run) {
      const all = await Array.fromAsync(normal), fitted = await toyFuser.fit(inTurn(all), options, run);
      const most = Math.max(...all.map(({ missing }) => missing.score));
      return {
        ...fitted,
        async fuse(maps, run) {
          const map = await fitted.fuse(maps, run);
          return { ...map, values: map.values.map((value) => value / most) };
        },
      };
    },
  }, /say nothing.*value \d+ of the fused map is (NaN|Infinity)/],
  ["whose map is below 0", giving((values) => values.map((value) => value - 0.1)), /value 0 of the fused map is -0.1/],
  [
    "whose map is of another size",
    giving((values) => values.subarray(1)),
    /the fused map is not 32 × 32/,
  ],
  [
    "whose score is none",
    fittedAs(({ fuse }) => ({ fuse: async (maps, run) => ({ ...await fuse(maps, run), score: -Infinity }) })),
    /the score of the fused map is -Infinity/,
  ],
  [
    "that falls where a surface is odder still",
    giving((values, { feature }) => values.map((value, i) => feature.values[i] > 5 ? value / 10 : value)),
    /never falls.*place \d+ fell from .* when feature rose there by/,
  ],
  [
    "that scales a map by its own largest value",
    giving((values) => {
      const most = Math.max(...values);
      return values.map((value) => value / most);
    }),
    /never falls.*place \d+ fell/,
  ],
  [
    "that is deaf to what is missing",
    fittedAs(({ fuse }) => ({
      fuse: ({ feature }, run) => fuse({ feature, missing: { ...feature, values: feature.values.map(() => 0) } }, run),
    })),
    /hears both.*when missing rises/,
  ],
  ["that drops a branch that was silent", {
    ...toyFuser,
    async fit(normal, options, run) {
      const all = await Array.fromAsync(normal), most = Math.max(...all.map(({ missing }) => missing.score));
      return toyFuser.fit(inTurn(all), { weight: most === 0 ? 0 : options.weight }, run);
    },
  }, /hears both.*that are silent, place \d+ stays .* when missing rises/],
  [
    "that counts its calls",
    fittedAs(({ fuse }) => {
      const calls = { count: 0 };
      return {
        async fuse(maps, run) {
          const map = await fuse(maps, run);
          return { ...map, score: map.score + calls.count++ };
        },
      };
    }),
    /the same bits.*fused again was/,
  ],
  [
    "that keeps a buffer",
    fittedAs(({ fuse }) => ({
      fuse(maps, run) {
        run.gpu.buffer("f32", 4);
        return fuse(maps, run);
      },
    })),
    /leaves no buffer.*fuse\(\) left 1/,
  ],
  ["that never frees what it fitted", fittedAs(() => ({ [Symbol.dispose]: () => {} })), /fuser, disposed, left/],
  [
    "that writes into a branch's map",
    giving((values, { feature }) => {
      feature.values.set(values);
      return values;
    }),
    /the maps as they were.*the map feature/,
  ],
  [
    "that saves less than it knows",
    fittedAs(({ save }) => ({
      save: (model) => save({ ...model, putFacts: (facts) => model.putFacts({ ...facts, most: 2 }) }),
    })),
    /saved and loaded.*loaded/,
  ],
  ["that turns a model without facts into a crash", {
    ...toyFuser,
    load(model, options, run) {
      if (!("most" in (model.facts() as object))) throw new TypeError("no facts");
      return toyFuser.load(model, options, run);
    },
  }, /one without facts.*TypeError.*instead of ModelRefused/],
  ["that turns half a model into a crash", {
    ...toyFuser,
    load(model, options, run) {
      if (!model.has("most")) throw new TypeError("no tensor");
      return toyFuser.load(model, options, run);
    },
  }, /ModelRefused.*half a model ended with TypeError/],
  ["that fits to the end though interrupted", {
    ...toyFuser,
    fit: (normal, options, run) => toyFuser.fit(normal, options, { ...run, signal: running }),
  }, /RunAborted.*fit\(\) went on though/],
  [
    "that fuses though interrupted",
    fittedAs(({ fuse }) => ({ fuse: (maps, run) => fuse(maps, { ...run, signal: running }) })),
    /RunAborted.*fuse\(\) went on though/,
  ],
];

for (const [what, plugin, complaint] of broken) {
  await gpuTest(`conformance() finds a broken ${plugin.kind} ${what}`, async () => {
    const found = await failuresOf(plugin);
    ok(found.some((line) => complaint.test(line)), found.join("\n") || "no check failed");
  });
}
