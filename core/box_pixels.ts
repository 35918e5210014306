/**
 * Pixels of places in the plane by the box of a scan, as published. @module
 *
 * Along each axis the scan's coordinates, least to most, are cut into as many evenly spaced values, ends included, as its pixels' box is
 * wide (last pixel less first); the place of a coordinate among those, counted from the box's first pixel, is its pixel. x runs along
 * columns and y along rows. That is wrong in two ways: a part that lacks a piece has a smaller box, on whose border all that is missing
 * beyond it piles up, and under a central camera x and y alone don't tell the pixel. The camera of `camera.ts` does better.
 */
import type { Prepared } from "./prepared.ts";

/** A coordinate so near to a value of the cut is at it; as a share of the scan's largest radius about its mean, the published unit. */
const HIT = 1e-5;

/** The map pixel, row-major, of x and y in metres. What lies outside of the scan's box comes to lie on its border. */
export function boxPixels(
  { hostPoints, pixels, frame: { size } }: Pick<Prepared, "hostPoints" | "pixels" | "frame">,
): (x: number, y: number) => number {
  const hit = HIT * largestRadius(hostPoints);
  const column = cut(hostPoints, 0, pixels.map((pixel) => pixel % size), hit);
  const row = cut(hostPoints, 1, pixels.map((pixel) => Math.floor(pixel / size)), hit);
  return (x, y) => row(y) * size + column(x);
}

/** The pixel of a coordinate along one axis. */
function cut(points: Float32Array, axis: 0 | 1, along: Uint32Array, hit: number): (value: number) => number {
  const [least, most] = rangeOf(points.filter((_, i) => i % 3 === axis)), [first, last] = rangeOf(along);
  const count = last - first;
  const valueAt = (i: number) => i === count - 1 && i > 0 ? most : least + i * ((most - least) / (count - 1 || 1));
  return (value) => {
    let low = 0, high = count - 1;
    while (low <= high) {
      const middle = (low + high) >> 1, here = valueAt(middle);
      if (Math.abs(here - value) <= hit) return first + middle;
      if (here < value) low = middle + 1;
      else high = middle - 1;
    }
    return first + low; // where it would be put in; behind the last value that is the box's last pixel
  };
}

function rangeOf(values: Float32Array | Uint32Array): [number, number] {
  let least = Infinity, most = -Infinity;
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

/** The largest distance from the points' mean. */
function largestRadius(points: Float32Array): number {
  const mean = [0, 0, 0];
  points.forEach((value, i) => mean[i % 3] += value / (points.length / 3));
  let most = 0;
  for (let i = 0; i < points.length; i += 3) {
    most = Math.max(most, Math.hypot(...mean.map((value, axis) => points[i + axis] - value)));
  }
  return most;
}
