/**
 * WGSL of a tile of X Wᵀ, shared by the operations that do different things with it. @module
 *
 * An invocation has `TILE_ROWS × 4·TILE_QUADS` sums. Rows and outputs past the end are the last ones once more, so that nothing branches.
 * The text is for `unrolled` with `r` the tile's rows, `q` its quads of outputs and `c` 4.
 */
import type { Gpu } from "./runtime/mod.ts";

/**
 * What costs on a processor is the load of a lane, so that its tiles are as large and square as its compiler bears. GPUs hide loads behind
 * many invocations, and have too few registers for 256 sums.
 */
export const tileShapes = {
  square: { rows: 16, quads: 4 },
  narrow: { rows: 16, quads: 1 },
  flat: { rows: 4, quads: 1 },
  gpu: { rows: 4, quads: 2 },
} as const;

/** The tile for runs of so many rows and for so many outputs. */
export function tileFor(
  gpu: Gpu,
  { rows, outputs }: { readonly rows: number; readonly outputs: number },
): keyof typeof tileShapes {
  return !gpu.adapter.software ? "gpu" : rows <= 8 ? "flat" : outputs <= 4 ? "narrow" : "square";
}

/** The tile's outputs, from quad `across` on: `quad#q`, and where their weights begin. */
export const tileOutputs = /* wgsl */ `
      let quad#q = min(across + #qu, sizes.outQuads - 1u);
      let w#q_#c_at = min(4u * quad#q + #cu, sizes.outputs - 1u) * sizes.quads;`;

/** The tile's rows, from row `first` on of the `sizes.groupRows` that begin at row `start`: `row#r`, and the sums `s#r_#q`. */
export const tileSums = /* wgsl */ `
      let row#r = start + min(first + #ru, sizes.groupRows - 1u);
      let x#r_at = row#r * sizes.quads;
      var s#r_#q = vec4f();
      for (var k = 0u; k < sizes.quads; k++) {
        let x#r = rows[x#r_at + k];
        let w#q_#c = weights[w#q_#c_at + k];
        s#r_#q += vec4f(dot(x#r, w#q_0), dot(x#r, w#q_1), dot(x#r, w#q_2), dot(x#r, w#q_3));
      }`;
