/** A fitted `ocsvm`: what it knows, and how it fuses. @module */
import { type BranchMaps, checkBranchMaps, type FittedFuser, type Run, throwIfAborted } from "../../core/mod.ts";
import { frontierDistance } from "../../kernels/mod.ts";
import { TIE_SHARE } from "./fit_boundary.ts";
import { linearDistance } from "./monotone_distance.ts";
import type { Known } from "./known.ts";
import { saveKnown } from "./tensors.ts";

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** The fuser; it owns no GPU memory. */
export function fittedFuser(known: Known): FittedFuser {
  return {
    facts: known.facts,
    plane: known.plane,
    async fuse(maps, run) {
      throwIfAborted(run);
      checkBranchMaps(maps);
      const { size } = maps.feature, values = await fusedValues(maps, known, run);
      return { size, values, score: values.reduce((most, value) => Math.max(most, value), 0) };
    },
    save: (model) => Promise.resolve(saveKnown(model, known)),
    [Symbol.dispose]: () => {},
  };
}

async function fusedValues({ feature, missing }: BranchMaps, { boundary, plane: { scale } }: Known, run: Run) {
  const s1 = new Float32Array(feature.values), s2 = new Float32Array(missing.values);
  if (!(boundary instanceof Float32Array)) {
    // on the host: both maps lie there, and a sum a place takes less time than to send them to the GPU
    const least = linearDistance(boundary, 0, 0);
    return s1.map((value, i) => bounded(linearDistance(boundary, scale * value, s2[i]) - least));
  }
  const { gpu } = run;
  using odd = gpu.upload("f32", s1), gone = gpu.upload("f32", s2), frontier = gpu.upload("f32", boundary);
  using distances = frontierDistance(gpu, { feature: odd, missing: gone, scale, frontier, count: s1.length });
  const values = await gpu.read(distances);
  return s1.map((value, i) => bounded(values[i] + TIE_SHARE * (scale * value + s2[i])));
}

const bounded = (value: number) => Math.max(0, Math.min(LARGEST, value));
