/** Fitting a method to normal scans, and scoring scans with it. @module */
import { Uni3dadError } from "../errors.ts";
import type { Calibration } from "./calibration.ts";
import { OptionsRefused, ScanRefused, TooFewScans } from "./errors.ts";
import type { Explanation } from "./explanation.ts";
import type { Method } from "./method.ts";
import { partSize, type PartSizes, partSizesOf, refusalWithSizes, sizeNote } from "./part_size.ts";
import type { FittedExtractor, HeldOutScore, ScanSource } from "./plugin.ts";
import { prepare } from "./prepare.ts";
import type { MapFrame, Prepared, ScoreMap } from "./prepared.ts";
import { fitRegistry } from "./registration.ts";
import type { ScanRegistry } from "./scan_registry.ts";
import { randomStream } from "./random.ts";
import { type Run, stage } from "./run.ts";
import type { Scan } from "./scan.ts";
import { type NamedScan, scanSource } from "./scan_source.ts";
import { suspectNotes, suspectScans } from "./suspects.ts";

/** What held-out normal scans score: the scan score, and the map's maximum, from which regions get their threshold. */
export interface ModelCalibration {
  /** Scan scores: the decision's threshold. */
  readonly scan: Calibration;
  /** Largest values of the maps: the regions' threshold. */
  readonly peak: Calibration;
}

/** A method fitted to normal scans. Owns GPU memory. */
export interface Model extends Disposable {
  /** What it is called in results: a folder's name, or a category. */
  readonly name: string;
  /** The method with the options it was fitted with. */
  readonly method: Method;
  /** The feature branch, ready to score. */
  readonly extractor: FittedExtractor;
  /** The normal scans that others are brought to, where the method asks for it. */
  readonly registry?: ScanRegistry;
  /** Absent where it was fitted without. */
  readonly calibration?: ModelCalibration;
  /** How large the parts are that it was fitted on. */
  readonly partSizes: PartSizes;
  /** The scans that it was fitted on, refused ones left out. */
  readonly trainNames: readonly string[];
  /** Those of them that score by the others as if they were defective, the most suspect first; they are in the model all the same. */
  readonly suspects: readonly string[];
  /** SHA-256 over the training scans' points, in their order. */
  readonly fingerprint: string;
}

/** What to fit. */
export interface FitOptions {
  /** What the model will be called in results. */
  readonly name: string;
  /** The method with its options. */
  readonly method: Method;
  /** Normal scans, at least two usable ones. */
  readonly train: readonly NamedScan[];
  /** Normal scans of their own for the calibration; without them, folds of the training scans are held out in turn. */
  readonly heldOut?: readonly NamedScan[];
  /** Most folds of the cross calibration, 2 and more; 0 fits without one. */
  readonly folds: number;
  /** Told of each scan that cannot be used. */
  readonly onRefused: (scan: string, error: Uni3dadError) => void;
}

/** Fewer than this many scans of their own calibrate worse than folds of the training scans do. */
const LEAST_HELD_OUT = 20;

/**
 * Fits a method. The threshold is data of the model: the scores of normal scans that the bank has not seen.
 * @throws {TooFewScans} @throws {OptionsRefused} for a single fold @throws {MemoryBudgetExceeded} @throws {RunAborted}
 */
export async function fitModel(options: FitOptions, run: Run): Promise<Model> {
  const { method, name, folds, onRefused } = options;
  if (folds === 1) {
    throw new OptionsRefused("fit", [{
      path: "folds",
      message: "one fold would leave nothing to fit on: give 0 or 2 and more",
    }]);
  }
  if (options.train.length < 2) throw new TooFewScans(options.train.length, 2, "fit");
  const digests = new Map<string, string>();
  const refused = new Set<string>();
  const refuse = (scan: string, error: Uni3dadError) => {
    if (refused.has(scan)) return;
    refused.add(scan);
    onRefused(scan, error);
  };
  const train = options.train.map((scan) => withDigest(scan, digests));
  const source = (scans: readonly NamedScan[], task: string) =>
    scanSource({ scans, prepare: method.options.prepare, run, task, onRefused: refuse });
  using owned = new DisposableStack();
  const fitParts = (scans: readonly NamedScan[], task: string) =>
    fitExtractor(method, (words) => source(scans, `${task}${words}`), run);
  const sizes = new Map<string, number>();
  const { extractor, registry } = owned.use(
    await stage(run, "fit", () => fitExtractor(method, (words) => measuring(source(train, words), sizes), run)),
  );
  const usable = train.filter((scan) => !refused.has(scan.name));
  if (usable.length < 2) throw new TooFewScans(usable.length, 2, "fit");
  warnOfCopies(usable.map((scan) => scan.name), digests, run);
  const calibration = folds === 0
    ? undefined
    : await stage(run, "calibrate", () => calibrate({ extractor, registry }, usable, options, source, fitParts, run));
  const heldOut = heldOutTraining(extractor, calibration, new Set(usable.map((scan) => scan.name)));
  for (const note of suspectNotes(heldOut)) run.log.warn(note);
  const fingerprint = await digestOf(new TextEncoder().encode(usable.map((scan) => digests.get(scan.name)).join("\n")));
  const kept = owned.move();
  return {
    name,
    method,
    extractor,
    registry,
    calibration,
    partSizes: partSizesOf([...sizes].flatMap(([scan, size]) => refused.has(scan) ? [] : size)),
    trainNames: usable.map((scan) => scan.name),
    suspects: suspectScans(heldOut),
    fingerprint,
    [Symbol.dispose]: () => kept.dispose(),
  };
}

/** Copies see each other when each is left out in turn, so that normal scans seem to differ less than they do. */
function warnOfCopies(names: readonly string[], digests: ReadonlyMap<string, string>, { log }: Run): void {
  const first = new Map<string, string>(), copies: string[] = [];
  for (const name of names) {
    const digest = digests.get(name)!, original = first.get(digest);
    if (original === undefined) first.set(digest, name);
    else copies.push(`${name} of ${original}`);
  }
  if (copies.length === 0) return;
  const which = copies.slice(0, 3).join(", ") + (copies.length > 3 ? ", …" : "");
  log.warn(
    `${copies.length} of ${names.length} normal scans are copies of others (${which}): they tell nothing of how normal scans differ, thresholds and p-values are not to be relied on`,
  );
}

/** The same scans; a walk notes the size of each part. */
function measuring(source: ScanSource, sizes: Map<string, number>): ScanSource {
  return {
    ...source,
    async *walk() {
      for await (const scan of source.walk()) {
        if (!sizes.has(scan.name)) sizes.set(scan.name, partSize(scan));
        yield scan;
      }
    },
  };
}

type MakeSource = (scans: readonly NamedScan[], task: string) => ReturnType<typeof scanSource>;

/** What training scans score by others: as the extractor found on its way, else as the folds did; nothing where neither did. */
function heldOutTraining(
  { heldOut }: FittedExtractor,
  calibration: ModelCalibration | undefined,
  train: ReadonlySet<string>,
): readonly Pick<HeldOutScore, "name" | "score">[] {
  const folds = calibration?.scan;
  const all = heldOut ?? folds?.names.map((name, i) => ({ name, score: folds.scores[i] })) ?? [];
  return all.filter(({ name }) => train.has(name));
}

/** What a fit makes of normal scans. Owns GPU memory. */
interface FittedParts extends Disposable {
  readonly extractor: FittedExtractor;
  readonly registry?: ScanRegistry;
}

/** Fits the registry where the method asks for one, then the extractor. */
async function fitExtractor(
  { extractor, options }: Method,
  source: (words: string) => ReturnType<typeof scanSource>,
  run: Run,
): Promise<FittedParts> {
  using owned = new DisposableStack();
  const registers = extractor.registers?.(options.extractor) ?? false;
  const registry = registers ? owned.use(await fitRegistry(source("laying out"), run)) : undefined;
  const fitted = owned.use(await extractor.fit(source("fitting"), options.extractor, run, registry));
  const kept = owned.move();
  return { extractor: fitted, registry, [Symbol.dispose]: () => kept.dispose() };
}

/** Scores of normal scans by a model that was not fitted on them: scans of their own, else folds. */
async function calibrate(
  parts: Pick<FittedParts, "extractor" | "registry">,
  train: readonly NamedScan[],
  { heldOut = [], folds }: FitOptions,
  source: MakeSource,
  fitParts: (scans: readonly NamedScan[], task: string) => Promise<FittedParts>,
  run: Run,
) {
  const names: string[] = [], scores: number[] = [], peaks: number[] = [], costs: (number | null)[] = [];
  const scoreAll = async (
    by: Pick<FittedParts, "extractor" | "registry">,
    scans: readonly NamedScan[],
    task: string,
  ) => {
    const held = source(scans, task);
    for await (const prepared of held.walk()) {
      try {
        const { map, cost } = await scorePrepared(by, prepared, run);
        names.push(prepared.name);
        scores.push(map.score);
        peaks.push(map.values.reduce((most, value) => Math.max(most, value), 0));
        costs.push(cost);
      } catch (error) {
        if (!(error instanceof ScanRefused)) throw error;
        held.refuse(prepared.name, error);
      }
    }
  };
  if (heldOut.length >= LEAST_HELD_OUT) {
    await scoreAll(parts, heldOut, "calibrating");
    return both("split", 0);
  }
  if (parts.extractor.heldOut) {
    for (const one of parts.extractor.heldOut) {
      names.push(one.name);
      scores.push(one.score);
      peaks.push(one.peak);
      costs.push(one.cost);
    }
    await scoreAll(parts, heldOut, "calibrating, scans of their own");
    return both("leave-one-out", train.length);
  }
  const count = Math.min(folds, train.length);
  const order = randomStream(run.seed, "calibration/folds").shuffle(train.map((_, i) => i));
  for (let fold = 0; fold < count; fold++) {
    const out = new Set(order.filter((_, i) => i % count === fold));
    const rest = train.filter((_, i) => !out.has(i)), held = train.filter((_, i) => out.has(i));
    using part = await fitParts(rest, `calibrating, fold ${fold + 1} of ${count}: `);
    await scoreAll(part, held, `calibrating, fold ${fold + 1} of ${count}: scoring`);
  }
  if (heldOut.length > 0) await scoreAll(parts, heldOut, "calibrating, scans of their own"); // too few alone: they join the folds
  return both("cross", count);

  function both(kind: Calibration["kind"], folds: number): ModelCalibration {
    return { scan: { kind, scores, names, folds, costs }, peak: { kind, scores: peaks, names, folds, costs } };
  }
}

/** A scored scan before its map is laid over the scan. */
export interface ScoredPrepared {
  /** Scores at map resolution, and the scan's score. */
  readonly map: ScoreMap;
  /** How far the scan lies from the normal scans that it was brought to, metres; null where it was not registered. */
  readonly cost: number | null;
  /** What people should know of the scan before they trust its score: sentences without a full stop. */
  readonly notes: readonly string[];
  /** What stands behind the map, where it was asked for and the extractor can tell. */
  readonly explanation?: Explanation;
}

/** What is wanted of a score besides the map. */
export interface ScoreOptions {
  /** Adds the explanation, where the extractor can tell. */
  readonly explain?: boolean;
}

/**
 * Brings a prepared scan to the normal ones where the method asks for it, and scores it.
 * @throws {ScanRefused} also where its size is that of another unit, if the normal sizes are given @throws {RunAborted}
 */
export async function scorePrepared(
  { extractor, registry, partSizes }: Pick<Model, "extractor" | "registry"> & Partial<Pick<Model, "partSizes">>,
  prepared: Prepared,
  run: Run,
  { explain = false }: ScoreOptions = {},
): Promise<ScoredPrepared> {
  const size = partSize(prepared), noteOfSize = () => partSizes && sizeNote(prepared.name, size, partSizes);
  if (partSizes && size > partSizes.most) noteOfSize(); // first: what is far too large is slow to search, and to register
  const scored = await score();
  const note = noteOfSize(); // last: of what is far too small the extractor may know more, such as that hardly a point is left
  return { ...scored, notes: note === undefined ? [] : [note] };

  async function score(): Promise<Omit<ScoredPrepared, "notes">> {
    using registration = registry && await stage(run, "register", () => registry.register(prepared, run));
    const scan = registration ? { ...prepared, registration } : prepared, cost = registration?.cost ?? null;
    const explanation = explain ? await extractor.explain?.(scan, run) : undefined;
    if (explanation) return { map: explanation.map, cost, explanation };
    return { map: await extractor.score(scan, run), cost };
  }
}

/** One scored scan. */
export interface Scored extends ScoredPrepared {
  /** How the map lies over the scan's own grid. */
  readonly frame: MapFrame;
  /** Ground truth at map resolution, where the scan has one. */
  readonly truth?: Uint8Array;
}

/**
 * One scan to one map, at map resolution; higher is more anomalous, never NaN. Read back: what the extractor reads, one wait.
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
  return { ...scored, frame: prepared.frame, truth: prepared.truth };
}

function withDigest(scan: NamedScan, digests: Map<string, string>): NamedScan {
  return {
    name: scan.name,
    load: async () => {
      const loaded = await scan.load();
      const { points } = loaded;
      if (!digests.has(scan.name)) {
        digests.set(
          scan.name,
          await digestOf(new Uint8Array(points.buffer as ArrayBuffer, points.byteOffset, points.byteLength)),
        );
      }
      return loaded;
    },
  };
}

/** SHA-256 as hexadecimal digits. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
