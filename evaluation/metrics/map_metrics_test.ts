import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { sharedData } from "../../tests/shared_data.ts";
import { LimitRefused, MapRefused, MapsChanged } from "../errors.ts";
import { AU_PRO_LIMITS, type MapMetrics, mapMetrics } from "./map_metrics.ts";
import type { ScoredMap, ScoredMaps } from "./scored_maps.ts";

/** Maps in memory as a source. */
function source(maps: readonly ScoredMap[]): ScoredMaps {
  return {
    async *walk() {
      yield* maps;
    },
  };
}

/** The definition, place by place: exact AU-PRO, official AU-PRO and AUROC of all maps as one group. */
function reference(maps: readonly ScoredMap[], limits: readonly number[]) {
  const normal: number[] = [], components: number[][] = [];
  for (const { width, height, scores, truth } of maps) {
    const seen = new Set<number>();
    const spread = (x: number, y: number, into: number[]) => {
      const place = y * width + x;
      if (x < 0 || y < 0 || x >= width || y >= height || !truth[place] || seen.has(place)) return;
      seen.add(place);
      into.push(scores[place]);
      for (let v = -1; v <= 1; v++) for (let u = -1; u <= 1; u++) spread(x + u, y + v, into);
    };
    for (let place = 0; place < scores.length; place++) {
      if (!truth[place]) normal.push(scores[place]);
      else if (!seen.has(place)) spread(place % width, Math.floor(place / width), components[components.length] = []);
    }
  }
  if (components.length * normal.length === 0) return undefined;
  const share = (list: number[], hit: (score: number) => boolean) => list.filter(hit).length / list.length;
  const pro = (hit: (score: number) => boolean) =>
    components.reduce((sum, list) => sum + share(list, hit), 0) / components.length;
  const distinct = [...new Set([...normal, ...components.flat()])].sort((a, b) => b - a);
  const exact = [[0, 0], ...distinct.map((t) => [share(normal, (s) => s >= t), pro((s) => s >= t)])];
  normal.sort((a, b) => a - b);
  const official = [[1, 1]];
  for (let i = 0; i < 100; i++) {
    const position = i === 99 ? normal.length - 1 : Math.trunc(i * ((normal.length - 1) / 99));
    official.push([1 - (position + 1) / normal.length, pro((s) => s > normal[position])]);
  }
  const area = (curve: number[][], limit: number) => {
    let sum = 0;
    for (let i = 1; i < curve.length; i++) {
      const [x0, y0] = curve[i - 1], [x1, y1] = curve[i];
      if (x0 >= limit || x1 === x0) continue;
      const x = Math.min(x1, limit);
      sum += (x - x0) * (y0 + (y1 - y0) * (x - x0) / (x1 - x0) + y0) / 2;
    }
    return sum / limit;
  };
  let wins = 0;
  for (const p of components.flat()) for (const n of normal) wins += p > n ? 1 : p === n ? 0.5 : 0;
  return {
    exact: limits.map((limit) => area(exact, limit)),
    official: limits.map((limit) => area(official.toReversed(), limit)),
    pixelAuroc: wins / (components.flat().length * normal.length),
    components: components.length,
  };
}

/** Both are sums of some thousand float64 terms of size 1 at most: 1e-12 is far above their rounding, far below one place. */
function close(got: number, want: number, what: string) {
  ok(Math.abs(got - want) <= 1e-12, `${what}: ${got}, not ${want}`);
}

function same(got: MapMetrics | undefined, want: ReturnType<typeof reference>, limits: readonly number[]) {
  if (!got || !want) return equal(got, want);
  equal(got.components, want.components);
  close(got.pixelAuroc, want.pixelAuroc, "AUROC");
  limits.forEach((limit, i) => {
    close(got.exact[limit], want.exact[i], `exact at ${limit}`);
    close(got.official[limit], want.official[i], `official at ${limit}`);
  });
}

function equivalent(a: MapMetrics | undefined, b: MapMetrics | undefined) {
  if (!a || !b) return equal(a, b);
  same(
    a,
    { ...b, exact: Object.values(b.exact), official: Object.values(b.official) },
    Object.keys(b.exact).map(Number),
  );
}

/** Small maps with integer scores, so that ties abound; 0 comes with either sign. */
const smallMaps: fc.Arbitrary<ScoredMap[]> = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.constantFrom("good", "bent", "cut"))
    .chain(
      ([width, height, defect]) => {
        const exactly = { minLength: width * height, maxLength: width * height };
        const score = fc.oneof(fc.constantFrom(0, -0), fc.integer({ min: -2, max: 6 }));
        const place = defect === "good" ? fc.constant(0) : fc.constantFrom(0, 0, 1);
        return fc.tuple(fc.array(score, exactly), fc.array(place, exactly)).map(([scores, truth]): ScoredMap => ({
          width,
          height,
          scores: Float32Array.from(scores),
          truth: Uint8Array.from(truth),
          defect,
        }));
      },
    ),
  { maxLength: 8 },
);

/** One row of places as a map. */
function row(scores: number[], truth: number[], defect = "bent"): ScoredMap {
  return { width: scores.length, height: 1, scores: Float32Array.from(scores), truth: Uint8Array.from(truth), defect };
}

Deno.test("mapMetrics() equals the definition, for all maps and for each defect type with the good ones", async () => {
  const limits = [...AU_PRO_LIMITS, 0.5, 1];
  await fc.assert(
    fc.asyncProperty(smallMaps, async (maps) => {
      const { all, byDefect } = await mapMetrics(source(maps), { limits });
      same(all, reference(maps, limits), limits);
      const defects = [...new Set(maps.map((map) => map.defect))].filter((defect) => defect !== "good").sort();
      deepEqual([...byDefect.keys()], defects);
      for (const defect of defects) {
        const group = maps.filter((map) => map.defect === defect || map.defect === "good");
        same(byDefect.get(defect), reference(group, limits), limits);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("mapMetrics() does not depend on the order of the maps", async () => {
  const shuffled = smallMaps.chain((maps) =>
    fc.tuple(fc.constant(maps), fc.shuffledSubarray(maps, { minLength: maps.length }))
  );
  await fc.assert(fc.asyncProperty(shuffled, async ([maps, others]) => {
    const a = await mapMetrics(source(maps)), b = await mapMetrics(source(others));
    equivalent(a.all, b.all);
    deepEqual([...a.byDefect.keys()], [...b.byDefect.keys()]);
    for (const [defect, metrics] of a.byDefect) equivalent(metrics, b.byDefect.get(defect));
  }));
});

Deno.test("mapMetrics() does not depend on a rising transform of the scores, to the bit", async () => {
  await fc.assert(fc.asyncProperty(smallMaps, async (maps) => {
    const risen = maps.map((map) => ({ ...map, scores: map.scores.map((s) => s ** 3 / 1024 + s - 1e-3) }));
    deepEqual(await mapMetrics(source(risen)), await mapMetrics(source(maps)));
  }));
});

Deno.test("mapMetrics() gives a constant map what chance gives, half the limit", async () => {
  const { all } = await mapMetrics(
    source([row(Array(200).fill(0.7), Array.from({ length: 200 }, (_, i) => i < 9 ? 1 : 0))]),
  );
  for (const limit of AU_PRO_LIMITS) close(all!.exact[limit], limit / 2, `exact at ${limit}`);
  equal(all!.pixelAuroc, 0.5);
  deepEqual(all!.curve, { fpr: [0, 0.3], pro: [0, 0.3] });
});

Deno.test("mapMetrics() gives a perfect map 1 and never more", async () => {
  const truth = Array.from({ length: 900 }, (_, i) => i % 3 === 0 ? 1 : 0); // 300 components: thirds do not sum exactly
  const { all } = await mapMetrics(source([row(truth, truth)]));
  for (const limit of AU_PRO_LIMITS) {
    ok(all!.exact[limit] <= 1 && all!.exact[limit] > 1 - 1e-12);
    ok(all!.official[limit] <= 1);
  }
  equal(all!.pixelAuroc, 1);
});

Deno.test("mapMetrics() is undefined without components, and without normal places", async () => {
  const good = row([1, 2], [0, 0], "good");
  deepEqual(await mapMetrics(source([])), { all: undefined, byDefect: new Map() });
  deepEqual(await mapMetrics(source([good])), { all: undefined, byDefect: new Map() });
  deepEqual(await mapMetrics(source([row([1, 2], [1, 1])])), {
    all: undefined,
    byDefect: new Map([["bent", undefined]]),
  });
  const { all, byDefect } = await mapMetrics(source([good, row([3], [1], "cut"), row([0], [0], "bent")]));
  equal(all?.pixelAuroc, 1);
  deepEqual([byDefect.get("bent"), byDefect.get("cut")?.pixelAuroc], [undefined, 1]);
});

Deno.test("mapMetrics() thins the curve to 512 points that stay on it", async () => {
  const random = (i: number) => (Math.imul(i + 1, 2654435761) >>> 8) / 2 ** 24;
  const truth = Array.from({ length: 60_000 }, (_, i) => i % 5 === 0 ? 1 : 0);
  const { all } = await mapMetrics(source([row(truth.map((t, i) => random(i) + t * random(i + 70_000)), truth)]));
  const { fpr, pro } = all!.curve;
  ok(fpr.length <= 512 && fpr.length > 300 && fpr.length === pro.length, `${fpr.length} points`);
  deepEqual([fpr[0], pro[0], fpr.at(-1)], [0, 0, 0.3]);
  let area = 0;
  for (let i = 1; i < fpr.length; i++) {
    ok(fpr[i] >= fpr[i - 1] && pro[i] >= pro[i - 1]);
    area += (fpr[i] - fpr[i - 1]) * (pro[i] + pro[i - 1]) / 2;
  }
  ok(Math.abs(area / 0.3 - all!.exact["0.3"]) < 2 / 510); // points are at most about 1 / 510 of the length apart
});

Deno.test("mapMetrics() reads scores that are a part of a larger buffer", async () => {
  const whole = Float32Array.of(9, 9, 1, 3, 2, 9);
  const part: ScoredMap = { ...row([0, 0, 0], [0, 1, 0]), scores: whole.subarray(2, 5) };
  equal((await mapMetrics(source([part]))).all?.pixelAuroc, 1);
});

Deno.test("mapMetrics() refuses a NaN and names the map and the place", async () => {
  const bad = { ...row([0, 1, 2, NaN], [0, 0, 0, 0]), width: 2, height: 2, name: "bent/005" };
  await rejects(
    mapMetrics(source([row([1], [0], "good"), bad])),
    (e) =>
      e instanceof MapRefused && e.why === "not-a-number" && /map 1 \("bent\/005"\).*column 1, row 1/.test(e.message),
  );
});

Deno.test("mapMetrics() refuses arrays that do not fit the map's size", async () => {
  for (const wrong of [{ truth: new Uint8Array(1) }, { scores: new Float32Array(3) }, { height: 2 }]) {
    await rejects(
      mapMetrics(source([{ ...row([1, 2], [0, 1]), ...wrong }])),
      (e) => e instanceof MapRefused && e.why === "wrong-size",
    );
  }
});

Deno.test("mapMetrics() refuses a source that can be walked only once, or changes", async () => {
  const once = source([row([1, 2], [0, 1])]).walk();
  await rejects(mapMetrics({ walk: () => once }), MapsChanged);
  let walks = 0;
  const changing = { walk: () => source([row([1, 2], [0, 1], walks++ === 0 ? "bent" : "cut"), row([1], [0])]).walk() };
  await rejects(mapMetrics(changing), MapsChanged);
});

Deno.test("mapMetrics() refuses limits outside (0, 1]", async () => {
  for (const limit of [0, -0.1, 1.1, NaN]) await rejects(mapMetrics(source([]), { limits: [limit] }), LimitRefused);
});

Deno.test("mapMetrics() stops between two maps when it is told to", async () => {
  const stop = new AbortController();
  let seen = 0;
  const maps: ScoredMaps = {
    async *walk() {
      for (; seen < 9; seen++) {
        if (seen === 3) stop.abort(new Error("enough"));
        yield row([1, 2], [0, 1]);
      }
    },
  };
  await rejects(mapMetrics(maps, { signal: stop.signal }), { message: "enough" });
  equal(seen, 3);
});

const folder = sharedData("golden/fusion");

/** Values of a golden .npy file. */
function golden(name: string): DataView<ArrayBuffer> {
  const bytes = new Uint8Array(readFileSync(`${folder}/aupro_${name}.npy`));
  return new DataView(bytes.slice(10 + bytes[8] + 256 * bytes[9]).buffer);
}

Deno.test({
  name: "mapMetrics() equals the golden AU-PRO, exact and official, and AUROC of six cases",
  ignore: !folder,
  async fn() {
    const scores = new Float32Array(golden("maps").buffer), truth = new Uint8Array(golden("masks").buffer);
    const exact = golden("exact"), official = golden("official100"), pixelAuroc = golden("pixel_auroc");
    const components = golden("components"), places = 64 * 64;
    for (let test = 0; test < 6; test++) {
      const maps = [0, 1, 2].map((scan): ScoredMap => ({
        width: 64,
        height: 64,
        scores: scores.subarray((3 * test + scan) * places, (3 * test + scan + 1) * places),
        truth: truth.subarray((3 * test + scan) * places, (3 * test + scan + 1) * places),
        defect: "bent",
      }));
      const { all } = await mapMetrics(source(maps));
      const at = (values: DataView) => AU_PRO_LIMITS.map((_, i) => values.getFloat64(8 * (7 * test + i), true));
      same(all, {
        exact: at(exact),
        official: at(official),
        pixelAuroc: pixelAuroc.getFloat64(8 * test, true),
        components: components.getInt32(4 * test, true),
      }, AU_PRO_LIMITS);
    }
  },
});
