/** Farthest-point sampling: a few points that cover a cloud evenly. @module */

/**
 * Numbers of `wanted` of the points (`count × stride`, x y z first): `start`, then always the point farthest from all that were taken, ties to
 * the smallest number. Where there are fewer different points than wanted they are taken again in the order of the first round.
 */
export function farthestPoints(points: ArrayLike<number>, stride: number, wanted: number, start: number): Uint32Array {
  const count = points.length / stride, taken = new Uint32Array(wanted);
  const nearest = new Float32Array(count).fill(Infinity);
  let at = start;
  for (let n = 0; n < wanted; n++) {
    taken[n] = at;
    const x = points[at * stride], y = points[at * stride + 1], z = points[at * stride + 2];
    let farthest = 0, next = -1;
    for (let i = 0; i < count; i++) {
      const dx = points[i * stride] - x, dy = points[i * stride + 1] - y, dz = points[i * stride + 2] - z;
      const square = Math.fround(dx * dx + dy * dy + dz * dz), least = square < nearest[i] ? square : nearest[i];
      nearest[i] = least;
      if (least > farthest) {
        farthest = least;
        next = i;
      }
    }
    if (next < 0) { // every point is a copy of one that was taken
      for (let more = n + 1; more < wanted; more++) taken[more] = taken[more % (n + 1)];
      return taken;
    }
    at = next;
  }
  return taken;
}
