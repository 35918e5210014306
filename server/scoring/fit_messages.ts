/** What a fit's worker and who waits for it say to each other. @module */
import type { MethodOverrides, ModelFacts } from "../../core/mod.ts";
import type { Refused } from "../../host/mod.ts";
import type { Carried, CarriedWords } from "./carried.ts";

/** A fit that is wanted. */
export interface FitWanted {
  /** Path of a category's folder, in the layout of MVTec 3D-AD. */
  readonly folder: string;
  /** What the model is called: its folder's name, and its name in documents. */
  readonly name: string;
  /** Such as `fpfh`. */
  readonly method: string;
  /** Name of the option set. */
  readonly preset: string;
  /** Changes to the preset. */
  readonly overrides?: MethodOverrides;
  /** Normal scans are held out in so many turns to find the threshold; 0: none. */
  readonly folds?: number;
  /** Path of the folder of models. */
  readonly into: string;
  /** Whether a model of this name may be replaced. */
  readonly replace: boolean;
}

/** What a fit gets from outside. */
export interface FitSurroundings {
  /** Every random choice comes from it. Default 0. */
  readonly seed?: number;
  /** Most bytes that it may use. */
  readonly memoryBytes?: number;
  /** Whether a driver may be downloaded where there is none. */
  readonly download?: boolean;
}

/** What a fit has made. */
export interface Fitted {
  /** The model's. */
  readonly name: string;
  /** Scans that could not be used. */
  readonly refused: readonly Refused[];
  /** What documents say of the model. */
  readonly facts: ModelFacts;
}

/** To the worker: what is wanted; then, once it has fitted, that it may write. */
export type ToFit =
  | { readonly kind: "fit"; readonly wanted: FitWanted; readonly surroundings: FitSurroundings }
  | { readonly kind: "write" };

/** From the worker; `fitted` asks whether it may write. */
export type FromFit =
  | CarriedWords
  | { readonly kind: "progress"; readonly task: string; readonly done: number; readonly total: number }
  | { readonly kind: "fitted" }
  | { readonly kind: "done"; readonly fitted: Fitted }
  | { readonly kind: "failed"; readonly error: Carried };
