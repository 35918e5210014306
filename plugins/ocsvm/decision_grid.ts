/** Decision values on a grid that holds the whole normal region. @module */
import type { KernelBoundary } from "./smo.ts";

/** f at the nodes of a grid; below 0 all around its edge. */
export interface DecisionGrid {
  /** Rising, evenly spaced: the nodes' x. */
  readonly x: Float64Array;
  /** Rising, evenly spaced: the nodes' y. */
  readonly y: Float64Array;
  /** Row by row, x fastest: `y.length × x.length`. */
  readonly f: Float64Array;
}

/** Nodes along an axis: at least, and at most. */
const FEWEST = 513, MOST = 2049;

/** Nodes within 1/√γ, the reach of the kernel, as far as there may be so many. */
const NODES_IN_REACH = 16;

/** Margin around the supports, in reaches. */
const MARGIN = 3;

/** Where γ‖x − z‖² is above this, the kernel is below half a unit in the last place of 1. */
export const SILENT = 37;

/** f around the supports. A part of the normal region that lies between two nodes is not seen. */
export function decisionGrid(boundary: KernelBoundary): DecisionGrid {
  const { alphas, supports, rho, gamma } = boundary, total = alphas.reduce((sum, alpha) => sum + alpha, 0);
  // f < 0 where the nearest support is farther than √(ln(Σα/ρ)/γ)
  const margin = Math.max(MARGIN, 0.1 + Math.sqrt(Math.max(0, Math.log(total / rho)))) / Math.sqrt(gamma);
  const axis = (which: 0 | 1) => evenly(supports.filter((_, i) => i % 2 === which), margin, gamma);
  const x = axis(0), y = axis(1), f = new Float64Array(x.length * y.length).fill(-rho);
  for (let i = 0; i < alphas.length; i++) {
    const across = bell(x, supports[2 * i], gamma), down = bell(y, supports[2 * i + 1], gamma);
    for (let r = 0; r < down.values.length; r++) { // the kernel is a product of one factor an axis
      const factor = alphas[i] * down.values[r], start = (down.first + r) * x.length + across.first;
      for (let c = 0; c < across.values.length; c++) f[start + c] += factor * across.values[c];
    }
  }
  return { x, y, f };
}

function evenly(values: Float64Array, margin: number, gamma: number): Float64Array {
  const low = values.reduce((a, b) => Math.min(a, b)) - margin, high = values.reduce((a, b) => Math.max(a, b)) + margin;
  const wanted = Math.ceil(NODES_IN_REACH * (high - low) * Math.sqrt(gamma)) + 1;
  const nodes = Math.max(FEWEST, Math.min(MOST, wanted));
  return Float64Array.from({ length: nodes }, (_, i) => low + (high - low) * i / (nodes - 1));
}

/** exp(−γ(node − centre)²) of the nodes where it is not silent. */
function bell(nodes: Float64Array, centre: number, gamma: number): { first: number; values: Float64Array } {
  const reach = Math.sqrt(SILENT / gamma), step = nodes[1] - nodes[0];
  const first = Math.max(0, Math.ceil((centre - reach - nodes[0]) / step));
  const last = Math.min(nodes.length - 1, Math.floor((centre + reach - nodes[0]) / step));
  const values = nodes.subarray(first, last + 1).map((node) => Math.exp(-gamma * (node - centre) ** 2));
  return { first, values };
}
