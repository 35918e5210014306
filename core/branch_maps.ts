/** What maps have to be to be fused. @module */
import { Uni3dadError } from "../errors.ts";
import type { BranchMaps } from "./plugin.ts";
import { type Run, throwIfAborted } from "./run.ts";

/** A branch's map that can't be fused: it holds what is no number, or is of another size than the other branch's. */
export class BranchMapRefused extends Uni3dadError {
  /** Stable name of this error; exit code 2. */
  readonly code = "map-refused" as const;
  /** `branch` is whose map it is; `problem` says what is wrong with it. */
  constructor(readonly branch: "feature" | "missing", readonly problem: string) {
    super(`Cannot fuse the map of the ${branch === "feature" ? "feature" : "missing-region"} branch: ${problem}`);
  }
}

/** Both maps are finite and of one size. @throws {BranchMapRefused} */
export function checkBranchMaps({ feature, missing }: BranchMaps): void {
  for (const [branch, { size, values }] of [["feature", feature], ["missing", missing]] as const) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new BranchMapRefused(branch, `value ${at} is ${values[at]}`);
    if (values.length !== size * size) {
      throw new BranchMapRefused(branch, `${values.length} values are not ${size} × ${size}`);
    }
  }
  if (missing.size === feature.size) return;
  const sizes = `it is ${missing.size} × ${missing.size}, the feature map ${feature.size} × ${feature.size}`;
  throw new BranchMapRefused("missing", sizes);
}

/** The same maps one after another, each checked; between two an interruption is heard. @throws {BranchMapRefused} @throws {RunAborted} */
export async function* checkedMaps<M extends BranchMaps>(all: AsyncIterable<M>, run: Run): AsyncIterable<M> {
  for await (const maps of all) {
    throwIfAborted(run);
    checkBranchMaps(maps);
    yield maps;
  }
}
