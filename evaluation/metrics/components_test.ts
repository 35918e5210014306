import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { connectedComponents } from "./components.ts";

/** Rows of `#` and `.` as a mask. */
function mask(...rows: string[]): [Uint8Array, number, number] {
  return [Uint8Array.from(rows.join(""), (place) => place === "#" ? 1 : 0), rows[0].length, rows.length];
}

Deno.test("connectedComponents() joins places that touch by a corner", () => {
  deepEqual(connectedComponents(...mask("#..", ".#.", "..#")).sizes, [3]);
  deepEqual(connectedComponents(...mask("..#", ".#.", "#..")).sizes, [3]);
});

Deno.test("connectedComponents() does not join across the rows' ends", () => {
  deepEqual(connectedComponents(...mask("..#", "#..", "...")).sizes, [1, 1]);
  deepEqual(connectedComponents(...mask("..#", "...", "#..")).sizes, [1, 1]);
});

Deno.test("connectedComponents() joins arms that meet late", () => {
  const { labels, sizes } = connectedComponents(...mask("#.#.#", "#.#.#", "#####", ".....", "#...."));
  deepEqual(sizes, [11, 1]);
  equal(labels[0], labels[4]);
  equal(labels[20], 2);
});

Deno.test("connectedComponents() finds nothing in an empty mask, and one in a full one of 400 × 400", () => {
  deepEqual(connectedComponents(new Uint8Array(12), 4, 3).sizes, []);
  deepEqual(connectedComponents(new Uint8Array(160_000).fill(1), 400, 400).sizes, [160_000]);
});

Deno.test("connectedComponents() gives the classes of the relation 'touches', each with its size", () => {
  const masks = fc.integer({ min: 1, max: 8 }).chain((width) =>
    fc.tuple(
      fc.constant(width),
      fc.array(fc.array(fc.nat(1), { minLength: width, maxLength: width }), { minLength: 1 }),
    )
  );
  fc.assert(fc.property(masks, ([width, rows]) => {
    const truth = Uint8Array.from(rows.flat());
    const { labels, sizes } = connectedComponents(truth, width, rows.length);
    const smallest = Array.from(truth, (value, place) => value ? place : -1); // the least place of a class, by relaxation
    for (let changed = true; changed;) {
      changed = false;
      for (let a = 0; a < truth.length; a++) {
        for (let b = 0; b < truth.length; b++) {
          const near = Math.abs(a % width - b % width) <= 1 &&
            Math.abs(Math.floor(a / width) - Math.floor(b / width)) <= 1;
          if (!near || !truth[a] || !truth[b] || smallest[b] >= smallest[a]) continue;
          smallest[a] = smallest[b];
          changed = true;
        }
      }
    }
    const order = [...new Set(smallest)].filter((place) => place >= 0).sort((a, b) => a - b);
    deepEqual([...labels], smallest.map((place) => order.indexOf(place) + 1));
    deepEqual([...sizes], order.map((place) => smallest.filter((other) => other === place).length));
  }));
});
