/** Connected places above a threshold, with their area on the part. @module */
import type { Region } from "./detect_document.ts";
import type { MissingPlaces } from "./missing_places.ts";
import type { Scan } from "./scan.ts";

/** Regions and, for pictures and clouds, which region each pixel is in. */
export interface FoundRegions {
  /** Largest peak first. */
  readonly regions: readonly Region[];
  /** `width × height`: 0 outside, else 1 + index in `regions`. */
  readonly labels: Uint32Array;
}

/** Where regions come from. */
export interface RegionOrigins {
  /** The branch that saw a region whose largest score is at this pixel of the scan. */
  branchAt(pixel: number): Region["branch"];
  /** Where missing material should have been; regions of the reconstruction are measured like others where absent. */
  readonly missing?: MissingPlaces;
}

/** All regions are odd surfaces. */
const surfaces: RegionOrigins = { branchAt: () => "feature" };

/**
 * The 8-connected regions of `scores > threshold` on the scan's own grid, largest peak first. A pixel with a measurement counts the
 * area of surface that it stands for, measured between its neighbours; one without counts the scan's median pixel. What is missing has no
 * points, and what is measured there lies behind it: its area and place are those that the whole shape has there.
 */
export function findRegions(
  scan: Scan,
  scores: Float32Array,
  threshold: number,
  origins: RegionOrigins = surfaces,
): FoundRegions {
  const { width, height } = scan;
  const areas = pixelAreas(scan);
  const seen = new Uint8Array(width * height);
  const found: { region: Region; pixels: number[] }[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || !(scores[start] > threshold)) continue;
    const pixels = flood(start, width, height, seen, (i) => scores[i] > threshold);
    found.push({ region: describe(scan, scores, pixels, areas, origins), pixels });
  }
  found.sort((a, b) => b.region.peak - a.region.peak);
  const labels = new Uint32Array(width * height);
  found.forEach(({ pixels }, index) => {
    for (const pixel of pixels) labels[pixel] = index + 1;
  });
  return { regions: found.map(({ region }) => region), labels };
}

function flood(
  start: number,
  width: number,
  height: number,
  seen: Uint8Array,
  inside: (i: number) => boolean,
): number[] {
  const pixels = [start];
  seen[start] = 1;
  for (let next = 0; next < pixels.length; next++) {
    const row = Math.floor(pixels[next] / width), column = pixels[next] % width;
    for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c++) {
        const i = r * width + c;
        if (!seen[i] && inside(i)) {
          seen[i] = 1;
          pixels.push(i);
        }
      }
    }
  }
  return pixels;
}

function describe(
  scan: Scan,
  scores: Float32Array,
  pixels: number[],
  areas: PixelAreas,
  { branchAt, missing }: RegionOrigins,
): Region {
  const peakAt = pixels.reduce((most, i) => scores[i] > scores[most] ? i : most), branch = branchAt(peakAt);
  const { area, centre } = branch === "reconstruction" && missing
    ? missing.of(pixels)
    : surfaceOf(scan, pixels, areas, peakAt);
  const [x, y, z] = centre.map((v) => v * 1000);
  return { areaMm2: area * 1e6, centreMm: [x, y, z], peak: scores[peakAt], branch };
}

/** Area in square metres, and the mean of the region's points; of a region without any, the point nearest to its peak. */
function surfaceOf(scan: Scan, pixels: readonly number[], areas: PixelAreas, peakAt: number) {
  let area = 0, count = 0;
  const centre = [0, 0, 0];
  for (const i of pixels) {
    area += areas.of(i);
    if (scan.valid[i] === 0) continue;
    count++;
    for (let axis = 0; axis < 3; axis++) centre[axis] += scan.points[3 * i + axis];
  }
  return { area, centre: count > 0 ? centre.map((v) => v / count) : nearestPoint(scan, peakAt) };
}

/** The measured point nearest to a pixel, in pixels. */
function nearestPoint({ width, height, valid, points }: Scan, pixel: number): number[] {
  const row = Math.floor(pixel / width), column = pixel % width;
  let best = -1, least = Infinity;
  for (let i = 0; i < width * height; i++) {
    if (valid[i] === 0) continue;
    const d = (Math.floor(i / width) - row) ** 2 + ((i % width) - column) ** 2;
    if (d < least) [best, least] = [i, d];
  }
  return best < 0 ? [0, 0, 0] : [points[3 * best], points[3 * best + 1], points[3 * best + 2]];
}

interface PixelAreas {
  /** Square metres of surface that a pixel stands for. */
  of(pixel: number): number;
}

const MEDIAN_SAMPLE = 4096;

/** |∂p/∂column × ∂p/∂row| between a pixel's measured neighbours; the scan's median where there are none, or at a step between surfaces. */
function pixelAreas({ width, height, valid, points }: Scan): PixelAreas {
  const u = new Float64Array(3), v = new Float64Array(3);
  const step = (into: Float64Array, i: number, back: number, forth: number): boolean => {
    const a = back >= 0 && valid[back] ? back : i, b = forth >= 0 && valid[forth] ? forth : i;
    const steps = (a === i ? 0 : 1) + (b === i ? 0 : 1);
    for (let axis = 0; axis < 3; axis++) into[axis] = (points[3 * b + axis] - points[3 * a + axis]) / steps;
    return steps > 0;
  };
  const measure = (i: number): number => {
    const c = i % width;
    const across = step(u, i, c > 0 ? i - 1 : -1, c < width - 1 ? i + 1 : -1);
    const down = step(v, i, i - width, i + width < width * height ? i + width : -1);
    return across && down
      ? Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0])
      : NaN;
  };
  const stride = Math.max(1, Math.floor((width * height) / MEDIAN_SAMPLE));
  const sample: number[] = [];
  for (let i = 0; i < width * height; i += stride) if (valid[i]) sample.push(measure(i));
  const sorted = Float64Array.from(sample.filter((area) => area > 0)).sort();
  const median = sorted.length > 0 ? sorted[sorted.length >> 1] : 0;
  return {
    of: (pixel) => {
      const area = valid[pixel] ? measure(pixel) : NaN;
      return area > 0 && area < 16 * median ? area : median;
    },
  };
}
