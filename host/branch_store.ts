/**
 * Maps of both branches in a folder, so that every fuser is fitted and measured without computing them again. @module
 *
 * One file a scan, written under a temporary name and renamed: a killed run leaves whole files only. `held-out/NNN.safetensors` are the scans
 * that fusers learn from, with the defects pasted on them; `held-out.json` names them and is written after the last. `test/…` are test scans;
 * what lies there carries the digest of the scan's own file in its name, so that another scan of that name is not taken for it.
 */
import { z } from "zod";
import type { BranchMaps, DefectMaps, HeldOut, HeldOutMaps, ScoreMap, Storage } from "../core/mod.ts";
import { FileMissing } from "../core/mod.ts";
import { MalformedFile, readSafetensors, type SafetensorsFile, writeSafetensors } from "../formats/mod.ts";
import { diskStorage } from "./disk.ts";
import type { Refused } from "./fit.ts";

/** Which test scan: its name, and what tells its file from another one of that name. */
export interface StoredName {
  /** As the data set calls it, such as `bent/005`. */
  readonly name: string;
  /** SHA-256 over scan and mask. */
  readonly digest: string;
}

/** Both maps of a test scan. */
export interface StoredScan extends BranchMaps {
  /** `size²`: 1 where it is defective; absent where the scan has no ground truth. */
  readonly truth?: Uint8Array;
}

/** What the fusers of a pair of branches learn from. */
export interface StoredHeldOut {
  /** Normal scans, with the defects pasted on them. */
  readonly heldOut: HeldOut<HeldOutMaps>;
  /** Normal scans that could not be used. */
  readonly refused: readonly Refused[];
}

/** An open folder. */
export interface BranchStore {
  /** Its path. */
  readonly label: string;
  /** What fusers learn from; undefined where it is not whole. */
  heldOut(): Promise<StoredHeldOut | undefined>;
  /** Keeps it. @throws {OutputUnwritable} */
  keepHeldOut(found: StoredHeldOut): Promise<void>;
  /** A test scan's maps, or why it has none; undefined where neither is there. */
  scan(scan: StoredName): Promise<StoredScan | Refused | undefined>;
  /** Keeps a test scan's maps. @throws {OutputUnwritable} */
  keepScan(scan: StoredName, maps: StoredScan): Promise<void>;
  /** Keeps why a test scan has no maps. @throws {OutputUnwritable} */
  keepRefused(scan: StoredName, refused: Refused): Promise<void>;
}

/** Tells the maps of a test scan from the reason why it has none. */
export const isRefused = (found: StoredScan | Refused): found is Refused => "error" in found;

const INDEX = "held-out.json";

const refusedSchema = z.strictObject({
  input: z.string(),
  error: z.strictObject({ code: z.string(), message: z.string() }),
});

const indexSchema = z.strictObject({
  schema: z.literal("uni3dad.branches/1"),
  kind: z.enum(["split", "leave-one-out", "cross"]),
  folds: z.int(),
  scans: z.array(z.strictObject({
    name: z.string(),
    file: z.string(),
    cost: z.number().nullable(),
    kinds: z.array(z.string()),
  })),
  refused: z.array(refusedSchema),
});

/** Opens a folder; it need not be there yet. */
export function openBranchStore(folder: string): BranchStore {
  const storage = diskStorage(folder);
  const placeOf = ({ name, digest }: StoredName) => `test/${name}-${digest.slice(0, 16)}`;
  return {
    label: folder,
    heldOut: () => wholeOrNothing(() => readHeldOut(storage)),
    async keepHeldOut({ heldOut: { kind, folds, found }, refused }) {
      const scans: z.output<typeof indexSchema>["scans"] = [];
      for (const [at, { name, cost, defects, ...maps }] of found.entries()) {
        const file = `held-out/${String(at).padStart(3, "0")}.safetensors`;
        await storage.write(file, bytesOf([maps, ...defects]));
        scans.push({ name, file, cost, kinds: defects.map(({ kind }) => kind) });
      }
      await storage.write(INDEX, json({ schema: "uni3dad.branches/1", kind, folds, scans, refused }));
    },
    async scan(scan) {
      const maps = await wholeOrNothing(async () => {
        const file = readSafetensors(await storage.read(`${placeOf(scan)}.safetensors`));
        return mapsIn(file, 0);
      });
      return maps ??
        await wholeOrNothing(async () => refusedSchema.parse(textOf(await storage.read(`${placeOf(scan)}.json`))));
    },
    keepScan: (scan, maps) => storage.write(`${placeOf(scan)}.safetensors`, bytesOf([maps])),
    keepRefused: (scan, refused) => storage.write(`${placeOf(scan)}.json`, json(refused)),
  };
}

async function readHeldOut(storage: Storage): Promise<StoredHeldOut> {
  const { kind, folds, scans, refused } = indexSchema.parse(textOf(await storage.read(INDEX)));
  const found: HeldOutMaps[] = [];
  for (const { name, file, cost, kinds } of scans) {
    const stored = readSafetensors(await storage.read(file));
    const defects = kinds.map((kind, i): DefectMaps => {
      const { truth, ...maps } = mapsIn(stored, i + 1);
      if (!truth) throw new MalformedFile(file, 0, `a ${kind} has no truth`);
      return { kind, truth, ...maps };
    });
    const { feature, missing } = mapsIn(stored, 0);
    found.push({ name, cost, feature, missing, defects });
  }
  return { heldOut: { kind, folds, found }, refused };
}

/** What is read; undefined where a file is missing or no longer what was written: it is computed again then. */
async function wholeOrNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const torn = error instanceof FileMissing || error instanceof MalformedFile || error instanceof SyntaxError ||
      error instanceof z.ZodError;
    if (!torn) throw error;
    return undefined;
  }
}

/** One file of maps: `N.feature`, `N.missing` and, where there is one, `N.truth`, N from 0. */
function bytesOf(scans: readonly StoredScan[]): Uint8Array {
  const tensors = new Map<string, { shape: number[]; values: Float32Array | Uint8Array }>();
  const scores: Record<string, string> = {};
  for (const [at, { feature, missing, truth }] of scans.entries()) {
    const put = (branch: string, values: Float32Array | Uint8Array) =>
      tensors.set(`${at}.${branch}`, { shape: [feature.size, feature.size], values });
    for (const [branch, { values, score }] of Object.entries({ feature, missing })) {
      put(branch, values);
      scores[`${at}.${branch}`] = String(score);
    }
    if (truth) put("truth", truth);
  }
  return writeSafetensors(tensors, scores);
}

/** @throws {MalformedFile} */
function mapsIn({ tensors, metadata }: SafetensorsFile, at: number): StoredScan {
  const mapOf = (branch: "feature" | "missing"): ScoreMap => {
    const { shape: [size = 0], values } = tensors.get(`${at}.${branch}`) ?? { shape: [], values: undefined };
    const score = Number(metadata[`${at}.${branch}`]);
    if (!(values instanceof Float32Array) || Number.isNaN(score)) {
      throw new MalformedFile("branch maps", 0, `no ${branch} map ${at}`);
    }
    return { size, values, score };
  };
  const truth = tensors.get(`${at}.truth`)?.values;
  return {
    feature: mapOf("feature"),
    missing: mapOf("missing"),
    ...(truth instanceof Uint8Array ? { truth } : {}),
  };
}

const json = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
const textOf = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));
