/** What a descriptor has to keep. @module */
import { createRun, type Descriptor, type Run, type Scan, ScanRefused } from "../core/mod.ts";
import { type Gpu, strideOf } from "../kernels/mod.ts";
import {
  contentsOf,
  expect,
  expectAborted,
  expectBorneOrRefused,
  expectFinite,
  expectSameBits,
  spoilIdleMemory,
  withoutLeak,
} from "./conformance_assert.ts";
import { type ConformanceCheck, interruptedRun, prepared, type Trial } from "./conformance_trial.ts";

/** The checks of {@linkcode Descriptor}'s contract. */
export function descriptorChecks<O>(descriptor: Descriptor<O>, trial: Trial<O>): ConformanceCheck[] {
  const { scans, poor } = trial;

  /** The rows of one scan, read back; checks what every answer has to be. */
  const describe = async (scan: Scan, run: Run, options = trial.options): Promise<Float32Array> => {
    using ready = prepared(trial, scan, run);
    using rows = await descriptor.describe(ready, options, run);
    const columns = descriptor.columns(options), stride = strideOf(columns);
    expect(rows.count === ready.count, `${ready.count} points gave ${rows.count} rows`);
    expect(rows.columns === columns, `columns() says ${columns}, the rows have ${rows.columns}`);
    expect(rows.stride === stride, `the stride is ${rows.stride}, not ${stride}`);
    const values = await run.gpu.read(rows.values, rows.count * rows.stride);
    expectFinite(values, `the rows of ${scan.name}`);
    const padding = values.findIndex((value, i) => i % stride >= columns && value !== 0);
    expect(padding < 0, `the padding of row ${Math.floor(padding / stride)} is not 0`);
    return values;
  };
  const check = (name: string, run: (gpu: Gpu) => Promise<void>): ConformanceCheck => ({ name, run });

  return [
    check("gives each point a row of finite features, in every preset", async (gpu) => {
      for (const options of new Set([trial.options, ...trial.presets])) {
        await describe(scans[0], createRun(gpu), options);
      }
    }),
    check("gives the same bits again, whatever came between", async (gpu) => {
      const run = createRun(gpu), first = await describe(scans[0], run);
      await describe(scans[1], run);
      spoilIdleMemory(gpu);
      expectSameBits(await describe(scans[0], run), first, `the rows of ${scans[0].name}`);
    }),
    check("leaves no buffer behind, and the scan as it was", async (gpu) => {
      const run = createRun(gpu);
      using ready = prepared(trial, scans[0], run);
      const host = ready.hostPoints.slice(), before = await contentsOf(gpu, [ready.points, ready.pointOf]);
      await withoutLeak(gpu, "describe()", async () => {
        using _rows = await descriptor.describe(ready, trial.options, run);
      });
      const after = await contentsOf(gpu, [ready.points, ready.pointOf]);
      before.forEach((values, i) => expectSameBits(after[i], values, ["the scan's points", "the scan's pointOf"][i]));
      expectSameBits(ready.hostPoints, host, "the scan's hostPoints");
    }),
    check("bears poor scans, or refuses them by ScanRefused", async (gpu) => {
      const run = createRun(gpu);
      for (const scan of poor) {
        await expectBorneOrRefused(gpu, `describe() of ${scan.name}`, [ScanRefused], () => describe(scan, run));
      }
    }),
    check("ends with RunAborted in a run that was interrupted", async (gpu) => {
      using ready = prepared(trial, scans[0], createRun(gpu));
      await expectAborted(gpu, "describe()", async () => {
        using _rows = await descriptor.describe(ready, trial.options, interruptedRun(gpu));
      });
    }),
  ];
}
