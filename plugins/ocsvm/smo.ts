/**
 * The one-class SVM with a Gaussian kernel, solved by sequential minimal optimisation. @module
 *
 * min ½ αᵀKα, 0 ≤ α_i ≤ 1, Σ α = νn, with K(x, z) = exp(−γ‖x − z‖²); f(x) = Σ α_i K(x_i, x) − ρ, normal where f ≥ 0. The numbers are
 * libsvm's. Source: Schölkopf et al., "Estimating the support of a high-dimensional distribution", 2001; pairs are chosen by the second
 * order rule of Fan, Chen and Lin, JMLR 6, 2005.
 */

/** A curved boundary: f = 0. */
export interface KernelBoundary {
  /** `m × 2`: the pairs with α > 0. */
  readonly supports: Float64Array;
  /** Their α, in (0, 1]; the sum is nu · pairs. */
  readonly alphas: Float64Array;
  /** Offset, in units of Σ α K. */
  readonly rho: number;
  /** γ of the kernel, one over a squared distance. */
  readonly gamma: number;
  /** Share of the pairs that may lie outside. */
  readonly nu: number;
  /** How many pairs it was fitted to. */
  readonly pairs: number;
}

/** Steps a pair; a tolerance above rounding needs far fewer. */
const MOST_STEPS = 1000;

/** γ = 1/(2·Var), over all numbers of the pairs together: what scikit-learn calls "scale". 1 where all are equal, as there. */
export function gammaScale(pairs: Float64Array): number {
  const mean = pairs.reduce((sum, v) => sum + v, 0) / pairs.length;
  const variance = pairs.reduce((sum, v) => sum + (v - mean) ** 2, 0) / pairs.length;
  return variance > 0 ? 1 / (2 * variance) : 1;
}

/** f of a place of the plane. */
export function decision({ supports, alphas, rho, gamma }: KernelBoundary, x: number, y: number): number {
  let sum = 0;
  for (let i = 0; i < alphas.length; i++) {
    sum += alphas[i] * Math.exp(-gamma * ((x - supports[2 * i]) ** 2 + (y - supports[2 * i + 1]) ** 2));
  }
  return sum - rho;
}

/**
 * The boundary of `pairs`, n × 2, for `nu` in (0, 1]. It ends where no two gradients that could be evened out differ by `tolerance`, which
 * is how far f may be off. Keeps 8·n² bytes at most while it runs: meant for up to 4000 pairs. Ties go to the lower index.
 */
export function solveOneClass(
  pairs: Float64Array,
  nu: number,
  gamma: number,
  { tolerance }: { readonly tolerance: number },
): KernelBoundary {
  const count = pairs.length / 2, row = kernelRows(pairs, gamma);
  const alphas = startAlphas(count, nu * count), gradient = new Float64Array(count);
  for (let i = 0; i < count && alphas[i] > 0; i++) addRow(gradient, row(i), alphas[i]);
  for (let step = 0; step < MOST_STEPS * count; step++) {
    const i = least(gradient, alphas);
    if (i < 0) break; // nu 1: all count wholly
    const rowI = row(i), j = partner(gradient, alphas, i, rowI, tolerance);
    if (j < 0) break;
    const rowJ = row(j), best = (gradient[j] - gradient[i]) / curvature(rowI[j]);
    const room = Math.min(1 - alphas[i], alphas[j]), change = Math.min(best, room);
    alphas[i] = change === 1 - alphas[i] ? 1 : alphas[i] + change;
    alphas[j] -= change;
    for (let k = 0; k < count; k++) gradient[k] += change * (rowI[k] - rowJ[k]);
  }
  const kept = Array.from(alphas.keys()).filter((i) => alphas[i] > 0);
  return {
    supports: Float64Array.from(kept.flatMap((i) => [pairs[2 * i], pairs[2 * i + 1]])),
    alphas: Float64Array.from(kept, (i) => alphas[i]),
    rho: offset(gradient, alphas),
    gamma,
    nu,
    pairs: count,
  };
}

/** The first ⌊total⌋ pairs count wholly, the next one by the rest: libsvm's start. */
function startAlphas(count: number, total: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.max(0, Math.min(1, total - i)));
}

/** Rows of K, each computed when it is first asked for. */
function kernelRows(pairs: Float64Array, gamma: number): (i: number) => Float64Array {
  const count = pairs.length / 2, rows: (Float64Array | undefined)[] = new Array(count).fill(undefined);
  return (i) => {
    const kept = rows[i];
    if (kept) return kept;
    const row = new Float64Array(count), x = pairs[2 * i], y = pairs[2 * i + 1];
    for (let k = 0; k < count; k++) row[k] = Math.exp(-gamma * ((pairs[2 * k] - x) ** 2 + (pairs[2 * k + 1] - y) ** 2));
    return rows[i] = row;
  };
}

function addRow(to: Float64Array, row: Float64Array, factor: number): void {
  for (let k = 0; k < to.length; k++) to[k] += factor * row[k];
}

/** ‖Φ(x_i) − Φ(x_j)‖² from K_ij; what rounding leaves of equal pairs counts as a little. */
const curvature = (between: number): number => between < 1 ? 2 - 2 * between : 1e-12;

/** Which α that may rise has the least gradient. */
function least(gradient: Float64Array, alphas: Float64Array): number {
  let at = -1;
  for (let k = 0; k < gradient.length; k++) {
    if (alphas[k] < 1 && (at < 0 || gradient[k] < gradient[at])) at = k;
  }
  return at;
}

/** Which α that may fall wins most against α_i, to second order; −1 when no gradient is `tolerance` above i's. */
function partner(
  gradient: Float64Array,
  alphas: Float64Array,
  i: number,
  rowI: Float64Array,
  tolerance: number,
): number {
  let at = -1, most = 0, above = 0;
  for (let k = 0; k < gradient.length; k++) {
    if (!(alphas[k] > 0)) continue;
    const off = gradient[k] - gradient[i];
    if (!(off > 0)) continue;
    above = Math.max(above, off);
    const won = off * off / curvature(rowI[k]);
    if (won > most) [at, most] = [k, won];
  }
  return above < tolerance ? -1 : at;
}

/** ρ: the mean gradient of the α between 0 and 1; without one, the middle between both sides' nearest. */
function offset(gradient: Float64Array, alphas: Float64Array): number {
  let sum = 0, free = 0, atOne = -Infinity, atZero = Infinity;
  for (let k = 0; k < gradient.length; k++) {
    if (alphas[k] >= 1) atOne = Math.max(atOne, gradient[k]);
    else if (!(alphas[k] > 0)) atZero = Math.min(atZero, gradient[k]);
    else {
      sum += gradient[k];
      free++;
    }
  }
  if (free > 0) return sum / free;
  return atZero < Infinity ? (atOne + atZero) / 2 : atOne;
}
