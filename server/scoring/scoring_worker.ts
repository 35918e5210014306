/** The worker that owns the GPU. It does one thing at a time; only questions for its state come in between. @module */
import { openRun } from "../../host/mod.ts";
import { carriedLog, carry } from "./carried.ts";
import { loadedModels } from "./loaded_models.ts";
import { openRenderer } from "./renderer.ts";
import { onDevice, scoreOne, type ScoringDevice } from "./score_one.ts";
import type { FromScoring, ScoreRequest, ScoreStep, ToScoring, WorkerOptions } from "./scoring_messages.ts";
import type { WorkerEnd } from "./worker_link.ts";

const worker = self as unknown as WorkerEnd<ToScoring, FromScoring>;

worker.onmessage = async ({ data: first }) => {
  if (first.kind !== "start") throw new TypeError(`The first message has to be the options, not ${first.kind}`);
  try {
    const answer = answers(await openScoringDevice(first.options));
    worker.onmessage = ({ data }) => answer(data);
    worker.postMessage({ kind: "ready" });
  } catch (error) {
    worker.postMessage({ kind: "absent", error: carry(error) });
  }
};

async function openScoringDevice(
  { models, memoryBytes, seed, download, gpuModule }: WorkerOptions,
): Promise<ScoringDevice> {
  const log = carriedLog((words) => worker.postMessage(words));
  const open = gpuModule === undefined ? undefined : (await import(gpuModule)).openGpu;
  const run = await openRun({ seed, download, log, ...(open ? { open } : {}) });
  return {
    run,
    models: loadedModels(models, memoryBytes, run),
    onLost: () => worker.postMessage({ kind: "device lost" }),
  };
}

/** What each message is answered with. */
function answers(device: ScoringDevice): (message: ToScoring) => void {
  const { run, models } = device, renderer = openRenderer(), atWork = new Map<number, AbortController>();

  const score = async (id: number, request: ScoreRequest) => {
    const stop = new AbortController(), { signal } = stop;
    atWork.set(id, stop);
    try {
      await renderer.hasRoom();
      const onStage = (step: ScoreStep) => worker.postMessage({ kind: "step", id, step });
      const { job, ...scored } = await onDevice(device, () => scoreOne(request, device, { signal, onStage }));
      worker.postMessage({ kind: "done", id, value: scored });
      if (job.renderings.length === 0) return worker.postMessage({ kind: "rendered", id, renderings: {}, seconds: 0 });
      renderer.render(job).then(
        ({ renderings, seconds }) => {
          const buffers = Object.values(renderings).map(({ buffer }) => buffer);
          worker.postMessage({ kind: "rendered", id, renderings, seconds }, buffers);
        },
        (error) => worker.postMessage({ kind: "unrendered", id, error: carry(error) }),
      );
    } catch (error) {
      worker.postMessage({ kind: "failed", id, error: carry(error) });
    } finally {
      atWork.delete(id);
    }
  };

  return (message) => {
    switch (message.kind) {
      case "score":
        return void score(message.id, message.request);
      case "abort":
        return atWork.get(message.id)?.abort();
      case "forget":
        models.forget(message.model);
        return worker.postMessage({ kind: "done", id: message.id });
      case "state": {
        const { adapter: { description, software }, memory: { liveBytes: gpuBytes } } = run.gpu;
        const value = { adapter: { description, software }, gpuBytes, loaded: models.names };
        return worker.postMessage({ kind: "done", id: message.id, value });
      }
    }
  };
}
