/** What the worker that owns the GPU and the one that draws say to each other. @module */
import type { ModelFacts, ScanFound } from "../../core/mod.ts";
import type { ScanToRender } from "../../host/mod.ts";
import type { ColourScale } from "../../report/mod.ts";
import type { Carried } from "./carried.ts";
import type { Drawn, Rendering } from "./scoring_messages.ts";

/** A judged scan and what is wanted of it. */
export interface RenderJob {
  /** What its pictures are made from. */
  readonly judged: ScanToRender;
  /** What the document says of it. */
  readonly found: ScanFound;
  /** What the document says of its model. */
  readonly facts: ModelFacts;
  /** Of all pictures. */
  readonly scale: ColourScale;
  /** The kinds wanted. */
  readonly renderings: readonly Rendering[];
}

/** To the worker that draws. */
export interface ToRendering {
  /** Of the answer. */
  readonly id: number;
  /** What to draw. */
  readonly job: RenderJob;
}

/** Its answer, in the order of the jobs. */
export type FromRendering =
  | Drawn & { readonly id: number }
  | { readonly id: number; readonly error: Carried };
