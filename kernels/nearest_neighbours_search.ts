/**
 * The two searches behind `nearestNeighbours`: a ball in a grid, and every point. @module
 *
 * Both write the k best of a query, ascending by (squared distance, index); the grid's search passes a query on when its ball holds
 * fewer than k points, or so many that the loops of one invocation would grow too long.
 */
import { defineKernel } from "./runtime/mod.ts";
import { gridSnippet, squareSnippet } from "./nearest_neighbours_grid.ts";

/** Points that one invocation of {@linkcode makeScan} looks at: with 10 steps in the heap each, below what a software adapter can loop. */
export const SCAN_SLICE = 4096;

/**
 * Queries of a list against the ball around each that the grid is known to cover.
 *
 * A histogram of the squared distances in the ball says how many bins hold the k nearest; the points of those bins are put down in the
 * bins' order, and an insertion sort within the bins finishes. On a surface the bins fill evenly.
 */
export function makeBallSearch(capacity: string) {
  return defineKernel({
    name: "neighbour-ball",
    workgroup: { gpu: 64, software: 32 },
    snippets: [gridSnippet, squareSnippet, capacity],
    bindings: {
      points: "read vec4f",
      sorted: "read vec4u",
      order: "read u32",
      starts: "read u32",
      lists: "read_write u32",
      state: "read_write atomic<u32>",
      indices: "read_write u32",
      distances: "read_write f32",
    },
    sizes: { pointCount: "u32", list: "u32", first: "u32", k: "u32", reach: "u32", shift: "u32" },
    wgsl: /* wgsl */ `
    const MOST_CANDIDATES: u32 = 8192u; // looked at twice; with MOST_MOVES below what a software adapter can loop
    const MOST_MOVES: u32 = 20000u;

    /** A query and the ball around it. */
    struct Ball {
      center: vec3f,
      cell: vec3i,
      inside: vec3f, // place in the cell, in cells
      radius: f32, // in cells; what lies further out is not known to be complete
      limit: f32, // the square of the part of the radius that rounding cannot reach
      perBin: f32, // bins a unit of squared distance
    }

    /** Sorted points of the row (y, z) of cells around the query that the ball reaches. */
    struct Row { begin: u32, length: u32, key: u32 }

    fn rowOf(ball: Ball, y: i32, z: i32) -> Row {
      let gapY = max(max(f32(y) - ball.inside.y, ball.inside.y - f32(y + 1)), 0.0);
      let gapZ = max(max(f32(z) - ball.inside.z, ball.inside.z - f32(z + 1)), 0.0);
      let rest = ball.radius * ball.radius - gapY * gapY - gapZ * gapZ;
      if (rest <= 0.0) { return Row(0u, 0u, 0u); }
      let x0 = ball.cell.x + i32(floor(ball.inside.x - sqrt(rest)));
      let x1 = ball.cell.x + i32(floor(ball.inside.x + sqrt(rest)));
      let row = rowHash(ball.cell.y + y, ball.cell.z + z, sizes.shift);
      let mask = 0xffffffffu >> sizes.shift;
      let b0 = (row + bitcast<u32>(x0)) & mask;
      let b1 = (row + bitcast<u32>(x1)) & mask;
      let begin = starts[b0];
      let end = starts[b1 + 1u];
      let length = select(end - begin, sizes.pointCount - begin + end, b1 < b0);
      return Row(begin, length, rowKey(ball.cell.y + y, ball.cell.z + z));
    }

    /** Counts the points of the ball by squared distance; false when there are too many to look at. */
    fn countBall(ball: Ball, bins: ptr<function, array<u32, BINS>>) -> bool {
      let reach = i32(sizes.reach);
      var looked = 0u;
      for (var z = -reach; z <= reach; z++) {
        for (var y = -reach; y <= reach; y++) {
          let row = rowOf(ball, y, z);
          looked += row.length;
          if (looked > MOST_CANDIDATES) { return false; }
          for (var i = 0u; i < row.length; i++) {
            let at = row.begin + i;
            let other = sorted[select(at, at - sizes.pointCount, at >= sizes.pointCount)];
            let square = squareOf(bitcast<vec3f>(other.xyz) - ball.center);
            if (other.w == row.key && square <= ball.limit) { (*bins)[min(u32(square * ball.perBin), BINS - 1u)] += 1u; }
          }
        }
      }
      return true;
    }

    /** Puts down the points of the bins up to a cut, each where its bin's cursor stands. */
    fn collectBall(
      ball: Ball,
      cut: u32,
      bins: ptr<function, array<u32, BINS>>,
      distance: ptr<function, array<f32, CAPACITY>>,
      index: ptr<function, array<u32, CAPACITY>>,
    ) {
      let reach = i32(sizes.reach);
      for (var z = -reach; z <= reach; z++) {
        for (var y = -reach; y <= reach; y++) {
          let row = rowOf(ball, y, z);
          for (var i = 0u; i < row.length; i++) {
            var at = row.begin + i;
            at = select(at, at - sizes.pointCount, at >= sizes.pointCount);
            let other = sorted[at];
            let square = squareOf(bitcast<vec3f>(other.xyz) - ball.center);
            let bin = min(u32(square * ball.perBin), BINS - 1u);
            if (other.w == row.key && square <= ball.limit && bin <= cut) {
              let to = (*bins)[bin];
              (*bins)[bin] = to + 1u;
              (*distance)[to] = square;
              (*index)[to] = order[at];
            }
          }
        }
      }
    }

    fn passOn(query: u32) {
      let next = sizes.list + 1u;
      let at = atomicAdd(&state[next], 1u);
      lists[(next & 1u) * sizes.pointCount + at] = query;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= atomicLoad(&state[sizes.list])) { return; }
      let query = lists[(sizes.list & 1u) * sizes.pointCount + thread.x];
      let origin = vec3f(
        bitcast<f32>(atomicLoad(&state[SCALE])),
        bitcast<f32>(atomicLoad(&state[SCALE + 1u])),
        bitcast<f32>(atomicLoad(&state[SCALE + 2u])),
      );
      let side = bitcast<f32>(atomicLoad(&state[SCALE + 3u]));
      let p = points[query].xyz;
      let t = (p - origin) * bitcast<f32>(atomicLoad(&state[SCALE + 4u]));
      let away = max(max(abs(t.x), abs(t.y)), abs(t.z));
      if (away > FARTHEST) { passOn(query); return; }
      let inside = t - floor(t);
      let least = min(inside, 1.0 - inside);
      let radius = f32(sizes.reach) + min(min(least.x, least.y), least.z);
      let certain = (radius - (away + radius) * 0x1p-19f) * side;
      let limit = certain * certain * (1.0 - 0x1p-20f);
      if (!(certain > 0.0) || !(limit > 0x1p-100f)) { passOn(query); return; }
      let ball = Ball(p, cellOf(t), inside, radius, limit, f32(BINS) / limit);

      var bins: array<u32, BINS>;
      var distance: array<f32, CAPACITY>;
      var index: array<u32, CAPACITY>;
      for (var b = 0u; b < BINS; b++) { bins[b] = 0u; }
      if (!countBall(ball, &bins)) { passOn(query); return; }
      var cut = BINS; // bins up to this one hold the k nearest
      var kept = 0u;
      var before = 0u;
      for (var b = 0u; b < BINS; b++) {
        let here = bins[b];
        bins[b] = before;
        before += here;
        if (before >= sizes.k) {
          cut = b;
          kept = before;
          break;
        }
      }
      if (cut == BINS || kept > CAPACITY) { passOn(query); return; }
      collectBall(ball, cut, &bins, &distance, &index);

      var moves = 0u;
      for (var i = 1u; i < kept; i++) {
        let d = distance[i];
        let j = index[i];
        var to = i;
        while (to > 0u && moves < MOST_MOVES) {
          let e = distance[to - 1u];
          let f = index[to - 1u];
          if (e < d || (e == d && f < j)) { break; }
          distance[to] = e;
          index[to] = f;
          to -= 1u;
          moves += 1u;
        }
        distance[to] = d;
        index[to] = j;
      }
      if (moves >= MOST_MOVES) { passOn(query); return; }
      let base = (query - sizes.first) * sizes.k;
      for (var i = 0u; i < sizes.k; i++) {
        indices[base + i] = index[i];
        distances[base + i] = distance[i];
      }
    }`,
  });
}

/**
 * Queries of a list against a slice of all points. The k best so far are a heap, the worst on top, that lies in the outputs between
 * slices; the last slice sorts it.
 */
export function makeScan(capacity: string) {
  return defineKernel({
    name: "neighbour-scan",
    workgroup: { gpu: 64, software: 64 },
    snippets: [squareSnippet, capacity],
    bindings: {
      points: "read vec4f",
      lists: "read u32",
      state: "read u32",
      indices: "read_write u32",
      distances: "read_write f32",
    },
    sizes: { pointCount: "u32", list: "u32", first: "u32", k: "u32", begin: "u32", end: "u32" },
    wgsl: /* wgsl */ `
    const NONE: u32 = 0xffffffffu;
    const FAR: f32 = 0x1.fffffep+127f;

    var<private> distance: array<f32, CAPACITY>;
    var<private> index: array<u32, CAPACITY>;

    /** Puts (d, j) into the heap of that size in place of its top. */
    fn replaceTop(d: f32, j: u32, size: u32) {
      var hole = 0u;
      loop {
        var child = 2u * hole + 1u;
        if (child >= size) { break; }
        let other = child + 1u;
        if (other < size) {
          let a = distance[child];
          let b = distance[other];
          if (b > a || (b == a && index[other] > index[child])) { child = other; }
        }
        let e = distance[child];
        let f = index[child];
        if (e < d || (e == d && f < j)) { break; }
        distance[hole] = e;
        index[hole] = f;
        hole = child;
      }
      distance[hole] = d;
      index[hole] = j;
    }

    @compute @workgroup_size(WORKGROUP)
    fn main(@builtin(global_invocation_id) thread: vec3u) {
      if (thread.x >= state[sizes.list]) { return; }
      let query = lists[(sizes.list & 1u) * sizes.pointCount + thread.x];
      let p = points[query].xyz;
      let base = (query - sizes.first) * sizes.k;
      for (var i = 0u; i < sizes.k; i++) {
        distance[i] = FAR;
        index[i] = NONE;
        if (sizes.begin > 0u) {
          distance[i] = distances[base + i];
          index[i] = indices[base + i];
        }
      }
      for (var i = sizes.begin; i < sizes.end; i++) {
        let d = points[i].xyz - p;
        let square = squareOf(d);
        if (square < distance[0] || (square == distance[0] && i < index[0])) { replaceTop(square, i, sizes.k); }
      }
      if (sizes.end == sizes.pointCount) { // heap sort: the worst to the end, again and again
        for (var size = sizes.k - 1u; size > 0u; size--) {
          let d = distance[size];
          let j = index[size];
          distance[size] = distance[0];
          index[size] = index[0];
          replaceTop(d, j, size);
        }
      }
      for (var i = 0u; i < sizes.k; i++) {
        distances[base + i] = distance[i];
        indices[base + i] = index[i];
      }
    }`,
  });
}
