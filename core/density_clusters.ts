/**
 * DBSCAN over 3-D points, exact. @module
 *
 * Source: Ester, Kriegel, Sander, Xu, "A density-based algorithm for discovering clusters", KDD 1996, with the semantics of Open3D:
 * a neighbour is nearer than eps (strictly), a point counts itself, clusters are numbered by their first core point, and a border
 * point belongs to the first cluster that reaches it. Cells whose diagonal is eps make it fast: a cell of `least` points holds core
 * points of one cluster only. It stays on the host: it is union-find over a few hundred cells.
 */

/** Label of each of the `chosen` points (float triples of `points`): −1 is noise. */
export function densityClusters(
  points: ArrayLike<number>,
  chosen: Uint32Array,
  eps: number,
  least: number,
): Int32Array {
  const n = chosen.length;
  const grid = cellsOf(points, chosen, (eps / Math.sqrt(3)) * (1 - 1e-9));
  const eps2 = eps * eps;
  const near = (a: number, b: number) => {
    const p = 3 * chosen[a], q = 3 * chosen[b];
    const x = points[p] - points[q], y = points[p + 1] - points[q + 1], z = points[p + 2] - points[q + 2];
    return x * x + y * y + z * z < eps2;
  };

  const core = new Uint8Array(n);
  for (let cell = 0; cell < grid.count; cell++) {
    const members = grid.members(cell);
    for (const i of members) {
      if (members.length >= least) {
        core[i] = 1;
        continue;
      }
      let found = 0;
      for (const other of grid.around(cell)) {
        for (const j of grid.members(other)) if (near(i, j)) found++;
        if (found >= least) break;
      }
      core[i] = found >= least ? 1 : 0;
    }
  }

  const parent = Int32Array.from({ length: grid.count }, (_, i) => i);
  const root = (cell: number) => {
    while (parent[cell] !== cell) cell = parent[cell] = parent[parent[cell]];
    return cell;
  };
  const cores = Array.from({ length: grid.count }, (_, cell) => grid.members(cell).filter((i) => core[i] === 1));
  for (let cell = 0; cell < grid.count; cell++) {
    if (cores[cell].length === 0) continue;
    for (const other of grid.around(cell)) {
      if (other <= cell || cores[other].length === 0 || root(cell) === root(other)) continue;
      if (cores[cell].some((i) => cores[other].some((j) => near(i, j)))) parent[root(other)] = root(cell);
    }
  }

  const labels = new Int32Array(n).fill(-1);
  const labelOf = new Map<number, number>();
  for (let i = 0; i < n; i++) { // in the points' order, so that the first core point numbers its cluster
    if (core[i] === 0) continue;
    const cluster = root(grid.cellOf[i]);
    if (!labelOf.has(cluster)) labelOf.set(cluster, labelOf.size);
    labels[i] = labelOf.get(cluster)!;
  }
  for (let i = 0; i < n; i++) {
    if (core[i] === 1) continue;
    let first = -1;
    for (const other of grid.around(grid.cellOf[i])) {
      if (cores[other].length === 0) continue;
      const label = labels[cores[other][0]];
      if ((first < 0 || label < first) && cores[other].some((j) => near(i, j))) first = label;
    }
    labels[i] = first;
  }
  return labels;
}

/** Points in cubic cells, cells numbered by their first point. */
function cellsOf(points: ArrayLike<number>, chosen: Uint32Array, side: number) {
  const [firstY, endY] = [-1, 1].map((sign) =>
    sign * mostOf(chosen, (i) => sign * Math.floor(points[3 * i + 1] / side))
  );
  const rows = endY - firstY + 1 + 2 * REACH; // so that no two columns have one key, nor a column and what lies beside another
  const columns = new Map<number, Map<number, number>>(); // not keyed by strings, which take many times as long where cells are many
  const cellOf = new Int32Array(chosen.length);
  const coordinates: [number, number, number][] = [];
  const lists: number[][] = [];
  for (let i = 0; i < chosen.length; i++) {
    const [x, y, z] = [0, 1, 2].map((axis) => Math.floor(points[3 * chosen[i] + axis] / side));
    const key = x * rows + y;
    let column = columns.get(key);
    if (column === undefined) columns.set(key, column = new Map());
    let cell = column.get(z);
    if (cell === undefined) {
      cell = lists.length;
      column.set(z, cell);
      coordinates.push([x, y, z]);
      lists.push([]);
    }
    lists[cell].push(i);
    cellOf[i] = cell;
  }
  const around = coordinates.map(([x, y, z]) => {
    const found: number[] = [];
    for (let dx = -REACH; dx <= REACH; dx++) {
      for (let dy = -REACH; dy <= REACH; dy++) {
        const column = columns.get((x + dx) * rows + y + dy);
        if (column === undefined) continue;
        for (let dz = -REACH; dz <= REACH; dz++) {
          const other = column.get(z + dz);
          if (other !== undefined) found.push(other);
        }
      }
    }
    return found;
  });
  return {
    cellOf,
    count: lists.length,
    members: (cell: number) => lists[cell],
    around: (cell: number) => around[cell],
  };
}

/** Cells that eps = √3 sides can reach. */
const REACH = 2;

function mostOf(chosen: Uint32Array, value: (i: number) => number): number {
  let most = -Infinity;
  for (const i of chosen) most = Math.max(most, value(i));
  return most;
}
