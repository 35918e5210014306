/**
 * One frame for all normal shapes of a product, so that a generator need not learn how instances happen to lie. @module
 *
 * Registration says how each scan lies to those most like it. The tree of the cheapest of these pairs that reaches all scans (Prim) leads each
 * of them to the one that all others are cheapest to, whose table frame is the common one.
 */

/** A rigid motion: row-major 3 × 4, p ↦ R p + t; more numbers may follow. */
export type Motion = ArrayLike<number>;

/** How a scan lies to another one. */
export interface Neighbouring {
  /** The other's number. */
  readonly member: number;
  /** How badly they fit; smaller is better. */
  readonly cost: number;
  /** This scan's table frame → the other's. */
  readonly motion: Motion;
}

/** p ↦ after(before(p)). */
export function composed(after: Motion, before: Motion): Float64Array {
  const motion = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = column === 3 ? after[4 * row + 3] : 0;
      for (let i = 0; i < 3; i++) sum += after[4 * row + i] * before[4 * i + column];
      motion[4 * row + column] = sum;
    }
  }
  return motion;
}

/** p ↦ R (p − from) + to, R row-major. */
export function about(rotation: readonly number[], from: readonly number[], to: readonly number[]): Float64Array {
  const motion = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    motion[4 * row + 3] = to[row];
    for (let column = 0; column < 3; column++) {
      motion[4 * row + column] = rotation[3 * row + column];
      motion[4 * row + 3] -= rotation[3 * row + column] * from[column];
    }
  }
  return motion;
}

/** The way back. */
export function inverted(motion: Motion): Float64Array {
  const back = new Float64Array(12);
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      back[4 * row + column] = motion[4 * column + row];
      back[4 * row + 3] -= motion[4 * column + row] * motion[4 * column + 3];
    }
  }
  return back;
}

/** For each scan the motion from its table frame to the common one; undefined for those that no pair leads to. */
export function commonFrame(scans: readonly (readonly Neighbouring[])[]): (Float64Array | undefined)[] {
  const pairs = scans.flatMap((found, scan) =>
    found.map(({ member, cost, motion }) => ({ scan, member, cost, motion }))
  )
    .sort((a, b) => a.cost - b.cost || a.scan - b.scan || a.member - b.member);
  const motions: (Float64Array | undefined)[] = scans.map(() => undefined);
  const root = rootOf(scans.length, pairs);
  if (root === undefined) return motions;
  motions[root] = Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0);
  for (;;) {
    const next = pairs.find(({ scan, member }) => (motions[scan] === undefined) !== (motions[member] === undefined));
    if (!next) return motions;
    const { scan, member, motion } = next;
    if (motions[scan] === undefined) motions[scan] = composed(motions[member]!, motion);
    else motions[member] = composed(motions[scan]!, inverted(motion));
  }
}

/** The scan that most others were brought to, the cheapest where several are. */
function rootOf(count: number, pairs: readonly { member: number; cost: number }[]): number | undefined {
  const times = new Float64Array(count), costs = new Float64Array(count);
  for (const { member, cost } of pairs) {
    times[member]++;
    costs[member] += cost;
  }
  const numbers = Array.from(times, (_, i) => i).filter((i) => times[i] > 0);
  return numbers.sort((a, b) => times[b] - times[a] || costs[a] / times[a] - costs[b] / times[b] || a - b)[0];
}
