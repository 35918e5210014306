/** Scoring scans with a fitted method. @module */
import { seenBy } from "./branch_map.ts";
import type { Camera } from "./camera.ts";
import type { Explanation } from "./explanation.ts";
import { type Model, registryOf } from "./fitted_model.ts";
import { partSize, refusalWithSizes, sizeNote } from "./part_size.ts";
import { poseIn } from "./pose.ts";
import { prepare } from "./prepare.ts";
import type { MapFrame, Prepared, ScoreMap } from "./prepared.ts";
import { type Run, stage } from "./run.ts";
import type { Scan } from "./scan.ts";
import { type JudgedBranches, scoreBoth } from "./score_both.ts";

/** A scored scan before its map is laid over the scan. */
export interface ScoredPrepared {
  /** Scores at map resolution, and the scan's score; of both branches where the method has two. */
  readonly map: ScoreMap;
  /** How far the scan lies from the normal scans that it was brought to, metres; null where it was not registered. */
  readonly cost: number | null;
  /** What people should know of the scan before they trust its score: sentences without a full stop. */
  readonly notes: readonly string[];
  /** What stands behind the feature branch's map, where it was asked for and the extractor can tell. */
  readonly explanation?: Explanation;
  /** Each branch by itself, where the method has two. */
  readonly branches?: JudgedBranches;
}

/** What is wanted of a score besides the map. */
export interface ScoreOptions {
  /** Adds the explanation, where the extractor can tell. */
  readonly explain?: boolean;
  /** Adds the whole shape that the scan should have been, where the method has a reconstructor. */
  readonly reconstruction?: boolean;
}

/** What a scan is scored with: a model, or as much of one as there is. */
export type ScoringParts =
  & Pick<Model, "extractor" | "registry" | "reconstruction" | "fuser">
  & Partial<Pick<Model, "partSizes" | "calibration">>;

/**
 * Brings a prepared scan to the normal ones where the method asks for it, and scores it. Of two branches one may fail: the other decides
 * then, and a note says so.
 * @throws {ScanRefused} also where its size is that of another unit, if the normal sizes are given @throws {RunAborted}
 */
export async function scorePrepared(
  parts: ScoringParts,
  prepared: Prepared,
  run: Run,
  options: ScoreOptions = {},
): Promise<ScoredPrepared> {
  const { extractor, reconstruction, fuser, partSizes } = parts;
  const size = partSize(prepared), noteOfSize = () => partSizes && sizeNote(prepared.name, size, partSizes);
  if (partSizes && size > partSizes.most) noteOfSize(); // first: what is far too large is slow to search, and to register
  const { notes = [], ...scored } = await score();
  const note = noteOfSize(); // last: of what is far too small the extractor may know more, such as that hardly a point is left
  return { ...scored, notes: note === undefined ? notes : [note, ...notes] };

  async function score(): Promise<Omit<ScoredPrepared, "notes"> & { readonly notes?: readonly string[] }> {
    const registry = registryOf(parts);
    using registration = registry && await stage(run, "register", () => registry.register(prepared, run));
    const cost = registration?.cost ?? null;
    const seen = seenBy(parts.registry !== undefined, prepared, registration);
    const feature = async () => {
      const explanation = options.explain ? await extractor.explain?.(seen, run) : undefined;
      return explanation ? { map: explanation.map, explanation } : { map: await extractor.score(seen, run) };
    };
    if (!reconstruction || !fuser) return { ...await feature(), cost };
    const fits = poseIn(parts, cost).pose?.fits ?? true;
    const both = { feature, reconstruction, fuser, scan: prepared, registration, fits, shape: options.reconstruction };
    return { ...await scoreBoth(both, run), cost };
  }
}

/** One scored scan. */
export interface Scored extends ScoredPrepared {
  /** How the map lies over the scan's own grid. */
  readonly frame: MapFrame;
  /** Where the map's pixels look; absent where it can't be told. */
  readonly camera?: Camera;
  /** Ground truth at map resolution, where the scan has one. */
  readonly truth?: Uint8Array;
}

/**
 * One scan to one map, at map resolution; higher is more anomalous, never NaN. Read back: what the branches read.
 * @throws {ScanRefused} @throws {RunAborted}
 */
export async function scoreScan(model: Model, scan: Scan, run: Run, options: ScoreOptions = {}): Promise<Scored> {
  const { method, partSizes } = model;
  using prepared = await stage(run, "prepare", () => {
    try {
      return prepare(scan, method.options.prepare, run);
    } catch (error) {
      throw refusalWithSizes(error, scan, partSizes);
    }
  });
  const scored = await scorePrepared(model, prepared, run, options);
  const { frame, camera, truth } = prepared;
  return { ...scored, frame, camera, truth };
}
