/** The worker of one fit: a fit takes minutes, and can be ended with its worker. @module */
import { DEFAULT_FOLDS, resolveMethod } from "../../core/mod.ts";
import { factsOf, fitDataset, openCategory, openRun, provideModelFolder, writeModel } from "../../host/mod.ts";
import { builtIn } from "../../plugins/mod.ts";
import { carriedLog, carry } from "./carried.ts";
import type { FitSurroundings, Fitted, FitWanted, FromFit, ToFit } from "./fit_messages.ts";
import type { WorkerEnd } from "./worker_link.ts";

const worker = self as unknown as WorkerEnd<ToFit, FromFit>;

worker.onmessage = async ({ data: first }) => {
  if (first.kind !== "fit") throw new TypeError(`The first message has to be what is wanted, not ${first.kind}`);
  try {
    worker.postMessage({ kind: "done", fitted: await fit(first.wanted, first.surroundings) });
  } catch (error) {
    worker.postMessage({ kind: "failed", error: carry(error) });
  }
};

async function fit(wanted: FitWanted, surroundings: FitSurroundings): Promise<Fitted> {
  const { folder, name, into, folds = DEFAULT_FOLDS } = wanted;
  const method = resolveMethod(wanted.method, wanted.preset, builtIn, wanted.overrides);
  await provideModelFolder(`${into}/${name}`);
  using run = await openRun({
    ...surroundings,
    log: carriedLog((words) => worker.postMessage(words)),
    progress: (task, done, total) => worker.postMessage({ kind: "progress", task, done, total }),
  });
  const open = await openCategory(folder, "", run);
  const dataset = { ...open.dataset, category: name }; // the model is called by it; a folder of an upload has no name of its own
  const { model, refused } = await fitDataset({ ...open, dataset }, method, folds, run);
  using _model = model;
  await leaveToWrite();
  await writeModel(`${into}/${name}`, model);
  return { name, refused, facts: factsOf(model) };
}

/** Once it is given, the worker is not ended before the model is written: it would leave half of one behind. */
function leaveToWrite(): Promise<void> {
  return new Promise((given) => {
    worker.onmessage = () => given();
    worker.postMessage({ kind: "fitted" });
  });
}
