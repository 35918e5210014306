/**
 * The connected defects of a ground-truth mask. @module
 *
 * Places that touch by an edge or a corner belong together (3 × 3 structuring element of ones), as in the evaluation code of MVTec 3D-AD.
 */

/** The components of one mask. */
export interface Components {
  /** Row-major, one a place: the component's number from 1, or 0 where the mask is 0. */
  readonly labels: Int32Array;
  /** Places of each component; `sizes[0]` is component 1. Numbered in the order of their first place. */
  readonly sizes: readonly number[];
}

/** The 8-connected components of `mask` (`width × height`, row-major, anomalous where not 0), by flood fill: each place is visited once. */
export function connectedComponents(mask: Uint8Array, width: number, height: number): Components {
  const labels = new Int32Array(width * height);
  const pending = new Int32Array(width * height); // a place is labelled when pushed, so it is pushed once at most
  const sizes: number[] = [];
  for (let seed = 0; seed < labels.length; seed++) {
    if (mask[seed] === 0 || labels[seed] !== 0) continue;
    const label = sizes.length + 1;
    let top = 0, size = 0;
    labels[seed] = label;
    pending[top++] = seed;
    while (top > 0) {
      const place = pending[--top];
      size++;
      const x = place % width, y = (place - x) / width;
      const right = Math.min(x + 1, width - 1), bottom = Math.min(y + 1, height - 1);
      for (let v = Math.max(y - 1, 0); v <= bottom; v++) {
        for (let u = Math.max(x - 1, 0); u <= right; u++) {
          const near = v * width + u;
          if (mask[near] === 0 || labels[near] !== 0) continue;
          labels[near] = label;
          pending[top++] = near;
        }
      }
    }
    sizes.push(size);
  }
  return { labels, sizes };
}
