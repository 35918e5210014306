/**
 * The extractor of small patches: each is judged by how much normal scans differ from each other. @module
 *
 * A patch that is unlike the bank means little where normal scans are unlike each other, and much where they agree. The scan is brought
 * to a few normal scans, so that "where" is a place of the part; a scan that can't be brought to any is judged by the bank alone.
 */
import {
  type Explanation,
  type FittedExtractor,
  type HeldOutListener,
  type HeldOutScore,
  type ModelFolder,
  type Prepared,
  type Run,
  type ScanRegistry,
  type ScanSource,
  type ScoreMap,
  stage,
  tableFrame,
} from "../../core/mod.ts";
import type { DescribePoints } from "./coarse_extractor.ts";
import { needsRegistration } from "./channels.ts";
import { explanationOf, type JudgedScan } from "./explain.ts";
import { jointMap, levelled } from "./joint_map.ts";
import { learn } from "./learn.ts";
import { deviations, measure, type Memory, neighbourhood, trustOf } from "./memory.ts";
import { loadMemory, saveMemory } from "./memory_tensors.ts";
import type { BankOptions } from "./options.ts";
import { layPatches, placePatches, poolRows } from "./patches.ts";

/** @throws {MemoryBudgetExceeded} @throws {TooFewScans} @throws {RunAborted} */
export async function fitFine(
  source: ScanSource,
  describe: DescribePoints,
  options: BankOptions,
  registry: ScanRegistry | undefined,
  run: Run,
  listener?: HeldOutListener,
): Promise<FittedExtractor> {
  const learned = await learn(source, (scan) => describe(scan, run), options, registry, run, listener);
  const { memory, heldOut, tried, differ } = learned;
  if (tried.length > 0) {
    const list = tried.map(({ form, merit }) => `${form.join(" + ")} ${merit.toFixed(3)}`).join(", ");
    run.log.info(`judged by ${memory.form.join(" + ")}: merit on pasted defects: ${list}`);
  }
  if (!differ) {
    run.log.warn(
      `${heldOut.length} normal scans (copies counted) don't tell how much normal scans differ: patches are judged by their distance alone`,
    );
  }
  return fitted(memory, describe, options, run, heldOut);
}

/** Opens what the fitted extractor saved. @throws {ModelRefused} */
export function loadFine(
  model: ModelFolder,
  describe: DescribePoints,
  options: BankOptions,
  run: Run,
): FittedExtractor {
  return fitted(loadMemory(model, run), describe, options, run);
}

function fitted(
  memory: Memory,
  describe: DescribePoints,
  options: BankOptions,
  { gpu }: Run,
  heldOut?: readonly HeldOutScore[],
): FittedExtractor {
  return {
    facts: { bankRows: memory.bank.count, channels: memory.form.join(" + ") },
    heldOut,
    score: (scan, run) => scorePatches(scan, memory, describe, options, run),
    explain: (scan, run) => explainPatches(scan, memory, describe, options, run),
    save: (model) => saveMemory(model, memory, { gpu }),
    [Symbol.dispose]: () => memory[Symbol.dispose](),
  };
}

/** Read back, in one wait: the map. */
async function scorePatches(
  scan: Prepared,
  memory: Memory,
  describe: DescribePoints,
  options: BankOptions,
  run: Run,
): Promise<ScoreMap> {
  using judged = await judgePatches(scan, memory, describe, options, run);
  return await mapOf(scan, judged, memory, options, run);
}

/** Read back, in two waits: the map, and all that it comes from. */
async function explainPatches(
  scan: Prepared,
  memory: Memory,
  describe: DescribePoints,
  options: BankOptions,
  run: Run,
): Promise<Explanation> {
  using judged = await judgePatches(scan, memory, describe, options, run);
  const map = await mapOf(scan, judged, memory, options, run);
  return await stage(run, "explain", () => explanationOf(map, judged, memory, run));
}

/** Nothing is read back. */
async function judgePatches(
  scan: Prepared,
  memory: Memory,
  describe: DescribePoints,
  options: BankOptions,
  run: Run,
): Promise<JudgedScan> {
  const { gpu } = run;
  using owned = new DisposableStack();
  const patches = await stage(run, "features", async () => {
    using points = await describe(scan, run);
    const layout = layPatches(scan, options.patch, tableFrame(scan), memory.columns);
    const rows = owned.use(poolRows(gpu, points, layout, memory.axes));
    return owned.use(placePatches(gpu, rows, layout));
  });
  const { registration } = scan;
  const byPlace = registration !== undefined && memory.form.some(needsRegistration);
  return await stage(run, "bank", () => {
    const around = byPlace ? owned.use(neighbourhood(gpu, patches.centres, registration, memory)) : undefined;
    const registered = around && byPlace ? { registration, around } : undefined;
    const measured = owned.use(measure(gpu, scan, patches, memory, registered));
    const kept = owned.use(deviations(gpu, measured, around, memory.prior, memory.rowSpread));
    const all = owned.move();
    return {
      layout: patches.layout,
      measured,
      deviations: kept,
      registered,
      form: byPlace ? memory.form : memory.fallback,
      trust: trustOf(registration?.cost ?? null, memory.usualCost),
      [Symbol.dispose]: () => all.dispose(),
    };
  });
}

/** Read back: the map. */
function mapOf(
  scan: Prepared,
  { layout, measured, deviations, form, trust }: JudgedScan,
  { quantiles, usualGap }: Memory,
  { sigma }: BankOptions,
  run: Run,
): Promise<ScoreMap> {
  const { gpu } = run, { size } = scan.frame;
  return stage(run, "map", async () => {
    using patchOf = gpu.upload("u32", layout.patchOf);
    const { places, rows } = deviations, { distances } = measured;
    using map = jointMap(gpu, { places, rows, distances, patchOf }, { size, form, quantiles, trust, usualGap, sigma });
    const values = levelled(await gpu.read(map), scan.pixels);
    return { size, values, score: values.reduce((most, value) => Math.max(most, value), 0) };
  });
}
