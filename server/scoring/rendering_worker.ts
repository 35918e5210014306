/** The worker that draws: pictures take longer than a score on a fast GPU, which must not wait for them. @module */
import { scanRenderings } from "../../host/mod.ts";
import { reportScan, scanView } from "../../report/mod.ts";
import { carry } from "./carried.ts";
import type { FromRendering, RenderJob, ToRendering } from "./rendering_messages.ts";
import type { Renderings } from "./scoring_messages.ts";
import type { WorkerEnd } from "./worker_link.ts";

const worker = self as unknown as WorkerEnd<ToRendering, FromRendering>;

worker.onmessage = ({ data: { id, job } }) => {
  const start = performance.now();
  try {
    const renderings = draw(job);
    const buffers = Object.values(renderings).map(({ buffer }) => buffer);
    worker.postMessage({ id, renderings, seconds: (performance.now() - start) / 1000 }, buffers);
  } catch (error) {
    worker.postMessage({ id, error: carry(error) });
  }
};

function draw(job: RenderJob): Renderings {
  const { judged, facts, scale, renderings } = job;
  const kinds = { ...scanRenderings(judged, facts, scale), view: () => viewOf(job) };
  return Object.fromEntries(renderings.map((kind) => [kind, new Uint8Array(kinds[kind]())]));
}

function viewOf({ judged: { scan, detected, branches }, found, scale }: RenderJob): Uint8Array {
  const { scores, mapThreshold } = detected;
  const reported = reportScan({ found, scan, scores, scale, mapThreshold, branches });
  return new TextEncoder().encode(JSON.stringify(scanView(reported, scale, mapThreshold)));
}
