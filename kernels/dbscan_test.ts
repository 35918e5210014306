import { deepEqual, ok, throws } from "node:assert/strict";
import { randomStream } from "../core/random.ts";
import { readNpy } from "../formats/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { sharedData } from "../tests/shared_data.ts";
import { dbscan } from "./dbscan.ts";
import { type Gpu, ShapeMismatch } from "./runtime/mod.ts";

interface Density {
  readonly radius: number;
  readonly leastPoints: number;
}
interface Found {
  readonly labels: readonly number[];
  readonly core: readonly number[];
}

/** The definition, in float64: clusters grow from the smallest core point that is in none. */
function reference(points: Float32Array, { radius, leastPoints }: Density): Found {
  const count = points.length / 4, labels = new Array<number>(count).fill(-1);
  const neighboursOf = (i: number) => {
    const found: number[] = [];
    for (let j = 0; j < count; j++) {
      const dx = points[4 * i] - points[4 * j], dy = points[4 * i + 1] - points[4 * j + 1];
      const dz = points[4 * i + 2] - points[4 * j + 2];
      if (dx * dx + dy * dy + dz * dz <= radius * radius) found.push(j);
    }
    return found;
  };
  const core = Array.from({ length: count }, (_, i) => neighboursOf(i).length >= leastPoints ? 1 : 0);
  let clusters = 0;
  for (let i = 0; i < count; i++) {
    if (core[i] === 0 || labels[i] >= 0) continue;
    const queue = [i];
    labels[i] = clusters;
    while (queue.length > 0) {
      for (const j of neighboursOf(queue.pop()!)) {
        if (labels[j] >= 0) continue; // of this cluster, or a border point of a lower one
        labels[j] = clusters;
        if (core[j] === 1) queue.push(j);
      }
    }
    clusters++;
  }
  return { labels, core };
}

async function cluster(gpu: Gpu, values: Float32Array<ArrayBuffer>, density: Density): Promise<Found> {
  using points = gpu.upload("f32", values);
  using found = dbscan(gpu, { points, count: values.length / 4, ...density });
  const [labels, core] = await Promise.all([gpu.read(found.labels), gpu.read(found.core)]);
  return { labels: [...labels], core: [...core] };
}

/** Points of whole coordinates, which float32 measures exactly; the fourth number must not count. */
function cloud(count: number, at: (i: number) => readonly number[]): Float32Array<ArrayBuffer> {
  const values = new Float32Array(4 * count).fill(NaN);
  for (let i = 0; i < count; i++) values.set(at(i), 4 * i);
  return values;
}
const clustersOf = ({ labels }: Found) => Math.max(-1, ...labels) + 1;

for (const [n, radius, leastPoints] of [[0, 8, 8], [1, 0.25, 5], [2, 0.06, 4]] as const) {
  const file = (name: string) => sharedData(`golden/fusion/dbscan_${n}_${name}.npy`);
  gpuTest(`dbscan() has the golden labels and core points of case ${n}`, async (gpu) => {
    const read = (name: string) => readNpy(Deno.readFileSync(file(name)!)).values;
    const x = read("x"), points = cloud(x.length / 2, (i) => [x[2 * i], x[2 * i + 1], 0]);
    const found = await cluster(gpu, points, { radius, leastPoints });
    deepEqual(found, { labels: [...read("labels")], core: [...read("core")] });
    ok(found.labels.some((l, i) => l >= 0 && found.core[i] === 0), "no border point is among them");
  }, { ignore: !file("x") || !file("labels") || !file("core") });
}

gpuTest("dbscan() has nothing for no points", async (gpu) => {
  deepEqual(await cluster(gpu, new Float32Array(0), { radius: 1, leastPoints: 1 }), { labels: [], core: [] });
});

gpuTest("dbscan() makes one point a cluster where it is enough, and noise where not", async (gpu) => {
  const one = cloud(1, () => [3, -4, 5]);
  deepEqual(await cluster(gpu, one, { radius: 1e-15, leastPoints: 1 }), { labels: [0], core: [1] });
  deepEqual(await cluster(gpu, one, { radius: 1e15, leastPoints: 2 }), { labels: [-1], core: [0] });
});

gpuTest("dbscan() counts a point at exactly the radius, along each axis, and none beyond", async (gpu) => {
  for (const radius of [0.1, 0.06, 5, 7 / 3]) {
    for (let axis = 0; axis < 3; axis++) {
      const beyond = Math.fround(radius) * (1 + 2 ** -22);
      const found = await cluster(
        gpu,
        cloud(4, (i) => [0, 1, 2].map((c) => c === axis ? [0, radius, 0, -beyond][i] : i === 2 ? 1e6 : 0)),
        { radius, leastPoints: 2 },
      );
      deepEqual(found, { labels: [0, 0, -1, -1], core: [1, 1, 0, 0] });
    }
  }
  const diagonal = await cluster(gpu, cloud(3, (i) => [[0, 0, 0], [2, 3, 6], [2, 3, -7]][i]), {
    radius: 7,
    leastPoints: 2,
  });
  deepEqual(diagonal.labels, [0, 0, -1]);
});

gpuTest(
  "dbscan() gives a point between two clusters to the lower-numbered one, and no bridge goes through it",
  async (gpu) => {
    const at = [9, 5, 0, 1, 2, 10, 11]; // 5 is near 2 and 9 … but no core point
    const found = await cluster(gpu, cloud(7, (i) => [at[i], 0, 0]), { radius: 4, leastPoints: 4 });
    deepEqual(found, reference(cloud(7, (i) => [at[i], 0, 0]), { radius: 4, leastPoints: 4 }));
    const few = await cluster(gpu, cloud(7, (i) => [at[i], 0, 0]), { radius: 4, leastPoints: 3 });
    deepEqual(few.labels, [0, 0, 0, 0, 0, 0, 0]); // with three it is one
  },
);

gpuTest(
  "dbscan() takes all points in one place for one cluster or for noise",
  async (gpu) => {
    const count = 6000, same = cloud(count, () => [0.1, 0.2, 0.3]);
    for (const [leastPoints, label] of [[count, 0], [count + 1, -1]]) {
      const { labels, core } = await cluster(gpu, same, { radius: 1, leastPoints });
      ok(labels.length === count && labels.every((l) => l === label) && core.every((c) => c === label + 1));
    }
  },
);

gpuTest("dbscan() takes points far from each other for noise, in clouds too wide for cells as well", async (gpu) => {
  const count = 3000, spread = cloud(count, (i) => [i % 50 * 3, Math.floor(i / 50) * 3, i % 7]);
  deepEqual(
    await cluster(gpu, spread, { radius: 2, leastPoints: 2 }),
    reference(spread, { radius: 2, leastPoints: 2 }),
  );
  const wide = cloud(count, (i) => [(i % 50 - 25) * 2 ** 100, Math.floor(i / 50) * 2 ** 20 + i % 2, 0]);
  const found = await cluster(gpu, wide, { radius: 1, leastPoints: 1 });
  deepEqual(found.labels, Array.from({ length: count }, (_, i) => i));
});

gpuTest("dbscan() joins points exactly a radius apart, whatever float32 makes of their cells", async (gpu) => {
  const start = 2 ** 23; // so far from the first point that neighbours would be rounded into cells that are not
  for (const [radius, at] of [[1, start], ...[3, 5, 7, 11, 13, 21, 25, 41, 49, 83].map((r) => [r, r])]) {
    const line = cloud(2001, (i) => [i === 0 ? -at : at + i * radius, 0, 0]);
    const { labels } = await cluster(gpu, line, { radius, leastPoints: 2 });
    deepEqual(labels, Array.from({ length: 2001 }, (_, i) => i === 0 ? -1 : 0), `radius ${radius}`);
  }
});

gpuTest("dbscan() looks past a crowd of more points than a launch may loop over", async (gpu) => {
  const crowd = 66_000; // its rim is just too far; three others, which are looked at later, are not
  const points = cloud(crowd + 4, (i) => [i < crowd ? 0 : i === crowd ? -1.42 : -2.8, 0, 0]);
  const { labels } = await cluster(gpu, points, { radius: 1.4, leastPoints: 4 });
  deepEqual(labels, Array.from({ length: crowd + 4 }, (_, i) => i < crowd ? 0 : 1));
});

const order = (count: number, name: string) =>
  randomStream(0, name).shuffle(Array.from({ length: count }, (_, i) => i));
const interleaved = (count: number) =>
  Array.from({ length: count }, (_, i) => i % 2 === 0 ? i / 2 : count - (i + 1) / 2);
const lines: Record<string, readonly number[]> = {
  "in order": Array.from({ length: 5000 }, (_, i) => i),
  "backwards": Array.from({ length: 5000 }, (_, i) => 4999 - i),
  "in any order": order(5000, "line"),
  "from both ends": interleaved(5000),
  "of more points than a launch may loop over": order(70_000, "long line"),
};
for (const [name, at] of Object.entries(lines)) {
  gpuTest(`dbscan() follows a line of points, ${name}`, async (gpu) => {
    const line = cloud(at.length, (i) => [2 * at[i], 0, 0]);
    const whole = await cluster(gpu, line, { radius: 2, leastPoints: 2 });
    ok(whole.labels.every((l) => l === 0) && whole.core.every((c) => c === 1));
    const inner = await cluster(gpu, line, { radius: 2, leastPoints: 3 }); // the ends are border points
    ok(inner.labels.every((l) => l === 0));
    deepEqual([...inner.core.keys()].filter((i) => inner.core[i] === 0).map((i) => at[i]).sort((a, b) => a - b), [
      0,
      at.length - 1,
    ]);
    const none = await cluster(gpu, line, { radius: 1.5, leastPoints: 2 });
    ok(none.labels.every((l) => l === -1));
  });
}

gpuTest(
  "dbscan() joins around a point of the largest number, whose neighbours are each the smallest they see",
  async (gpu) => {
    const ends = 6; // a star: 0 … 5 are ends of its arms, 6 the middle; only the middle is near all
    const star = cloud(
      ends + 1,
      (i) => i === ends ? [0, 0, 0] : [0, 1, 2].map((c) => c === i >> 1 ? (i & 1 ? -5 : 5) : 0),
    );
    const found = await cluster(gpu, star, { radius: 5, leastPoints: 2 });
    deepEqual(found, { labels: new Array(ends + 1).fill(0), core: new Array(ends + 1).fill(1) });
  },
);

const random = (name: string, count: number, at: (whole: (below: number) => number) => readonly number[]) => {
  const stream = randomStream(0, `dbscan/${name}`);
  return cloud(count, () => at((below) => stream.integer(below)));
};
const pixels = order(224 ** 2, "pixels").slice(0, 3000).sort((a, b) => a - b);
const blobs = (
  whole: (below: number) => number,
) => [whole(3) * 80 + whole(9) ** 2, whole(3) * 80 + whole(9) ** 2, whole(9)];
const clouds: readonly (readonly [string, Float32Array<ArrayBuffer>, Density])[] = [
  ["20,000 in a plane", random("plane", 20_000, (whole) => [whole(1000) - 500, whole(1000) - 500, 0]), {
    radius: 5,
    leastPoints: 4,
  }],
  ["20,000 in space, near the threshold", random("space", 20_000, (whole) => [whole(99), whole(99), whole(99)]), {
    radius: 3,
    leastPoints: 4,
  }],
  ["pixels of a map", cloud(3000, (i) => [pixels[i] % 224, Math.floor(pixels[i] / 224), 0]), {
    radius: 4,
    leastPoints: 6,
  }],
  ["crowds", random("crowds", 4000, blobs), { radius: 8, leastPoints: 60 }],
  ["few points in few buckets", random("few", 40, (whole) => [whole(15), whole(15), whole(9)]), {
    radius: 3,
    leastPoints: 4,
  }],
  ["far from the origin", random("far", 2000, (whole) => [9000 + whole(150), -8000 + whole(150), 7000]), {
    radius: 5,
    leastPoints: 8,
  }],
  ["wider than cells go", random("wide", 2000, (whole) => [whole(3) * 2 ** 20 + whole(30), whole(30), whole(9)]), {
    radius: 2,
    leastPoints: 4,
  }],
];

/** The same GPU, but a launch may be so short that it takes nine for all points to look at all others. */
function hurried(gpu: Gpu, count: number): Gpu {
  const third = Math.ceil(count / 3), limits = { ...gpu.limits, loopIterations: third + 64, stepFlops: 8 * third ** 2 };
  return new Proxy(gpu, {
    get(target, name) {
      if (name === "limits") return limits;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

for (const [name, points, density] of clouds) {
  gpuTest(`dbscan() equals the definition, at every run, in whatever launches: ${name}`, async (gpu) => {
    const want = reference(points, density);
    ok(clustersOf(want) > 1 && want.labels.includes(-1) && want.labels.some((l, i) => l >= 0 && want.core[i] === 0));
    deepEqual(await cluster(gpu, points, density), want);
    deepEqual(await cluster(gpu, points, density), want);
    deepEqual(await cluster(hurried(gpu, points.length / 4), points, density), want);
  });
}

gpuTest("dbscan() refuses what cannot be", (gpu) => {
  using points = gpu.zeros("f32", 40);
  const whole = { points, count: 10, radius: 1, leastPoints: 3 };
  for (
    const wrong of [{ count: 11 }, { count: -1 }, { count: 2.5 }, { radius: 0 }, { radius: NaN }, { radius: 1e16 }, {
      leastPoints: 0,
    }, { leastPoints: 1.5 }]
  ) {
    throws(() => dbscan(gpu, { ...whole, ...wrong }), ShapeMismatch);
  }
  using many = gpu.buffer("f32", 4 * 300_000);
  throws(() => dbscan(gpu, { ...whole, points: many, count: 300_000 }), ShapeMismatch);
});
