/** The connected defects of a map's truth, as the evaluation code of MVTec 3D-AD takes them: places that touch by a corner belong together. @module */

/** What each place counts: 1 / size of the defect that it belongs to, 0 where there is none. */
export interface DefectShares {
  /** `size²`. */
  readonly shares: Float64Array;
  /** How many defects there are. */
  readonly defects: number;
}

/** The shares of a `size²` truth, not 0 where a defect is, by flood fill. */
export function connectedDefects(truth: Uint8Array, size: number): DefectShares {
  const shares = new Float64Array(truth.length), pending: number[] = [];
  let defects = 0;
  for (let seed = 0; seed < truth.length; seed++) {
    if (truth[seed] === 0 || shares[seed] !== 0) continue;
    const places = [seed];
    shares[seed] = 1;
    pending.push(seed);
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      const x = place % size, y = (place - x) / size;
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, size - 1); v++) {
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, size - 1); u++) {
          const near = v * size + u;
          if (truth[near] === 0 || shares[near] !== 0) continue;
          shares[near] = 1;
          places.push(near);
          pending.push(near);
        }
      }
    }
    for (const place of places) shares[place] = 1 / places.length;
    defects++;
  }
  return { shares, defects };
}

/** The shares where all of the truth is one defect, as of a pasted one, even where a gap of the part cuts it in two. */
export function oneDefect(truth: Uint8Array): DefectShares {
  const places = truth.reduce((sum, place) => place !== 0 ? sum + 1 : sum, 0), shares = new Float64Array(truth.length);
  truth.forEach((place, i) => shares[i] = place !== 0 ? 1 / places : 0);
  return { shares, defects: Math.sign(places) };
}
