/** Outlines of marked places in a picture. @module */
import type { PictureGrid } from "./picture_grid.ts";

/** Line width, pixels: one up to this side of a picture, two beyond. */
const THIN_UP_TO = 500;

/**
 * 1 on the outline of the pixels for which `inside` holds, else 0. An `outer` line lies just outside of them, an `inner` one on their
 * border, so that the outlines of two like regions can both be seen.
 */
export function outline(
  { width, height }: Pick<PictureGrid, "width" | "height">,
  inside: (pixel: number) => boolean,
  side: "outer" | "inner",
): Uint8Array {
  const marked = Uint8Array.from({ length: width * height }, (_, i) => inside(i) === (side === "inner") ? 1 : 0);
  const line = new Uint8Array(width * height);
  let rest = marked;
  for (let round = 0; round < (Math.max(width, height) > THIN_UP_TO ? 2 : 1); round++) {
    const next = rest.slice();
    for (let r = 0, i = 0; r < height; r++) {
      for (let c = 0; c < width; c++, i++) {
        if (!rest[i]) continue;
        const border = (c > 0 && !rest[i - 1]) || (c < width - 1 && !rest[i + 1]) ||
          (r > 0 && !rest[i - width]) || (r < height - 1 && !rest[i + width]);
        if (border) [line[i], next[i]] = [1, 0];
      }
    }
    rest = next;
  }
  return line;
}
