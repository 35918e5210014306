/** What a fitted `ocsvm` knows. @module */
import type { FusionPlane } from "../../core/mod.ts";
import type { LinearBoundary } from "./boundary.ts";

/** All that a model keeps of it. */
export interface Known {
  /** For people: the choice of k, the boundary. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** For people: where the boundary runs; its scale is the k in use. */
  readonly plane: FusionPlane;
  /** A straight boundary, or `n × 2` corners of a curved one's frontier, rising x. */
  readonly boundary: Pick<LinearBoundary, "w" | "rho"> | Float32Array<ArrayBuffer>;
}
