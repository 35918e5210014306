/**
 * Defects pasted on normal scans, so that a fit can see which of its channels find defects without ever seeing a real one. @module
 *
 * Points move along their viewing rays only, so each keeps its pixel: nothing is rendered anew, no shadow falls.
 */
import { type PartView, partView, pointsAround } from "./part_view.ts";
import { type DefectKind, type PastedShape, pastedShape, visibleShift } from "./pasted_shapes.ts";
import type { Prepared } from "./prepared.ts";
import type { RandomStream } from "./random.ts";
import type { Run } from "./run.ts";

/** A scan with a defect and its truth; owns GPU buffers of its own. */
export interface PastedScan extends Prepared {
  /** `size²`: 1 where a point was moved or removed, and along the rim of a cut; 0 elsewhere, where every point is as it was. */
  readonly truth: Uint8Array;
}

/** Points of the main piece that a defect needs around it. */
const LEAST_POINTS = 100;
/** Least pixels of a defect. */
const LEAST_PIXELS = 4;
/** Pixels of what remains that belong to the truth of a cut. */
const RIM = 2;

/**
 * A copy of `prepared` with one defect of that kind on its main piece. Name, digest, frame and plane are the same, a truth it had is replaced, a
 * registration left out, since the changed scan would get another. Undefined where the part is too small for the defect: under 100
 * points, or no place found where it shows. The random numbers decide all. Nothing is read back.
 *
 * A displacement is taken back by what is not visible (twice the noise, 0.2 % of the part's size), so that it begins where the truth
 * does. Displaced points keep their own noise; where the surface becomes steep, noise in proportion to the slope comes on top, as a sensor
 * whose error lies across its pixels would add.
 */
export function pasteDefect(
  prepared: Prepared,
  kind: DefectKind,
  random: RandomStream,
  { gpu }: Pick<Run, "gpu">,
): PastedScan | undefined {
  const part = partView(prepared, LEAST_POINTS);
  const shape = part && pastedShape(kind, part, random);
  if (!part || !shape) return undefined;
  const shift = visibleParts(part, shape, random);
  const truth = truthOf(part, { shift, gone: shape.gone }, kind === "cut" ? RIM : 0);
  const left = shape.gone.reduce((count, gone) => count + 1 - gone, 0);
  if (left === 0 || truth.reduce((sum, place) => sum + place, 0) < LEAST_PIXELS) return undefined;
  return { ...changed(prepared, part, { shift, gone: shape.gone }, gpu), truth };
}

/** The displacements less what is not visible, with the noise of steeper flanks. */
function visibleParts(part: PartView, { shift, gone }: PastedShape, random: RandomStream): Float64Array {
  const visible = visibleShift(part), { places, pixels } = part;
  const seen = shift.map((value) => Math.sign(value) * Math.max(0, Math.abs(value) - visible));
  return seen.map((value, i) => {
    if (value === 0 || gone[i] === 1) return value;
    let slope = 0;
    for (const near of pointsAround(part, pixels[i])) {
      if (gone[near] === 1) continue;
      const across = Math.hypot(places[3 * near] - places[3 * i], places[3 * near + 1] - places[3 * i + 1]);
      slope = Math.max(slope, Math.abs(seen[near] - value) / Math.max(across, part.pitch / 2));
    }
    return value + part.noise * Math.min(1, slope) * random.normal();
  });
}

function truthOf({ side, pixels, pointAt }: PartView, { shift, gone }: PastedShape, rim: number): Uint8Array {
  const truth = new Uint8Array(side * side);
  pixels.forEach((pixel, i) => {
    if (shift[i] !== 0) truth[pixel] = 1;
    if (gone[i] === 0) return;
    truth[pixel] = 1;
    const row = Math.floor(pixel / side), column = pixel % side;
    for (let r = Math.max(0, row - rim); r <= Math.min(side - 1, row + rim); r++) {
      for (let c = Math.max(0, column - rim); c <= Math.min(side - 1, column + rim); c++) {
        if (pointAt[r * side + c] >= 0) truth[r * side + c] = 1;
      }
    }
  });
  return truth;
}

/** The scan after the change, on the host and on the GPU. */
function changed(prepared: Prepared, part: PartView, { shift, gone }: PastedShape, gpu: Run["gpu"]): Prepared {
  const stays = (_: number, i: number) => gone[i] === 0;
  const pixels = prepared.pixels.filter(stays), sourcePixels = prepared.sourcePixels.filter(stays);
  const count = pixels.length;
  const hostPoints = new Float32Array(3 * count), padded = new Float32Array(4 * count);
  const pointOf = new Uint32Array(part.side * part.side).fill(0xffffffff);
  pixels.forEach((pixel, i) => {
    const before = part.pointAt[pixel];
    for (let axis = 0; axis < 3; axis++) {
      const value = prepared.hostPoints[3 * before + axis] + shift[before] * part.rays[3 * before + axis];
      padded[4 * i + axis] = hostPoints[3 * i + axis] = value;
    }
    pointOf[pixel] = i;
  });
  using owned = new DisposableStack();
  const points = owned.use(gpu.upload("f32", padded)), map = owned.use(gpu.upload("u32", pointOf));
  const kept = owned.move();
  const { name, digest, frame, plane, camera } = prepared;
  return {
    name,
    digest,
    frame,
    count,
    points,
    pointOf: map,
    hostPoints,
    pixels,
    sourcePixels,
    plane,
    camera,
    [Symbol.dispose]: () => kept.dispose(),
  };
}
