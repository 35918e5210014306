/** What the scorer and the worker that owns the GPU say to each other. @module */
import type { DecisionOptions, DetectDocument, Unit } from "../../core/mod.ts";
import type { Carried, CarriedWords } from "./carried.ts";

/** What can be made of a scored scan: what a page draws (JSON), a PNG, a float TIFF, a PLY. */
export type Rendering = "view" | "picture" | "map" | "cloud";

/** Files of a scored scan by kind. */
export type Renderings = Partial<Record<Rendering, Uint8Array<ArrayBuffer>>>;

/** Pictures of a scored scan. */
export interface Drawn {
  /** Files by kind. */
  readonly renderings: Renderings;
  /** How long they took. */
  readonly seconds: number;
}

/** A scan to score. */
export interface ScoreRequest {
  /** Name of a folder of the models' folder. */
  readonly model: string;
  /** What the scan is called in the document. */
  readonly input: string;
  /** The file's bytes; they must not be changed before the answer. */
  readonly bytes: Uint8Array;
  /** Unit of its coordinates; metres where absent. */
  readonly unit?: Unit;
  /** Places that a scan may have; more are refused before memory is taken for them. */
  readonly mostPoints?: number;
  /** False-alarm rate or threshold. */
  readonly decision: DecisionOptions;
  /** What is wanted besides the document. */
  readonly renderings: readonly Rendering[];
}

/** Steps of one score, in their order. */
export type ScoreStep = "load" | "read" | "score";

/** A scan's document and how long it took. */
export interface Scored {
  /** With the one scan. */
  readonly document: DetectDocument;
  /** Seconds by stage of the pipeline, `load` of the model among them. */
  readonly stages: Readonly<Record<string, number>>;
}

/** How the worker stands. */
export interface WorkerState {
  /** The driver's words, and whether the "GPU" is the processor. */
  readonly adapter: { readonly description: string; readonly software: boolean };
  /** GPU memory in use, bytes. */
  readonly gpuBytes: number;
  /** Names of the models that lie on it, the least recently used first. */
  readonly loaded: readonly string[];
}

/** How the worker is started. */
export interface WorkerOptions {
  /** Path of the folder of models. */
  readonly models: string;
  /** Most bytes of models that stay loaded; the one in use always does. */
  readonly memoryBytes: number;
  /** See {@linkcode OpenRunOptions.seed}. */
  readonly seed?: number;
  /** Whether a driver may be downloaded where there is none. */
  readonly download?: boolean;
  /** Address of a module whose `openGpu` opens the GPU, for tests that lose it; the package's own where absent. */
  readonly gpuModule?: string;
}

/** To the worker: the options first, then what is wanted of it. */
export type ToScoring =
  | { readonly kind: "start"; readonly options: WorkerOptions }
  | { readonly kind: "score"; readonly id: number; readonly request: ScoreRequest }
  | { readonly kind: "forget"; readonly id: number; readonly model: string }
  | { readonly kind: "state"; readonly id: number }
  | { readonly kind: "abort"; readonly id: number };

/** From the worker. Each `id` ends with `done` or `failed`; of a score that is done, `rendered` or `unrendered` follows. */
export type FromScoring =
  | { readonly kind: "ready" }
  | { readonly kind: "absent"; readonly error: Carried }
  | { readonly kind: "device lost" }
  | CarriedWords
  | { readonly kind: "step"; readonly id: number; readonly step: ScoreStep }
  | { readonly kind: "done"; readonly id: number; readonly value?: Scored | WorkerState }
  | { readonly kind: "failed"; readonly id: number; readonly error: Carried }
  | Drawn & { readonly kind: "rendered"; readonly id: number }
  | { readonly kind: "unrendered"; readonly id: number; readonly error: Carried };
