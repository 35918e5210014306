/** Places of a scan and what is told of them. @module */
import type { ExplainedPlace, NormalPatch, PlaceChannel, ScanPixel } from "./explain_document.ts";
import type { Explanation, NormalPatches } from "./explanation.ts";
import type { MapFrame, Prepared, ScoreMap } from "./prepared.ts";

const NONE = 0xffffffff;

/** The scan's pixel under the middle of a map pixel, cut to the scan. */
export function scanPixelOf({ size, side, width, height, top, left }: MapFrame, pixel: number): ScanPixel {
  const along = (i: number, before: number, length: number) =>
    Math.min(length - 1, Math.max(0, Math.floor(((i + 0.5) * side) / size) - before));
  return [along(pixel % size, left, width), along(Math.floor(pixel / size), top, height)];
}

/** The map pixel that a scan's pixel lies in. */
export function mapPixelOf({ size, side, top, left }: MapFrame, [x, y]: ScanPixel): number {
  const along = (i: number, before: number) => Math.min(size - 1, Math.floor(((i + before + 0.5) * size) / side));
  return along(y, top) * size + along(x, left);
}

/** The patch of a map pixel, else the one nearest to it within `reach` pixels; undefined where there is none. */
export function patchAt({ map, patches }: Explanation, pixel: number, reach: number): number | undefined {
  if (patches.patchOf[pixel] !== NONE) return patches.patchOf[pixel];
  const { size } = map, row = Math.floor(pixel / size), column = pixel % size;
  let nearest: number | undefined, least = (reach + 0.5) ** 2;
  for (let r = Math.max(0, row - reach); r <= Math.min(size - 1, row + reach); r++) {
    for (let c = Math.max(0, column - reach); c <= Math.min(size - 1, column + reach); c++) {
      const square = (r - row) ** 2 + (c - column) ** 2, patch = patches.patchOf[r * size + c];
      if (patch !== NONE && square < least) [least, nearest] = [square, patch];
    }
  }
  return nearest;
}

/** Map pixels of the highest peaks above 0, highest first, none nearer than `apart` pixels to a higher one. */
export function highestPlaces({ size, values }: ScoreMap, most: number, apart: number): number[] {
  const isPeak = (pixel: number) => {
    const row = Math.floor(pixel / size), column = pixel % size;
    for (let r = Math.max(0, row - 1); r <= Math.min(size - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(size - 1, column + 1); c++) {
        if (values[r * size + c] > values[pixel]) return false;
      }
    }
    return values[pixel] > 0;
  };
  const peaks = Array.from(values.keys()).filter(isPeak).sort((a, b) => values[b] - values[a] || a - b);
  const taken: number[] = [];
  for (const peak of peaks) {
    const isNear = (other: number) =>
      Math.hypot(peak % size - other % size, Math.floor(peak / size) - Math.floor(other / size)) < apart;
    if (!taken.some(isNear)) taken.push(peak);
    if (taken.length === most) break;
  }
  return taken;
}

/** What is told of a patch; the map's score is taken at `pixel`, which the patch stands for. */
export function explainedPlace(
  explanation: Explanation,
  { pixels, sourcePixels, hostPoints, frame }: Pick<Prepared, "pixels" | "sourcePixels" | "hostPoints" | "frame">,
  patch: number,
  pixel: number,
): ExplainedPlace {
  const { map, channels, patches } = explanation;
  const isOn = patches.patchOf[pixel] === patch, point = pixels.indexOf(isOn ? pixel : patches.pixels[patch]);
  const own: ScanPixel = [sourcePixels[point] % frame.width, Math.floor(sourcePixels[point] / frame.width)];
  const [x, y, z] = Array.from(hostPoints.subarray(3 * point, 3 * point + 3), (metres) => 1000 * metres);
  const told = channels.map(({ name }, c): [string, PlaceChannel] => {
    const at = patch * channels.length + c;
    return [name, {
      value: patches.values[at],
      expected: patches.expected[at],
      spread: patches.spread[at],
      z: patches.z[at],
    }];
  });
  const { mean, deviation } = patches.usual;
  return {
    pixel: isOn ? own : scanPixelOf(frame, pixel),
    beside: isOn ? null : own,
    millimetres: [x, y, z],
    score: map.values[pixel],
    patchScore: patches.score[patch],
    channels: Object.fromEntries(told),
    nearest: {
      ...normalPatch(explanation, patches.nearest, patch)!,
      usual: { mean: mean[patch], deviation: deviation[patch] },
    },
    local: patches.local ? normalPatch(explanation, patches.local, patch) : null,
  };
}

/** The normal patch that stands beside a patch of the scan; null where there is none. */
export function normalPatch(
  { scans }: Pick<Explanation, "scans">,
  { scan, pixel, distance }: NormalPatches,
  patch: number,
): NormalPatch | null {
  const from = scans[scan[patch]];
  if (!from?.frame) return null;
  return { scan: from.name, pixel: scanPixelOf(from.frame, pixel[patch]), distance: distance[patch] };
}
