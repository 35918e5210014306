/** The interfaces that plugins implement: plain objects, no base class. @module */
import type { Uni3dadError } from "../errors.ts";
import type { GpuBuffer, Rows } from "../kernels/mod.ts";
import type { Explanation } from "./explanation.ts";
import type { ModelFolder } from "./model_folder.ts";
import type { OptionsSchema } from "./options.ts";
import type { DefectKind } from "./pasted_shapes.ts";
import type { Prepared, ScoreMap } from "./prepared.ts";
import type { ScanRegistry } from "./scan_registry.ts";
import type { Run } from "./run.ts";

/** What all plugins have. */
export interface Plugin<O> {
  /** Which of the interfaces it implements. */
  readonly kind: "descriptor" | "extractor" | "reconstructor" | "fuser";
  /** In model files and on command lines: written out, never derived. */
  readonly name: string;
  /** Semantic version of what the plugin computes; models of another one are refused. */
  readonly version: string;
  /** The version of these interfaces. */
  readonly api: 1;
  /** Bounds, defaults and a sentence of help for each option. */
  readonly options: OptionsSchema<O>;
  /** Whole, valid option sets by name; `default` is always there. */
  readonly presets: Readonly<Record<string, O>>;
}

/** Normal scans, prepared; can be walked several times and never holds all of them. Each scan is disposed before the next is made. */
export interface ScanSource {
  /** How many scans a walk gives. */
  readonly count: number;
  /** The scans' names, in the order of a walk. */
  readonly names: readonly string[];
  /** All scans that can be used, one at a time. */
  walk(): AsyncIterable<Prepared>;
  /** Leaves out a scan of a walk that only the plugin can tell to be of no use, such as one with too few points. */
  refuse(scan: string, error: Uni3dadError): void;
}

/** Turns a scan into one row of features a point of the {@linkcode Prepared}. */
export interface Descriptor<O> extends Plugin<O> {
  /** Tells it from the other plugins. */
  readonly kind: "descriptor";
  /** How many features a row has. */
  columns(options: O): number;
  /** `count` rows, in the order of the scan's points; the caller disposes them. */
  describe(scan: Prepared, options: O, run: Run): Rows | Promise<Rows>;
}

/** A defect that was pasted on a normal scan by `pasteDefect`, so that it can be pasted again. */
export interface PastedTrial {
  /** The normal scan's name. */
  readonly scan: string;
  /** What was pasted. */
  readonly kind: DefectKind;
  /** The random stream of the run's seed that decided how. */
  readonly stream: string;
}

/** Told of maps that a fit finds on its way, each by all normal scans but the one it is of; the fit keeps none. */
export interface HeldOutListener {
  /** The map of a normal scan. */
  readonly clean: (scan: string, map: ScoreMap) => void;
  /** The map of a normal scan with a defect; absent where nobody wants them, so that none need be made. */
  readonly pasted?: (trial: PastedTrial, map: ScoreMap) => void;
}

/** Anything that turns a scan into a feature map (S1). */
export interface Extractor<O> extends Plugin<O> {
  /** Tells it from the other plugins. */
  readonly kind: "extractor";
  /** Whether it asks, with these options, for scans that are brought to the normal ones; it doesn't where absent. */
  registers?(options: O): boolean;
  /** Whether what it fits with these options has {@linkcode FittedExtractor.explain}; it doesn't where absent. */
  explains?(options: O): boolean;
  /**
   * Learns what is normal; `registry` holds the same normal scans where it asked for it. Where the fit finds on its way what a normal scan
   * scores by all others, it tells `listener` the map. @throws {TooFewScans} @throws {RunAborted}
   */
  fit(
    normal: ScanSource,
    options: O,
    run: Run,
    registry?: ScanRegistry,
    listener?: HeldOutListener,
  ): Promise<FittedExtractor>;
  /** Opens what {@linkcode FittedExtractor.save} kept, with the options that it was fitted with. @throws {ModelRefused} */
  load(model: ModelFolder, options: O, run: Run): Promise<FittedExtractor>;
}

/** What a normal scan scores by all others. */
export interface HeldOutScore {
  /** The scan's. */
  readonly name: string;
  /** The score that the scan would get. */
  readonly score: number;
  /** The largest value of its map. */
  readonly peak: number;
  /** Cost of its registration to the others, metres; null where it was not registered. */
  readonly cost: number | null;
}

/** A fitted extractor; owns GPU memory. */
export interface FittedExtractor extends Disposable {
  /** What tables and results say of it, such as `{ bankRows: 2508 }`. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** What each normal scan scores when it is left out, where the fit found that on its way; a loaded one need not have it. */
  readonly heldOut?: readonly HeldOutScore[];
  /** One map of a scan that was prepared as the normal ones were. @throws {ScanRefused} @throws {RunAborted} */
  score(scan: Prepared, run: Run): Promise<ScoreMap>;
  /**
   * The map of a scan with what stands behind it: how each patch differs from normal ones, and which of them it is most like. Absent
   * where the extractor can't tell. @throws {ScanRefused} @throws {RunAborted}
   */
  explain?(scan: Prepared, run: Run): Promise<Explanation>;
  /** Keeps everything that {@linkcode Extractor.load} needs. */
  save(model: ModelFolder): Promise<void>;
}

/** One whole shape of a {@linkcode Reconstruction}. */
export interface ReconstructedShape {
  /** Its first point. */
  readonly first: number;
  /** How many points it has. */
  readonly count: number;
  /** How much it counts; the weights of all shapes add up to 1. */
  readonly weight: number;
}

/**
 * What a scan should have been: one whole normal shape, or several that fit about as well. Owns GPU memory.
 */
export interface Reconstruction extends Disposable {
  /** `count × 4` on the GPU, one shape behind the other: x, y, z in the scan's camera frame, metres, and 0. */
  readonly points: GpuBuffer<"f32">;
  /** At least one. */
  readonly shapes: readonly ReconstructedShape[];
  /**
   * `count` on the GPU: distance of each point to the third-nearest of its shape, metres, by which it is drawn; negative for points that
   * belong to no whole shape, such as remains of a table. Absent: it is measured, all points count, and the outline is closed again.
   */
  readonly spacing?: GpuBuffer<"f32">;
  /**
   * `count` on the GPU: how deep gaps of normal scans are at that point, metres in the plane across the viewing direction; 0 where normal
   * scans have none. Absent where the reconstructor doesn't know.
   */
  readonly usual?: GpuBuffer<"f32">;
}

/** Anything that gives a scan the whole shape that it should have had. */
export interface Reconstructor<O> extends Plugin<O> {
  /** Tells it from the other plugins. */
  readonly kind: "reconstructor";
  /** Whether it asks, with these options, for scans that are brought to the normal ones; it doesn't where absent. */
  registers?(options: O): boolean;
  /** Whether it can be given networks that were trained before, on these normal scans or on others of the product; it can't where absent. */
  readonly takesTrained?: boolean;
  /**
   * Learns whole normal shapes; `registry` holds the same normal scans where it asked for it. `trained`, at least one where given, stand for
   * what it would train itself. @throws {TooFewScans} @throws {ModelRefused} for networks that it can't take @throws {RunAborted}
   */
  fit(
    normal: ScanSource,
    options: O,
    run: Run,
    registry?: ScanRegistry,
    trained?: readonly ModelFolder[],
  ): Promise<FittedReconstructor>;
  /** Opens what {@linkcode FittedReconstructor.save} kept, with the options that it was fitted with. @throws {ModelRefused} */
  load(model: ModelFolder, options: O, run: Run): Promise<FittedReconstructor>;
}

/** A fitted reconstructor; owns GPU memory. */
export interface FittedReconstructor extends Disposable {
  /** What tables and results say of it, such as `{ shapes: 32 }`. */
  readonly facts: Readonly<Record<string, number | string>>;
  /**
   * Whether {@linkcode FittedReconstructor.reconstruct} can take a scan of its own fit as if it had never seen it; otherwise held-out scans
   * are reconstructed by a fit without them.
   */
  readonly leavesOut: boolean;
  /**
   * The whole shapes that the scan should have been. With `heldOut` the scan is one that it was fitted on, by its name, and what it knows of
   * it is left out; where it registers, so does the scan's registration. @throws {ScanRefused} where no shape fits @throws {RunAborted}
   */
  reconstruct(scan: Prepared, run: Run, options?: { readonly heldOut?: boolean }): Promise<Reconstruction>;
  /** Keeps everything that {@linkcode Reconstructor.load} needs. */
  save(model: ModelFolder): Promise<void>;
}

/** The maps of both branches of one scan. */
export interface BranchMaps {
  /** The extractor's: surfaces that look odd. */
  readonly feature: ScoreMap;
  /** The reconstructor's: places where something is missing. */
  readonly missing: ScoreMap;
}

/** The maps of both branches of a scan with a defect, and where the defect is. */
export interface DefectMaps extends BranchMaps {
  /** Which kind of defect, such as `dent`. */
  readonly kind: string;
  /** `size²`: 1 where the defect is, 0 elsewhere. */
  readonly truth: Uint8Array;
}

/**
 * Scans with defects that a fuser may be fitted by: `synthetic` ones are pasted on held-out normal scans, so that no label is touched;
 * `labelled` ones are real, and whoever asks for them says that its figures were tuned by labels.
 */
export type DefectExamples = "synthetic" | "labelled";

/** Anything that makes one map of two. */
export interface Fuser<O> extends Plugin<O> {
  /** Tells it from the other plugins. */
  readonly kind: "fuser";
  /** Which defects it asks for with these options; none where absent. */
  examples?(options: O): DefectExamples | undefined;
  /**
   * Learns how the two branches score normal scans that neither was fitted on. `defects` are those that it asked for, where there are
   * any: it has to do without, and says so. @throws {TooFewScans} @throws {RunAborted}
   */
  fit(
    normal: AsyncIterable<BranchMaps>,
    options: O,
    run: Run,
    defects?: AsyncIterable<DefectMaps>,
  ): Promise<FittedFuser>;
  /** Opens what {@linkcode FittedFuser.save} kept, with the options that it was fitted with. @throws {ModelRefused} */
  load(model: ModelFolder, options: O, run: Run): Promise<FittedFuser>;
}

/** The plane of both branches in which a fuser draws a boundary: x is the scaled feature score, y the missing-region score. */
export interface FusionPlane {
  /** x = scale · S1, y = S2. */
  readonly scale: number;
  /** `n × 2`: x and y of places of held-out normal scans, a sample. */
  readonly normal: Float32Array;
  /** Lines on which the boundary runs, each `n × 2`: x and y of its corners in turn. */
  readonly boundary: readonly Float32Array[];
}

/** A fitted fuser. */
export interface FittedFuser extends Disposable {
  /** What tables and results say of it, such as the factor between the branches. */
  readonly facts: Readonly<Record<string, number | string>>;
  /** Where it draws a boundary in the plane of both branches; absent where it draws none. */
  readonly plane?: FusionPlane;
  /** One map of both, of the same size. @throws {RunAborted} */
  fuse(maps: BranchMaps, run: Run): Promise<ScoreMap>;
  /** Keeps everything that {@linkcode Fuser.load} needs. */
  save(model: ModelFolder): Promise<void>;
}
