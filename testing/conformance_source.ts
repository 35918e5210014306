/** Normal scans as a plugin under trial walks them, and models that lack something. @module */
import { type ModelFolder, ModelRefused, type Run, type Scan, type ScanSource } from "../core/mod.ts";
import { prepared, type Trial } from "./conformance_trial.ts";

/** Prepares and walks scans as the pipeline's source does; poor ones may lie among others. */
export function sourceOf<O>(
  trial: Trial<O>,
  scans: readonly Scan[],
  run: Run,
  onRefused: ScanSource["refuse"],
): ScanSource {
  return {
    count: scans.length,
    names: scans.map(({ name }) => name),
    async *walk() {
      for (const scan of scans) {
        using ready = prepared(trial, scan, run);
        yield ready;
      }
    },
    refuse: onRefused,
  };
}

/** A normal scan is refused by nobody. */
export const mayNot = (_: string, error: Error): never => {
  throw error;
};

/** A poor one may be. */
export const leaveOut = (): void => {};

/** The same source; before its second scan is given, something happens. */
export function atSecondScan(source: ScanSource, happen: () => void): ScanSource {
  return { ...source, walk: () => beforeSecond(source.walk(), happen) };
}

/** The same items; before the second is given, something happens. */
export async function* beforeSecond<T>(items: AsyncIterable<T>, happen: () => void): AsyncIterable<T> {
  let given = 0;
  for await (const item of items) {
    if (given++ === 1) happen();
    yield item;
  }
}

/** A model's folder with the same facts that has lost its tensors. */
export function withoutTensors(folder: ModelFolder): ModelFolder {
  return {
    ...folder,
    has: () => false,
    tensor(name) {
      throw new ModelRefused("in memory", `tensor ${name}`, "present", "missing");
    },
  };
}
