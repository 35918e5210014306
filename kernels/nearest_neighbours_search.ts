/**
 * The two searches behind `nearestNeighbours`: a ball in a grid, and every point. @module
 *
 * Both write the k best of a query, ascending by (squared distance, index); the grid's search passes a query on when its ball holds
 * fewer than k points, or so many that the loops of one invocation would grow too long.
 */
import { defineKernel } from "./runtime/mod.ts";
import { gridSnippet } from "./nearest_neighbours_grid.ts";

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
    workgroup: { gpu: 64, software: 16 },
    snippets: [gridSnippet, capacity],
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
      let cell = cellOf(t);
      let inside = t - floor(t);
      let least = min(inside, 1.0 - inside);
      let reach = i32(sizes.reach);
      // radius of the ball, in cells, that the block of cells around the query holds; the certain part leaves out what rounding can move
      let radius = f32(reach) + min(min(least.x, least.y), least.z);
      let certain = (radius - (away + radius) * 0x1p-19f) * side;
      let limit = certain * certain * (1.0 - 0x1p-20f);
      if (!(certain > 0.0) || !(limit > 0x1p-100f)) { passOn(query); return; }
      let perBin = f32(BINS) / limit;

      var bins: array<u32, BINS>;
      var distance: array<f32, CAPACITY>;
      var index: array<u32, CAPACITY>;
      for (var b = 0u; b < BINS; b++) { bins[b] = 0u; }
      let mask = 0xffffffffu >> sizes.shift;
      var cut = 0u; // bins up to this one hold the k nearest
      var kept = 0u;
      var looked = 0u;
      for (var look = 0u; look < 2u; look++) { // first count, then put down
        for (var z = -reach; z <= reach; z++) {
          let gapZ = max(max(f32(z) - inside.z, inside.z - f32(z + 1)), 0.0);
          for (var y = -reach; y <= reach; y++) {
            let gapY = max(max(f32(y) - inside.y, inside.y - f32(y + 1)), 0.0);
            let half = radius * radius - gapY * gapY - gapZ * gapZ;
            if (half <= 0.0) { continue; }
            let x0 = cell.x + i32(floor(inside.x - sqrt(half)));
            let x1 = cell.x + i32(floor(inside.x + sqrt(half)));
            let key = rowKey(cell.y + y, cell.z + z);
            let row = rowHash(cell.y + y, cell.z + z, sizes.shift);
            let b0 = (row + bitcast<u32>(x0)) & mask;
            let b1 = (row + bitcast<u32>(x1)) & mask;
            var at = starts[b0];
            let end = starts[b1 + 1u];
            let length = select(end - at, sizes.pointCount - at + end, b1 < b0);
            looked += length;
            if (looked > MOST_CANDIDATES) { break; }
            for (var i = 0u; i < length; i++) {
              if (at >= sizes.pointCount) { at = 0u; }
              let other = sorted[at];
              let d = bitcast<vec3f>(other.xyz) - p;
              let square = dot(d, d);
              if (other.w == key && square <= limit) {
                let bin = min(u32(square * perBin), BINS - 1u);
                if (look == 0u) {
                  bins[bin] += 1u;
                } else if (bin <= cut) {
                  let to = bins[bin];
                  bins[bin] = to + 1u;
                  distance[to] = square;
                  index[to] = order[at];
                }
              }
              at += 1u;
            }
          }
          if (looked > MOST_CANDIDATES) { break; }
        }
        if (looked > MOST_CANDIDATES) { passOn(query); return; }
        if (look == 0u) {
          looked = 0u;
          var before = 0u;
          cut = BINS;
          for (var b = 0u; b < BINS; b++) {
            let here = bins[b];
            bins[b] = before;
            before += here;
            if (before >= sizes.k && cut == BINS) {
              cut = b;
              kept = before;
            }
          }
          if (cut == BINS || kept > CAPACITY) { passOn(query); return; }
        }
      }

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
    workgroup: { gpu: 64, software: 16 },
    snippets: [capacity],
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

    /** Puts (d, j) into the heap of \`size\` entries in place of its top. */
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
        let square = dot(d, d);
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
