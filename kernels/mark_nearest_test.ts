import { deepEqual } from "node:assert/strict";
import { gpuTest } from "../testing/gpu.ts";
import { goldenArray, goldenIsThere } from "../tests/golden_arrays.ts";
import { markNearest } from "./mark_nearest.ts";
import { nearestPoints } from "./nearest_points.ts";
import { uploadRows } from "./upload_rows.ts";

for (const [entries, count] of [[0, 3], [1, 1], [65, 40], [70_000, 90_000]] as const) { // the last takes invocations in y
  gpuTest(`markNearest() flags each point that ${entries} numbers name, among ${count}`, async (gpu) => {
    const numbers = Uint32Array.from({ length: entries }, (_, i) => i % 5 === 4 ? 0xffffffff : (i * 37) % (count + 1));
    const named = new Set(numbers);
    using indices = gpu.upload("u32", numbers), flags = markNearest(gpu, { indices, count });
    deepEqual(await gpu.read(flags), Uint32Array.from({ length: count }, (_, j) => named.has(j) ? 1 : 0));
  });
}

for (const k of [1, 2, 5]) {
  gpuTest(`markNearest() keeps the golden points for k = ${k}`, async (gpu) => {
    const golden = (name: string) => goldenArray(`ops/kmask/${name}`).values;
    using out = uploadRows(gpu, golden("in_out"), 3), scan = uploadRows(gpu, golden("in_scan"), 3);
    using found = nearestPoints(gpu, { queries: scan, points: out, k });
    using flags = markNearest(gpu, { indices: found.indices, count: out.count });
    const kept = [...await gpu.read(flags)].flatMap((flag, j) => flag === 1 ? [j] : []);
    deepEqual(kept, Array.from(golden(`kept_k${k}`)));
  }, { ignore: !goldenIsThere });
}
