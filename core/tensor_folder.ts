/** Parts of a model over a map of tensors: one that is filled, and one that is read. @module */
import type { ModelFolder, Tensor } from "./model_folder.ts";
import type { Refuse } from "./model_index.ts";

/** A part whose tensors go into the map, under names that begin with `prefix`. Its facts stay with it. */
export function folderInto(tensors: Map<string, Tensor>, prefix = ""): ModelFolder {
  let facts: Readonly<Record<string, unknown>> = {};
  return {
    tensor: (name) => tensors.get(prefix + name)!,
    has: (name) => tensors.has(prefix + name),
    putTensor: (name, tensor) => void tensors.set(prefix + name, tensor),
    facts: () => facts,
    putFacts: (own) => void (facts = own),
  };
}

/** A part whose tensors lie in the map, under names that begin with `prefix`. Refuses a tensor that is not there. */
export function folderOver(
  tensors: ReadonlyMap<string, unknown>,
  facts: unknown,
  refuse: Refuse,
  prefix = "",
): ModelFolder {
  const readOnly = () => {
    throw new TypeError("Cannot write into a model that is being read");
  };
  return {
    tensor: (name) =>
      tensors.get(prefix + name) as Tensor | undefined ?? refuse(`tensor ${prefix}${name}`, "present", "missing"),
    has: (name) => tensors.has(prefix + name),
    putTensor: readOnly,
    facts: () => facts,
    putFacts: readOnly,
  };
}
