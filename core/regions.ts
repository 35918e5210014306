/** Connected places above a threshold, with their area on the part. @module */
import type { Region } from "./detect_document.ts";
import type { Scan } from "./scan.ts";

/** Regions and, for pictures and clouds, which region each pixel is in. */
export interface FoundRegions {
  readonly regions: readonly Region[];
  /** `width × height`: 0 outside, else 1 + index in `regions`. */
  readonly labels: Uint32Array;
}

/**
 * The 8-connected regions of `scores > threshold` on the scan's own grid, largest peak first. A pixel with a measurement counts the
 * area of surface that it stands for, measured between its neighbours; one without counts the scan's median pixel.
 */
export function findRegions(
  scan: Scan,
  scores: Float32Array,
  threshold: number,
  branch: Region["branch"],
): FoundRegions {
  const { width, height } = scan;
  const areas = pixelAreas(scan);
  const seen = new Uint8Array(width * height);
  const found: { region: Region; pixels: number[] }[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || !(scores[start] > threshold)) continue;
    const pixels = flood(start, width, height, seen, (i) => scores[i] > threshold);
    found.push({ region: describe(scan, scores, pixels, areas, branch), pixels });
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
  branch: Region["branch"],
): Region {
  let area = 0, peak = -Infinity, peakAt = pixels[0], count = 0;
  const centre: [number, number, number] = [0, 0, 0];
  for (const i of pixels) {
    area += areas.values[i] > 0 ? areas.values[i] : areas.median;
    if (scores[i] > peak) [peak, peakAt] = [scores[i], i];
    if (scan.valid[i] === 0) continue;
    count++;
    for (let axis = 0; axis < 3; axis++) centre[axis] += scan.points[3 * i + axis];
  }
  const place = count > 0 ? centre.map((v) => v / count) : nearestPoint(scan, peakAt);
  return { areaMm2: area * 1e6, centreMm: [place[0] * 1000, place[1] * 1000, place[2] * 1000], peak, branch };
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
  readonly values: Float32Array;
  readonly median: number;
}

/** Square metres of surface a pixel stands for: |∂p/∂column × ∂p/∂row| between its measured neighbours; 0 where there are none. */
function pixelAreas({ width, height, valid, points }: Scan): PixelAreas {
  const values = new Float32Array(width * height);
  const step = (
    i: number,
    back: number,
    forth: number,
    hasBack: boolean,
    hasForth: boolean,
  ): [number, number, number] | undefined => {
    const a = hasBack && valid[back] ? back : i, b = hasForth && valid[forth] ? forth : i;
    if (a === b) return undefined;
    const n = (a !== i ? 1 : 0) + (b !== i ? 1 : 0);
    return [0, 1, 2].map((axis) => (points[3 * b + axis] - points[3 * a + axis]) / n) as [number, number, number];
  };
  const measured: number[] = [];
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const i = r * width + c;
      if (!valid[i]) continue;
      const u = step(i, i - 1, i + 1, c > 0, c < width - 1), v = step(i, i - width, i + width, r > 0, r < height - 1);
      if (!u || !v) continue;
      values[i] = Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]);
      measured.push(values[i]);
    }
  }
  const sorted = Float32Array.from(measured).sort();
  const median = sorted.length > 0 ? sorted[sorted.length >> 1] : 0;
  for (const i of values.keys()) values[i] = Math.min(values[i], 16 * median); // a step between two surfaces is not surface
  return { values, median };
}
