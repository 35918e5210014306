/** Maps at a scan's own resolution. @module */
import type { MapFrame } from "./prepared.ts";

/**
 * A square map brought to the scan's own grid, `height × width`, by bilinear interpolation between pixel centres; edges repeated.
 */
export function toOwnResolution(
  values: Float32Array,
  { size, width, height, side, top, left }: MapFrame,
): Float32Array {
  const out = new Float32Array(width * height);
  const at = (i: number) => {
    const position = Math.min(size - 1, Math.max(0, ((i + 0.5) * size) / side - 0.5));
    const low = Math.min(size - 2, Math.floor(position));
    return { low, part: position - low };
  };
  const columns = Array.from({ length: width }, (_, c) => at(c + left));
  for (let r = 0; r < height; r++) {
    const { low, part } = at(r + top);
    const upper = low * size, lower = upper + size;
    for (let c = 0; c < width; c++) {
      const x = columns[c];
      const a = values[upper + x.low] * (1 - x.part) + values[upper + x.low + 1] * x.part;
      const b = values[lower + x.low] * (1 - x.part) + values[lower + x.low + 1] * x.part;
      out[r * width + c] = a * (1 - part) + b * part;
    }
  }
  return out;
}
