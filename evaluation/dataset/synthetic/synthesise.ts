/** A whole synthetic data set, written in the layout of MVTec 3D-AD. @module */
import { randomStream, type Storage } from "../../../core/mod.ts";
import { writePng, writeTiff } from "../../../formats/mod.ts";
import { maskValue } from "./defects.ts";
import { type DefectName, DEFECTS, type SynthOptions } from "./options.ts";
import { cameraParameters, drawRig, type Pose } from "./rig.ts";
import { syntheticScan } from "./synthetic_scan.ts";

/** Version of what the generator draws: with another version the same seed may give other scans. */
const GENERATOR_VERSION = 1;

/** One scan of a synthetic data set and what was drawn for it. Lengths in metres, angles in radians. */
export interface ManifestFile {
  /** The scan, relative to the category's folder. */
  readonly file: string;
  readonly mask?: string;
  readonly split: "train" | "validation" | "test";
  readonly defect: DefectName | "good";
  readonly shape: Readonly<Record<string, number>>;
  /** The factor of variation, where it had to be less than that of the options. */
  readonly vary?: number;
  readonly pose: Pose;
  readonly damage?: Readonly<Record<string, number | string>>;
  /** Pixels of the mask. */
  readonly maskPixels: number;
  /** Pixels of the mask on the part, as a share of the part's. */
  readonly maskShare: number;
}

/** `manifest.json`: how a synthetic data set was made. */
export interface Manifest {
  readonly schema: "uni3dad.synth/1";
  readonly generatorVersion: number;
  readonly product: string;
  readonly seed: number;
  readonly options: SynthOptions;
  readonly files: readonly ManifestFile[];
}

interface Job {
  readonly split: ManifestFile["split"];
  readonly defect: DefectName | "good";
  readonly number: number;
}

/** Every scan of the data set, in the order in which they are written. */
function jobsOf({ train, validation, good, perDefect, defects }: SynthOptions): Job[] {
  const some = (split: Job["split"], defect: Job["defect"], count: number) =>
    Array.from({ length: count }, (_, number): Job => ({ split, defect, number }));
  const chosen = DEFECTS.filter((defect) => defects.includes(defect));
  return [
    ...some("train", "good", train),
    ...some("validation", "good", validation),
    ...some("test", "good", good),
    ...chosen.flatMap((defect) => some("test", defect, perDefect)),
  ];
}

const json = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);

/** One scan made and written. */
async function writeScan({ split, defect, number }: Job, options: SynthOptions, into: Storage): Promise<ManifestFile> {
  const { product, seed, vary, width, height, noiseMm } = options;
  const digits = String(number).padStart(3, "0");
  const scan = syntheticScan({
    product,
    rig: drawRig(randomStream(seed, `synth/${product}/rig`), width, height),
    seed,
    name: `${split}/${defect}/${digits}`,
    vary,
    defect: defect === "good" ? undefined : defect,
    noise: noiseMm / 1000,
  });
  const file = `${split}/${defect}/xyz/${digits}.tiff`, mask = `test/${defect}/gt/${digits}.png`;
  await into.write(`${product}/${file}`, writeTiff({ width, height, samples: 3, values: scan.points }));
  if (split === "test") {
    const value = defect === "good" ? 0 : maskValue(defect);
    const values = scan.mask.map((v) => v * value);
    await into.write(`${product}/${mask}`, writePng({ width, height, channels: 1, values }));
  }
  const count = (marks: Uint8Array) => marks.reduce((sum, v) => sum + v, 0);
  return {
    file,
    ...(split === "test" ? { mask } : {}),
    split,
    defect,
    shape: scan.shape,
    ...(scan.vary < vary ? { vary: scan.vary } : {}),
    pose: scan.pose,
    ...(scan.damage === undefined ? {} : { damage: scan.damage }),
    maskPixels: count(scan.mask),
    maskShare: count(scan.mask.map((v, pixel) => v & scan.part[pixel])) / count(scan.part),
  };
}

/**
 * Writes a data set into the folder `PRODUCT` of a storage: float32 TIFFs of points in metres, PNG masks (one value a type, 255
 * downwards), `calibration/camera_parameters.json`, `class_ids.json` and `manifest.json`, which is written last and is returned.
 * The same options give the same bytes. Nothing is deleted: write into an empty folder.
 * @param onProgress called after each scan with the number of scans written and of all
 */
export async function synthesise(
  options: SynthOptions,
  into: Storage,
  onProgress?: (written: number, all: number) => void,
): Promise<Manifest> {
  const { product, seed, width, height } = options;
  const rig = drawRig(randomStream(seed, `synth/${product}/rig`), width, height);
  await into.write(`${product}/calibration/camera_parameters.json`, json(cameraParameters(rig)));
  const classes = Object.fromEntries(DEFECTS.map((defect) => [maskValue(defect), defect]));
  await into.write(`${product}/class_ids.json`, json({ ...classes, 0: "good" }));
  const jobs = jobsOf(options);
  const files: ManifestFile[] = [];
  for (const job of jobs) {
    files.push(await writeScan(job, options, into));
    onProgress?.(files.length, jobs.length);
  }
  const manifest: Manifest = {
    schema: "uni3dad.synth/1",
    generatorVersion: GENERATOR_VERSION,
    product,
    seed,
    options,
    files,
  };
  await into.write(`${product}/manifest.json`, json(manifest));
  return manifest;
}
