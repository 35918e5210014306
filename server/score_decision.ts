/** By which threshold or rate a scan is decided. @module */
import type { DecisionOptions } from "../core/mod.ts";
import type { ScoreQuery } from "./schemas/score_schema.ts";
import type { ModelSettings } from "./schemas/model_schema.ts";

/** What a request asks for, or else what is set of the model. */
export const scoreDecision = (
  asked: Pick<ScoreQuery, "threshold" | "alpha">,
  set: Pick<ModelSettings, "threshold" | "alpha">,
): DecisionOptions => ({
  threshold: asked.threshold ?? set.threshold ?? undefined,
  alpha: asked.alpha ?? set.alpha ?? undefined,
});
