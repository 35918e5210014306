import { ok } from "node:assert/strict";
import { createRun, fitRegistry, prepare } from "../../core/mod.ts";
import { bittenPlate, missingMapOf } from "../../testing/bitten_plate.ts";
import { gpuTest, tinyPrepare, tinyScan } from "../../testing/mod.ts";
import { tinySource } from "../../testing/tiny_source.ts";
import { spGan } from "./mod.ts";

const bite = { rows: [22, 44], columns: [34, 50] } as const;

await gpuTest("sp-gan learns plates, and finds what one of them lacks", async (gpu) => {
  const run = createRun(gpu), source = tinySource(run, [1, 2, 3, 4, 5, 6].map((seed) => tinyScan({ seed })));
  using registry = await fitRegistry(source, run);
  using fitted = await spGan.fit(source, { ...spGan.presets.default, points: 256, iterations: 10 }, run, registry);
  using complete = prepare(tinyScan({ seed: 7 }), tinyPrepare, run);
  const { score: usual } = await missingMapOf(complete, registry, fitted, run);
  const { scan, gone } = bittenPlate(8, bite), { size, side } = complete.frame;
  using incomplete = prepare(scan, tinyPrepare, run);
  const { values, score } = await missingMapOf(incomplete, registry, fitted, run);
  ok(score > 3 && score > 1.2 * usual, `${score} mm, a complete plate ${usual}`); // 22 rows and 16 columns: 8 mm deep at most
  const along = (i: number) => Math.floor((i + 0.5) * side / size);
  const isGone = Array.from(values, (_, i) => gone.has(along(Math.floor(i / size)) * scan.width + along(i % size)));
  const found = Array.from(values, (value) => value > 0.6 * score), count = found.filter(Boolean).length;
  const right = found.filter((is, i) => is && isGone[i]).length;
  ok(
    right > 0.6 * count && right > 0.4 * isGone.filter(Boolean).length,
    `${right} of ${count} found, ${isGone.filter(Boolean).length} gone`,
  );
});
