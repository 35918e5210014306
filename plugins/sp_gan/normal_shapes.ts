/** Normal scans as clouds in one frame and one scale, evenly sampled: what the networks learn. @module */
import {
  mainPiece,
  type Prepared,
  randomStream,
  type Run,
  type ScanRegistry,
  type ScanSource,
  tableFrame,
  throwIfAborted,
  TooFewScans,
  toTable,
} from "../../core/mod.ts";
import { commonFrame, composed, type Motion, type Neighbouring } from "./common_frame.ts";
import { farthestPoints } from "./farthest_points.ts";

/** A product's own frame: where the unit ball of the networks lies. */
export interface ProductFrame {
  /** For each scan of the registry the motion from its table frame to the product's, metres; undefined where there is none. */
  readonly motions: readonly (Float64Array | undefined)[];
  /** The ball's centre, metres in the product's frame. */
  readonly centre: readonly [number, number, number];
  /** The ball's radius, metres: one for all shapes, so that a small instance stays small. */
  readonly radius: number;
}

/** A normal scan as clouds. */
export interface NormalCloud {
  /** The scan's name. */
  readonly name: string;
  /** SHA-256 of the scan's points, where it is known. */
  readonly digest?: string;
  /** Samples of its surface, each `points × 3` in the unit ball. */
  readonly samples: readonly Float32Array[];
}

/** Normal scans in the unit ball. */
export interface NormalShapes {
  readonly frame: ProductFrame;
  /** Of the scans that were brought to others, in the order of the registry. */
  readonly clouds: readonly NormalCloud[];
  /** For each scan of the registry what tells it from all others. */
  readonly identities: readonly string[];
}

/** Samples of each normal scan that a training draws from. */
export const TRAINING_SAMPLES = 4;

/** How much larger the ball is than the largest shape, so that a generated one may be a little larger still. */
const MARGIN = 1.08;

/** Points of a scan that samples are taken from, at most; farthest-point sampling looks at each of them for every point it takes. */
const LOOKED_AT = 12_000;

/**
 * Walks the scans once, registers each to the others, and takes so many samples of each, every one from a start of its own.
 * Read back: how near each scan came to its candidates. @throws {TooFewScans} where no scan was brought to another @throws {RunAborted}
 */
export async function normalShapes(
  source: ScanSource,
  registry: ScanRegistry,
  { points, samples }: { readonly points: number; readonly samples: number },
  run: Run,
): Promise<NormalShapes> {
  const numbers = new Map(registry.names.map((name, i) => [name, i]));
  const neighbourings: (readonly Neighbouring[])[] = registry.names.map(() => []),
    surfaces = new Map<number, Float32Array>(),
    digests = new Map<number, string | undefined>(),
    identities = [...registry.names];
  for await (const scan of source.walk()) {
    throwIfAborted(run);
    const number = numbers.get(scan.name)!;
    using registration = await registry.register(scan, run, { without: scan.name });
    if (registration) neighbourings[number] = registration.candidates;
    surfaces.set(number, surfaceOf(scan, registry.extent));
    digests.set(number, scan.digest);
    identities[number] = identityOf(scan);
  }
  const motions = commonFrame(neighbourings), placed = new Map<number, Float32Array>();
  for (const [number, surface] of surfaces) if (motions[number]) placed.set(number, moved(surface, motions[number]));
  if (placed.size < 2) throw new TooFewScans(placed.size, 2, "learn shapes");
  const { centre, radius } = ballAround([...placed.values()]), random = randomStream(run.seed, "sp-gan/samples");
  const clouds = [...placed].map(([number, surface]): NormalCloud => {
    const unit = surface.map((value, i) => (value - centre[i % 3]) / radius), count = unit.length / 3;
    return {
      name: registry.names[number],
      digest: digests.get(number),
      samples: Array.from({ length: samples }, () => {
        const taken = farthestPoints(unit, 3, points, random.integer(count));
        return Float32Array.from({ length: 3 * points }, (_, i) => unit[3 * taken[Math.floor(i / 3)] + i % 3]);
      }),
    };
  });
  return { frame: { motions, centre, radius }, clouds, identities };
}

/** What tells a normal scan from all others: the SHA-256 of its points, or its name where that is not known. */
export const identityOf = ({ digest, name }: { readonly digest?: string; readonly name: string }): string =>
  digest ?? name;

/** The part's points in the scan's table frame, `count × 3`, thinned evenly to what can be sampled in time. */
export function surfaceOf(scan: Prepared, extent: number): Float32Array {
  const belongs = mainPiece(scan, extent), all = toTable(tableFrame(scan), scan.hostPoints), kept: number[] = [];
  for (let i = 0; i < scan.count; i++) if (belongs[i] === 1) kept.push(i);
  const count = Math.min(kept.length, LOOKED_AT), surface = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const point = 4 * kept[Math.floor(i * kept.length / count)];
    surface.set(all.subarray(point, point + 3), 3 * i);
  }
  return surface;
}

/** `count × 3` points moved. */
export function moved(points: Float32Array, motion: Motion): Float32Array {
  const result = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 3) {
    for (let row = 0; row < 3; row++) {
      result[i + row] = motion[4 * row] * points[i] + motion[4 * row + 1] * points[i + 1] +
        motion[4 * row + 2] * points[i + 2] + motion[4 * row + 3];
    }
  }
  return result;
}

/** Middle of the box around all points, and the radius that takes them all in, with a margin. */
function ballAround(surfaces: readonly Float32Array[]): Pick<ProductFrame, "centre" | "radius"> {
  const least = [Infinity, Infinity, Infinity], most = [-Infinity, -Infinity, -Infinity];
  for (const surface of surfaces) {
    surface.forEach((value, i) => {
      least[i % 3] = Math.min(least[i % 3], value);
      most[i % 3] = Math.max(most[i % 3], value);
    });
  }
  const middle = (axis: number) => (least[axis] + most[axis]) / 2, centre = [middle(0), middle(1), middle(2)] as const;
  let radius = 0;
  for (const surface of surfaces) {
    for (let i = 0; i < surface.length; i += 3) {
      radius = Math.max(radius, Math.hypot(...[0, 1, 2].map((axis) => surface[i + axis] - centre[axis])));
    }
  }
  return { centre, radius: MARGIN * radius };
}

/** The motion from a scan's table frame to the product's, by the normal scan that it comes nearest to; undefined where none leads there. */
export function toProduct(
  { motions }: ProductFrame,
  candidates: readonly Neighbouring[],
): Float64Array | undefined {
  const best = candidates.find(({ member }) => motions[member]);
  return best && composed(motions[best.member]!, best.motion);
}
