/** The fitted reconstructor: normal shapes, learned, kept and fitted to scans. @module */
import {
  type FittedReconstructor,
  gapsAtShapes,
  mainPiece,
  type ModelFolder,
  type Prepared,
  type Reconstruction,
  type Run,
  ScanRefused,
  type ScanRegistry,
  type ScanSource,
  throwIfAborted,
  TooFewScans,
} from "../../core/mod.ts";
import { type ColumnShape, type GpuBuffer, placeShapes } from "../../kernels/mod.ts";
import { alignShapes } from "./align_shapes.ts";
import type { NearestNormalOptions } from "./options.ts";
import { outlineOf } from "./outline.ts";
import { type NormalShape, type ShapeValues, shapeValues, uploadShape } from "./shapes.ts";
import { loadShapeValues, saveShapeValues } from "./shape_tensors.ts";
import { type UsualGaps, usualGaps } from "./usual_gaps.ts";

/** Normal scans that tell whether mirror images fit; and the share of them that mirror images have to fit best, ½ where there is no handedness. */
const LOOKED_AT = 16, LEAST_SHARE = 0.25;

/**
 * Walks the normal scans twice: for their shapes, and to reconstruct each from the others; in between some, to see whether mirror images fit.
 * @throws {TooFewScans} @throws {RunAborted}
 */
export async function fitShapes(
  source: ScanSource,
  options: NearestNormalOptions,
  run: Run,
  registry: ScanRegistry | undefined,
): Promise<FittedReconstructor> {
  if (!registry) throw new TypeError("nearest-normal asks for a registry, and was fitted without one");
  const { columns, extent } = registry, numbers = new Map(registry.names.map((name, i) => [name, i]));
  const values: (ShapeValues | undefined)[] = registry.names.map(() => undefined);
  const gaps: (UsualGaps | undefined)[] = registry.names.map(() => undefined);
  for await (const scan of source.walk()) {
    throwIfAborted(run);
    try {
      const found = await shapeValues(scan, columns, extent, run), number = numbers.get(scan.name)!;
      values[number] = found.values;
      gaps[number] = usualGaps(found.starts, columns);
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error;
      source.refuse(scan.name, error);
    }
  }
  if (values.every((one) => !one || one.outline.count === 0)) throw new TooFewScans(0, 1, "have whole shapes");
  const mirrors = options.mirror && await mirrorsFit(values, gaps, source, registry, options, run);
  using first = fitted(values, gaps, columns, extent, mirrors, options, run);
  for await (const scan of source.walk()) {
    using registration = await registry.register(scan, run, { without: scan.name });
    if (!registration) continue;
    try {
      using whole = await first.align({ ...scan, registration }, run);
      (await gapsAtShapes(scan, whole, run)).forEach((depths, i) => gaps[whole.members[i]]!.add(depths));
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error; // it tells nothing of gaps, but may stand for a whole shape
    }
  }
  const learned = values.map((one, i) => one && { ...one, usual: gaps[i]!.usual() });
  return fitted(learned, gaps, columns, extent, mirrors, options, run);
}

/**
 * Whether mirror images are worth a look: there are fewer normal scans than candidates, and the product has no handedness, so that mirror
 * images of other normal scans fit a normal scan about as often best as these themselves.
 */
async function mirrorsFit(
  values: readonly (ShapeValues | undefined)[],
  gaps: readonly (UsualGaps | undefined)[],
  source: ScanSource,
  registry: ScanRegistry,
  options: NearestNormalOptions,
  run: Run,
): Promise<boolean> {
  if (registry.names.length > options.candidates) return false;
  using all = fitted(values, gaps, registry.columns, registry.extent, true, options, run);
  let looked = 0, mirrored = 0;
  for await (const scan of source.walk()) {
    using registration = await registry.register(scan, run, { without: scan.name });
    if (!registration) continue;
    try {
      using whole = await all.align({ ...scan, registration }, run);
      mirrored += whole.mirrored ? 1 : 0;
      if (++looked === LOOKED_AT) break;
    } catch (error) {
      if (!(error instanceof ScanRefused)) throw error;
    }
  }
  run.log.debug(`mirror images of other normal scans fit ${mirrored} of ${looked} normal scans best`);
  return mirrored > 0 && mirrored >= LEAST_SHARE * looked;
}

/** Opens what the fitted reconstructor saved. @throws {ModelRefused} */
export function loadShapes(model: ModelFolder, options: NearestNormalOptions, run: Run): FittedReconstructor {
  const { values, gaps, columns, extent, mirrors } = loadShapeValues(model);
  return fitted(values, gaps, columns, extent, mirrors, options, run);
}

/** Whole shapes at a scan's place; the numbers of the normal scans that they are. */
interface WholeShapes extends Reconstruction {
  readonly members: readonly number[];
  /** Whether the best is a mirror image. */
  readonly mirrored: boolean;
}

function fitted(
  values: readonly (ShapeValues | undefined)[],
  gaps: readonly (UsualGaps | undefined)[],
  columns: ColumnShape,
  extent: number,
  mirrors: boolean,
  options: NearestNormalOptions,
  { gpu }: Run,
) {
  using owned = new DisposableStack();
  const shapes = values.map((one) => one && owned.use(uploadShape(gpu, one, columns)));
  const kept = owned.move();
  const align = (scan: Prepared, run: Run) => placedShapes(scan, shapes, options, extent, mirrors, run);
  return {
    facts: {
      shapes: shapes.filter((shape) => (shape?.outline.count ?? 0) > 0).length,
      mirrorImages: mirrors ? "yes" : "no",
    },
    leavesOut: true,
    align,

    /** Read back, in one wait: how far each candidate is from the scan; with `heldOut` the depths of the scan's gaps as well. */
    async reconstruct(scan: Prepared, run: Run, { heldOut = false }: { readonly heldOut?: boolean } = {}) {
      const whole = await align(scan, run);
      if (!heldOut) return whole;
      using owned = new DisposableStack();
      owned.use(whole);
      const depths = await gapsAtShapes(scan, whole, run), usual = new Float32Array(whole.usual!.length);
      whole.members.forEach((member, i) => usual.set(gaps[member]!.usual(depths[i]), whole.shapes[i].first));
      const without = owned.use(run.gpu.upload("f32", usual)), all = owned.move();
      return { ...whole, usual: without, [Symbol.dispose]: () => all.dispose() };
    },

    save: (model: ModelFolder) => Promise.resolve(saveShapeValues(model, { values, gaps, columns, extent, mirrors })),
    [Symbol.dispose]: () => kept.dispose(),
  } satisfies FittedReconstructor & { align: unknown };
}

/** The best shapes in the scan's camera frame. @throws {ScanRefused} where none fits, or the scan has no outline */
async function placedShapes(
  scan: Prepared,
  shapes: readonly (NormalShape | undefined)[],
  options: NearestNormalOptions,
  extent: number,
  mirrors: boolean,
  run: Run,
): Promise<WholeShapes> {
  throwIfAborted(run);
  const { registration } = scan, { gpu } = run;
  if (!registration) throw new ScanRefused(scan.name, "not-registered", "it could not be brought to any normal scan");
  const outline = outlineOf(scan, mainPiece(scan, extent), registration.frame);
  if (outline.count === 0) {
    throw new ScanRefused(
      scan.name,
      "no-outline",
      "the part reaches over the whole picture: where it should end can't be seen",
    );
  }
  using aligned = await alignShapes(scan, registration, outline, shapes, options, extent, mirrors, run);
  const { members, mirrored, targets, transforms } = aligned, { axes, origin } = registration.frame;
  using owned = new DisposableStack();
  const points = owned.use(placeShapes(gpu, { targets, transforms, axes, origin }));
  const join = (of: (shape: NormalShape) => GpuBuffer<"f32">) => {
    const joined = owned.use(gpu.buffer("f32", targets.total));
    let first = 0;
    for (const member of members) {
      gpu.copy(of(shapes[member]!), joined, { to: first, length: shapes[member]!.count });
      first += shapes[member]!.count;
    }
    return joined;
  };
  const spacing = join((shape) => shape.spacing), usual = join((shape) => shape.usual);
  let first = 0;
  const placed = members.map((member) => {
    const { count } = shapes[member]!, at = first;
    first += count;
    return { first: at, count, weight: 1 / members.length };
  });
  const all = owned.move();
  return { points, shapes: placed, spacing, usual, members, mirrored, [Symbol.dispose]: () => all.dispose() };
}
