import { deepEqual, throws } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { inverseNeighbours } from "./inverse_neighbours.ts";
import { integers } from "./nearest_row_reference.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

async function invert(gpu: Gpu, ends: Uint32Array<ArrayBuffer>, rows: number) {
  using neighbours = gpu.upload("u32", ends), inverse = inverseNeighbours(gpu, { neighbours, rows });
  const [starts, edges] = await Promise.all([gpu.read(inverse.starts), gpu.read(inverse.edges)]);
  return { starts, edges };
}

/** The definition: for each row the edges that end at it, ascending. */
function reference(ends: Uint32Array, rows: number) {
  const lists = Array.from({ length: rows }, (): number[] => []);
  ends.forEach((row, edge) => lists[row]?.push(edge));
  const starts = new Uint32Array(rows + 1);
  lists.forEach((list, row) => starts[row + 1] = starts[row] + list.length);
  return { starts, edges: Uint32Array.from(lists.flat()) };
}

const NONE = 0xffffffff;
/** Numbers below `below` without order. */
const mixed = (length: number, below: number) =>
  Uint32Array.from({ length }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 8) % below);

const cases: Record<string, readonly [Uint32Array<ArrayBuffer>, number]> = {
  "one edge": [Uint32Array.of(0), 1],
  "no edge": [new Uint32Array(0), 3],
  "edges that end nowhere": [Uint32Array.of(NONE, 2, 5, NONE, 0, 2, 3), 3],
  "nothing but those": [Uint32Array.of(NONE, NONE), 4],
  "more rows than edges": [mixed(17, 900), 1000],
  "a graph of ten neighbours": [mixed(20_480, 2048), 2048],
  "all edges at one row": [new Uint32Array(70_000).fill(7), 9],
  "few rows, in runs": [Uint32Array.from(integers(5000, 3)), 16],
  "a row that no edge ends at, first and last": [Uint32Array.from({ length: 99 }, (_, i) => 1 + i % 3), 6],
};

for (const [name, [ends, rows]] of Object.entries(cases)) {
  gpuTest(`inverseNeighbours() sorts edges by the row they end at: ${name}`, async (gpu) => {
    const want = reference(ends, rows), { starts, edges } = await invert(gpu, ends, rows);
    deepEqual(starts, want.starts);
    deepEqual(edges.subarray(0, want.edges.length), want.edges);
  });
}

gpuTest("inverseNeighbours() takes a million edges, and more slices on another adapter", async (gpu) => {
  const rows = 16_384, ends = mixed(1_000_000, rows), want = reference(ends, rows);
  const other = new Proxy(gpu, {
    get(target, name) {
      if (name === "adapter") return { ...gpu.adapter, software: !gpu.adapter.software };
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  for (const adapter of [gpu, other]) deepEqual(await invert(adapter, ends, rows), want);
});

gpuTest("inverseNeighbours() refuses no rows and too many", (gpu) => {
  using neighbours = gpu.upload("u32", Uint32Array.of(1));
  throws(() => inverseNeighbours(gpu, { neighbours, rows: 0 }), ShapeMismatch);
  throws(() => inverseNeighbours(gpu, { neighbours, rows: 2 ** 22 + 1 }), ShapeMismatch);
});
