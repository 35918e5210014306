/** Scans as the sources that a fit walks, and folders that a model is kept in, both in memory. @module */
import type { Uni3dadError } from "../errors.ts";
import {
  type ModelFolder,
  ModelRefused,
  type NamedScan,
  type Run,
  type Scan,
  type ScanSource,
  scanSource,
  type Tensor,
} from "../core/mod.ts";
import { tinyPrepare } from "./tiny_scan.ts";

/** Scans in memory, prepared as tiny ones are; a scan that is refused throws unless somebody is told. */
export function tinySource(
  run: Run,
  scans: readonly Scan[],
  onRefused: (scan: string, error: Uni3dadError) => void = (_, error) => {
    throw error;
  },
): ScanSource {
  const named = scans.map((scan): NamedScan => ({ name: scan.name, load: () => Promise.resolve(scan) }));
  return scanSource({ scans: named, prepare: tinyPrepare, run, task: "test", onRefused });
}

/** What is put can be read; facts pass through JSON as in a file. */
export function tinyFolder(): ModelFolder & { readonly tensors: Map<string, Tensor> } {
  const tensors = new Map<string, Tensor>();
  let facts = "{}";
  return {
    tensors,
    tensor(name) {
      const kept = tensors.get(name);
      if (!kept) throw new ModelRefused("in memory", `tensor ${name}`, "present", "missing");
      return kept;
    },
    has: (name) => tensors.has(name),
    putTensor: (name, tensor) => void tensors.set(name, tensor),
    facts: () => JSON.parse(facts),
    putFacts: (own) => void (facts = JSON.stringify(own)),
  };
}
