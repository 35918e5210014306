/** A category's normal scans, ready to bring others to, and some of its test scans with their starts; both as files for the peer. @module */
import {
  fitRegistry,
  prepare,
  type Prepared,
  preparePresets,
  type Registration,
  type Run,
  type ScanRegistry,
  scanSource,
  tableFrame,
  toTable,
} from "../../core/mod.ts";
import { heightRaster, mostAlike, RASTER } from "../../core/height_raster.ts";
import { loadEntry } from "../../evaluation/mod.ts";
import { diskStorage, entryScans } from "../../host/mod.ts";
import { nearestNormal } from "../../plugins/mod.ts";
import { type NormalShape, shapeValues, uploadShape } from "../../plugins/nearest_normal/shapes.ts";
import type { Category } from "./inputs.ts";

/** Test scans, spread over the test set. */
const SCANS = 5;

/** One test scan and the normal scans that it is brought to. */
export interface AlignedScan {
  readonly scan: Prepared;
  /** Its registration, which says which normal scans are nearest, and holds its points. */
  readonly registration: Registration;
  /** `count × 4`: the scan's points in its table frame. */
  readonly points: Float32Array<ArrayBuffer>;
  /** Numbers of the normal scans. */
  readonly members: readonly number[];
  /** `members × 16`: the turns about the vertical from which both sides start, as motions. */
  readonly starts: Float32Array<ArrayBuffer>;
  /** The points as a file of `count × 4` float32, and the starts as one. */
  readonly files: { readonly points: string; readonly starts: string };
}

/** What both sides work on. Owns GPU memory. */
export interface AlignmentScene extends Disposable {
  readonly registry: ScanRegistry;
  /** The normal scans as whole shapes, by number. */
  readonly shapes: readonly (NormalShape | undefined)[];
  readonly scans: readonly AlignedScan[];
  /** File of each normal scan: `count × 6` float32, points and normals. */
  readonly normalFiles: readonly string[];
}

/** Makes the scene; files go into `folder`. */
export async function makeAlignmentScene(
  { folder: data, dataset }: Category,
  folder: string,
  run: Run,
): Promise<AlignmentScene> {
  const storage = diskStorage(data), { gpu } = run, { candidates } = nearestNormal.presets.default;
  using owned = new DisposableStack();
  const source = scanSource({
    scans: entryScans(storage, dataset.category, dataset.train),
    prepare: preparePresets.default,
    run,
    task: "normal scans",
    onRefused(_, error) {
      throw error;
    },
  });
  const registry = owned.use(await fitRegistry(source, run));
  const side = 2.2 * registry.extent / RASTER; // as the registry has it
  const shapes: NormalShape[] = [], rasters: Float32Array[] = [];
  for await (const scan of source.walk()) {
    const { values } = await shapeValues(scan, registry.columns, registry.extent, run);
    shapes.push(owned.use(uploadShape(gpu, values, registry.columns)));
    rasters.push(heightRaster(toTable(tableFrame(scan), scan.hostPoints), side));
  }
  const write = async (name: string, values: Float32Array<ArrayBuffer>) => {
    const file = `${folder}/${name}.f32`;
    await Deno.writeFile(file, new Uint8Array(values.buffer));
    return file;
  };
  const scans: AlignedScan[] = [];
  for (let i = 0; i < SCANS; i++) {
    const entry = dataset.test[Math.floor(i * dataset.test.length / SCANS)];
    const scan = owned.use(prepare(await loadEntry(storage, entry), preparePresets.default, run));
    const registration = owned.use((await registry.register(scan, run))!);
    const points = toTable(registration.frame, scan.hostPoints);
    const turns = new Map(mostAlike(points, side, rasters).map(({ index, turn }) => [index, turn]));
    const members = registration.candidates.slice(0, candidates).map(({ member }) => member);
    const starts = Float32Array.from(members.flatMap((member) => turned(turns.get(member)!)));
    scans.push({
      scan,
      registration,
      points,
      members,
      starts,
      files: { points: await write(`scan-${i}`, points), starts: await write(`starts-${i}`, starts) },
    });
  }
  const normalFiles: string[] = [];
  for (const number of registry.names.keys()) {
    using surface = scans[0].registration.surfacesOf([number]);
    const [points, normals] = await Promise.all([gpu.read(surface.points), gpu.read(surface.normals!)]);
    const both = Float32Array.from({ length: 6 * surface.total }, (_, at) => {
      const point = Math.floor(at / 6), axis = at % 6;
      return axis < 3 ? points[4 * point + axis] : normals[4 * point + axis - 3];
    });
    normalFiles.push(await write(`normal-${number}`, both));
  }
  const kept = owned.move();
  return { registry, shapes, scans, normalFiles, [Symbol.dispose]: () => kept.dispose() };
}

/** The turn about z as a motion. */
function turned(turn: number): number[] {
  const c = Math.cos(turn), s = Math.sin(turn);
  return [c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
}
