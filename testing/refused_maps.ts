/** Maps that every fuser has to refuse, by the branch's name. @module */
import { BranchMapRefused, type BranchMaps } from "../core/mod.ts";
import { mapOf } from "./tiny_maps.ts";

/** Maps of both branches with what is wrong with them. */
export interface RefusedMaps {
  /** What is given to the fuser. */
  readonly maps: BranchMaps;
  /** Whether it is the refusal that it deserves. */
  readonly refused: (error: unknown) => boolean;
}

/** A value that is no number, one that is not finite, two sizes, and a size that is not that of the values. */
export function refusedMaps(): RefusedMaps[] {
  const map = (...values: number[]) => mapOf(Float32Array.from(values)), good = map(0, 1, 2, 3);
  const bad: readonly [BranchMaps, BranchMapRefused["branch"], RegExp][] = [
    [{ feature: map(0, NaN, 2, 3), missing: good }, "feature", /feature branch: value 1 is NaN/],
    [{ feature: good, missing: map(0, 1, 2, Infinity) }, "missing", /missing-region branch: value 3 is Infinity/],
    [{ feature: good, missing: map(7) }, "missing", /it is 1 × 1, the feature map 2 × 2/],
    [{ feature: { ...good, size: 3 }, missing: good }, "feature", /4 values are not 3 × 3/],
  ];
  return bad.map(([maps, branch, message]) => ({
    maps,
    refused: (error) =>
      error instanceof BranchMapRefused && error.code === "map-refused" && error.branch === branch &&
      message.test(error.message),
  }));
}
