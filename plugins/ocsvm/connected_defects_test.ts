import { deepEqual, equal } from "node:assert/strict";
import { connectedDefects, oneDefect } from "./connected_defects.ts";

const truth = (...rows: string[]) => Uint8Array.from(rows.join(""), (place) => +(place === "#"));

Deno.test("connectedDefects() joins places that touch by a corner, not those across the rows' ends", () => {
  const { shares, defects } = connectedDefects(truth("#..#", ".#..", "...#", "#..#"), 4);
  equal(defects, 4);
  const half = 1 / 2;
  deepEqual([...shares], [half, 0, 0, 1, 0, half, 0, 0, 0, 0, 0, half, 1, 0, 0, half]);
  equal(connectedDefects(truth("#.#", "#.#", "###"), 3).defects, 1);
  equal(connectedDefects(new Uint8Array(9), 3).defects, 0);
  equal(connectedDefects(new Uint8Array(160_000).fill(1), 400).shares[7], 1 / 160_000);
});

Deno.test("oneDefect() takes all of the truth as one", () => {
  deepEqual(oneDefect(truth("#..", "..#", "...")), {
    shares: Float64Array.of(0.5, 0, 0, 0, 0, 0.5, 0, 0, 0),
    defects: 1,
  });
  equal(oneDefect(new Uint8Array(4)).defects, 0);
});
