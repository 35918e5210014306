/** Scoring scans with a fitted method. @module */
import { seenBy } from "./branch_map.ts";
import type { Camera } from "./camera.ts";
import type { Explanation } from "./explanation.ts";
import { type Model, registryOf } from "./fitted_model.ts";
import { partSize, refusalWithSizes, sizeNote } from "./part_size.ts";
import { poseIn } from "./pose.ts";
import { prepare } from "./prepare.ts";
import type { MapFrame, Prepared, ScoreMap } from "./prepared.ts";
import type { Registration } from "./registered.ts";
import { type Run, stage } from "./run.ts";
import type { Scan } from "./scan.ts";
import { judgeBoth, type JudgedBoth, type JudgedBranches } from "./score_both.ts";

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
  const { reconstruction, fuser } = parts;
  if (!reconstruction || !fuser) {
    return await ofItsSize(
      parts,
      prepared,
      () =>
        registered(parts, prepared, run, async ({ cost }, feature) => ({ ...await feature(options), cost, notes: [] })),
    );
  }
  const judged = await judgeBranches({ ...parts, reconstruction }, prepared, run, options);
  return { ...judged, map: await stage(run, "fuse", () => fuser.fuse(judged.branches, run)) };
}

/** Both branches of a scan, before anything joins them. */
export interface JudgedPrepared extends JudgedBoth {
  /** How far the scan lies from the normal scans that it was brought to, metres; null where it was not registered. */
  readonly cost: number | null;
}

/** What {@linkcode scorePrepared} does of two branches, without a fuser. @throws as it does */
export function judgeBranches(
  parts: Omit<ScoringParts, "fuser"> & Required<Pick<ScoringParts, "reconstruction">>,
  prepared: Prepared,
  run: Run,
  options: ScoreOptions = {},
): Promise<JudgedPrepared> {
  return ofItsSize(parts, prepared, () =>
    registered(parts, prepared, run, async ({ cost, registration }, feature) => {
      const fits = poseIn(parts, cost).pose?.fits ?? true;
      const { reconstruction } = parts, shape = options.reconstruction;
      const both = { feature: () => feature(options), reconstruction, scan: prepared, registration, fits, shape };
      return { ...await judgeBoth(both, run), cost };
    }));
}

/** The scan's score with what its size tells; sizes of another unit are refused. @throws {ScanRefused} */
async function ofItsSize<T extends { readonly notes: readonly string[] }>(
  { partSizes }: ScoringParts,
  prepared: Prepared,
  score: () => Promise<T>,
): Promise<T> {
  const size = partSize(prepared), noteOfSize = () => partSizes && sizeNote(prepared.name, size, partSizes);
  if (partSizes && size > partSizes.most) noteOfSize(); // first: what is far too large is slow to search, and to register
  const scored = await score();
  const note = noteOfSize(); // last: of what is far too small the extractor may know more, such as that hardly a point is left
  return note === undefined ? scored : { ...scored, notes: [note, ...scored.notes] };
}

/** What the extractor makes of a scan. */
type FeatureScore = (options: ScoreOptions) => Promise<{ readonly map: ScoreMap; readonly explanation?: Explanation }>;

/** Does something with a scan brought to the normal ones, where a branch asks for that, and with the extractor that sees it so. */
async function registered<T>(
  parts: ScoringParts,
  prepared: Prepared,
  run: Run,
  judge: (
    at: { readonly cost: number | null; readonly registration?: Registration },
    feature: FeatureScore,
  ) => Promise<T>,
): Promise<T> {
  const registry = registryOf(parts), { extractor } = parts;
  using registration = registry && await stage(run, "register", () => registry.register(prepared, run));
  const seen = seenBy(parts.registry !== undefined, prepared, registration);
  return await judge({ cost: registration?.cost ?? null, registration }, async ({ explain }) => {
    const explanation = explain ? await extractor.explain?.(seen, run) : undefined;
    return explanation ? { map: explanation.map, explanation } : { map: await extractor.score(seen, run) };
  });
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
