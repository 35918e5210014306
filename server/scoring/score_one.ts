/** One scan on the GPU: opened device, opened model, decision. @module */
import { readScan, type Run, stage, type StageTimes } from "../../core/mod.ts";
import { documentOf, judgeScan, type OpenRun, scaleOf } from "../../host/mod.ts";
import { DeviceLost } from "../../kernels/mod.ts";
import type { LoadedModels } from "./loaded_models.ts";
import type { RenderJob } from "./rendering_messages.ts";
import type { Scored, ScoreRequest, ScoreStep } from "./scoring_messages.ts";

/** How one score is followed. */
export interface ScoreFollowed {
  /** Stops it at the next step. */
  readonly signal: AbortSignal;
  /** Called when a step begins. */
  readonly onStage: (step: ScoreStep) => void;
}

/** The device with what lies on it. */
export interface ScoringDevice {
  /** Its run; the GPU is another one after a loss. */
  readonly run: OpenRun;
  /** The models on it. */
  readonly models: LoadedModels;
  /** Called for each device that is lost. */
  readonly onLost: () => void;
}

/** Does the work on a device that works; where it is lost in it, once more on another. @throws {DeviceLost} the second time */
export async function onDevice<T>({ run, models, onLost }: ScoringDevice, work: () => Promise<T>): Promise<T> {
  const reopen = async (failure: Error) => {
    run.log.warn(`${failure.message}: opening it again`);
    if (failure instanceof DeviceLost) onLost();
    models.forgetAll();
    await run.reopen();
  };
  if (run.gpu.failure) await reopen(run.gpu.failure); // nobody was at work when it was lost, or the last one's work broke it
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeviceLost)) throw error;
    await reopen(error);
    return await work();
  }
}

/** Scores a scan. @throws {NoSuchModel} @throws {ModelRefused} @throws {ScanRefused} @throws {MalformedFile} @throws {RunAborted} */
export async function scoreOne(
  { model: name, input, bytes, unit, mostPoints, decision, renderings }: ScoreRequest,
  { run: open, models }: ScoringDevice,
  { signal, onStage }: ScoreFollowed,
): Promise<Scored & { readonly job: RenderJob }> {
  const times: StageTimes = new Map(), run: Run = { ...open, signal, times };
  onStage("load");
  const model = await stage(run, "load", () => models.open(name));
  onStage("read");
  const start = performance.now();
  const { scan, detected, branches } = await judgeScan(
    model,
    async () => {
      const read = await readScan(input, bytes, { unit, mostPoints });
      onStage("score");
      return read;
    },
    decision,
    run,
  );
  const seconds = (performance.now() - start) / 1000;
  const found = { input, ...detected.result, files: {}, seconds };
  const document = documentOf(model, run, [found]);
  const { scores, labels, mapThreshold, result } = detected;
  return {
    document,
    stages: Object.fromEntries(times.entries().map(([name, all]) => [name, all.reduce((sum, one) => sum + one, 0)])),
    job: {
      judged: { scan, detected: { scores, labels, mapThreshold, result }, branches },
      found,
      facts: document.model,
      scale: scaleOf(model, decision),
      renderings,
    },
  };
}
