import { deepEqual, throws } from "node:assert/strict";
import { tinyFolder } from "../../testing/tiny_source.ts";
import type { Known } from "./known.ts";
import { loadKnown, saveKnown } from "./tensors.ts";

const plane = {
  scale: 0.25,
  normal: Float32Array.of(1, 2, 3, 4),
  boundary: [Float32Array.of(0, 1, 1, 0), Float32Array.of(5, 5, 6, 6, 5, 5)],
};
const straight: Known = { facts: { kernel: "linear", k: 0.25 }, plane, boundary: { w: [0.5, 0.25], rho: 0.125 } };
const curved: Known = { facts: { kernel: "rbf" }, plane, boundary: Float32Array.of(0, 2, 1, 1) };

Deno.test("loadKnown() gives back what saveKnown() was given, of a line and of a curve, with lines or without", () => {
  const bare = { ...straight, plane: { scale: 2, normal: new Float32Array(), boundary: [] } };
  for (const known of [straight, curved, bare]) {
    const folder = tinyFolder();
    saveKnown(folder, known);
    deepEqual(loadKnown(folder), known);
  }
});

Deno.test("loadKnown() refuses facts that no fit keeps, and tensors that are missing or of another type", () => {
  for (const facts of [{}, { facts: {}, scale: 0 }, { facts: {}, scale: 1, line: { w: [-1, 1], rho: 0 } }]) {
    const folder = tinyFolder();
    saveKnown(folder, straight);
    folder.putFacts(facts);
    throws(() => loadKnown(folder), { code: "model-refused" });
  }
  for (const name of ["normal", "lines", "lines.counts", "frontier"]) {
    const folder = tinyFolder();
    saveKnown(folder, curved);
    folder.tensors.delete(name);
    throws(() => loadKnown(folder), { code: "model-refused" });
  }
  const folder = tinyFolder();
  saveKnown(folder, curved);
  folder.putTensor("normal", { shape: [1, 2], values: Float64Array.of(1, 2) });
  throws(() => loadKnown(folder), { code: "model-refused" });
});
