/** Decisions into the store. @module */
import type { DetectDocument } from "../core/mod.ts";
import type { Service } from "./service.ts";
import type { ScoreAnswer } from "./scoring/scorer.ts";
import { type NewResult, scanOf } from "./store/results.ts";

/** What is kept of a scored scan at once: the decision; its view comes when it is drawn. */
export const resultOf = (model: string, { document }: ScoreAnswer, job: string | null): NewResult => ({
  model,
  document,
  job,
  artefacts: {},
});

/** A document as it is answered: it says where the rest of its result is found. */
export function answeredDocument(document: DetectDocument, id: string): DetectDocument {
  const files = { result: `/v1/results/${id}`, view: `/v1/results/${id}/view` };
  return { ...document, scans: [{ ...scanOf(document), files }] };
}

/** Counts a scored scan, and keeps its view under `id` as soon as it is drawn. */
export function followResult(
  { store, metrics, log }: Pick<Service, "store" | "metrics" | "log">,
  { model, answer: { document, stages, renderings }, id }: {
    readonly model: string;
    readonly answer: ScoreAnswer;
    readonly id: string;
  },
): void {
  metrics.scored(model, scanOf(document).decision, stages);
  renderings.then(({ renderings: { view } }) => {
    if (view) store.results.attach(id, { view });
  }).catch((error) => {
    metrics.failed("view-lost");
    log.warn(`result ${id} stays without a view: ${error instanceof Error ? error.message : error}`);
  });
}
