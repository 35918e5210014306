/** Scores of a picture's pixels, read back from its colours, and lines around what is above a threshold. @module */
import type { Colour } from "./recolour.ts";

/**
 * The step of the scale that each pixel of a heat layer shows, from its red, green, blue and alpha. Pixels of a canvas are kept multiplied
 * by their alpha, so colours are compared like that.
 */
export function stepsOf(rgba: Uint8ClampedArray, colours: readonly Colour[]): Uint8Array {
  const table = colours.map(([red, green, blue, cover]) => [red * cover, green * cover, blue * cover, 255 * cover]);
  const known = new Map<number, number>();
  return Uint8Array.from({ length: rgba.length / 4 }, (_, i) => {
    const [red, green, blue, alpha] = rgba.subarray(4 * i, 4 * i + 4);
    if (alpha === 0) return 0;
    const key = ((red * 256 + green) * 256 + blue) * 256 + alpha, cover = alpha / 255;
    let step = known.get(key);
    if (step === undefined) known.set(key, step = nearest([red * cover, green * cover, blue * cover, alpha], table));
    return step;
  });
}

function nearest(colour: readonly number[], table: readonly (readonly number[])[]): number {
  const distance = (other: readonly number[]) => other.reduce((sum, part, i) => sum + (part - colour[i]) ** 2, 0);
  return table.reduce((best, other, step) => distance(other) < distance(table[best]) ? step : best, 0);
}

/** The lowest step that is above a score, where `max` is at the last of `steps`. */
export const stepAbove = (score: number, max: number, steps: number): number =>
  Math.max(1, Math.floor((score / max) * steps) + 1);

/** Path data around all pixels that are inside: their outer sides, runs joined; empty where none is. */
export function outlinePath(inside: (pixel: number) => boolean, width: number, height: number): string {
  const at = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height && inside(y * width + x);
  const lines: string[] = [];
  const walk = (
    rows: number,
    length: number,
    isEdge: (row: number, i: number) => boolean,
    line: (row: number, from: number, to: number) => string,
  ) => {
    for (let row = 0; row <= rows; row++) {
      let from = -1;
      for (let i = 0; i <= length; i++) {
        const edge = i < length && isEdge(row, i);
        if (edge && from < 0) from = i;
        if (!edge && from >= 0) {
          lines.push(line(row, from, i));
          from = -1;
        }
      }
    }
  };
  walk(height, width, (y, x) => at(x, y - 1) !== at(x, y), (y, from, to) => `M${from} ${y}H${to}`);
  walk(width, height, (x, y) => at(x - 1, y) !== at(x, y), (x, from, to) => `M${x} ${from}V${to}`);
  return lines.join("");
}
