/** The score of a whole scan from its patches. @module */

/** The bank on the host. */
export interface HostBank {
  /** `count × stride`. */
  readonly values: Float32Array;
  readonly count: number;
  readonly columns: number;
  readonly stride: number;
}

/**
 * PatchCore's re-weighted maximum (Roth et al. 2022, section 3.3) as the published code of Back to the Feature computes it: of the
 * three bank rows nearest to b*, the nearest row of the most distant patch, the first (b* itself) is left out of the weight.
 * `patch` is the most distant patch, `distance` its distance to row `nearest` of the bank.
 */
export function reweightedScore(bank: HostBank, patch: Float32Array, nearest: number, distance: number): number {
  const around = nearestThree(bank, bank.values.subarray(nearest * bank.stride, nearest * bank.stride + bank.columns));
  const root = Math.sqrt(bank.columns);
  const others = around.slice(1).map((row) => rowDistance(bank, row, patch));
  const most = Math.max(distance, ...others); // taken off every exponent, so that none overflows
  const sum = others.reduce((total, other) => total + Math.exp((other - most) / root), 0);
  return (1 - Math.exp((distance - most) / root) / sum) * distance;
}

/** Rows of the bank by distance to `patch`, nearest first, ties by index. */
function nearestThree(bank: HostBank, patch: Float32Array): number[] {
  const best: { row: number; distance: number }[] = [];
  for (let row = 0; row < bank.count; row++) {
    const distance = rowDistance(bank, row, patch);
    if (best.length === 3 && !(distance < best[2].distance)) continue;
    const at = best.findIndex((b) => distance < b.distance);
    best.splice(at < 0 ? best.length : at, 0, { row, distance });
    best.length = Math.min(best.length, 3);
  }
  return best.map(({ row }) => row);
}

function rowDistance({ values, columns, stride }: HostBank, row: number, patch: Float32Array): number {
  let sum = 0;
  for (let c = 0; c < columns; c++) sum += (values[row * stride + c] - patch[c]) ** 2;
  return Math.sqrt(sum);
}
