/**
 * How deep the gaps of normal scans are at each point of a generator's shapes. @module
 *
 * A point's number is its place on the ball, so shapes of different scans correspond. A point and its neighbours on the ball are taken
 * together; usual is what lies within three deviations of their mean.
 */

/** Deviations above the mean that a gap of a normal scan may have. */
const DEVIATIONS = 3;

/** Depths seen at the points of a generator's shapes. */
export interface GapStatistics {
  /** `N × 3`: count, sum and sum of squares of the depths seen at each point, metres. */
  readonly seen: Float64Array;
  /** Takes the depths at all points of a normal scan's shape, metres, negative where nothing is known. */
  add(depths: Float32Array): void;
  /** Usual depth at each point; with `but` as if those depths, which were added, had not been. */
  usual(but?: Float32Array): Float32Array<ArrayBuffer>;
}

/** Statistics over a ball's graph, `N × k`; `seen` is what was seen already. */
export function gapStatistics(
  neighbours: Uint32Array,
  k: number,
  seen = new Float64Array(3 * neighbours.length / k),
): GapStatistics {
  const count = seen.length / 3;
  const add = (to: Float64Array, depths: Float32Array, sign: number) => {
    for (let i = 0; i < count; i++) {
      if (depths[i] < 0) continue;
      to[3 * i] += sign;
      to[3 * i + 1] += sign * depths[i];
      to[3 * i + 2] += sign * depths[i] ** 2;
    }
  };
  return {
    seen,
    add: (depths) => add(seen, depths, 1),
    usual(but) {
      let sums = seen;
      if (but) {
        sums = seen.slice();
        add(sums, but, -1);
      }
      return Float32Array.from({ length: count }, (_, i) => {
        let n = 0, sum = 0, squares = 0;
        for (let m = -1; m < k; m++) {
          const j = 3 * (m < 0 ? i : neighbours[i * k + m]);
          n += sums[j];
          sum += sums[j + 1];
          squares += sums[j + 2];
        }
        if (n === 0) return 0;
        const mean = sum / n;
        return mean + DEVIATIONS * Math.sqrt(Math.max(0, squares / n - mean * mean));
      });
    },
  };
}
