/** The picture of a result, from what the page draws of it. @module */
import { readPng, writePng } from "../formats/mod.ts";
import type { ScanView } from "../report/mod.ts";

/** The layers over the shaded scan, the lowest first. */
const LAYERS = ["heat", "regions", "truth", "missing"] as const;

/** The heat map of a view, as a score answers it: the shaded scan under its scores and outlines, an RGB PNG. */
export async function viewPicture({ pictures }: ScanView): Promise<Uint8Array<ArrayBuffer>> {
  const pixelsOf = async (png: string) => (await readPng(Uint8Array.fromBase64(png))).values;
  const { width, height } = pictures, values = new Uint8Array(3 * width * height);
  const grey = await pixelsOf(pictures.relief);
  for (let i = 0; i < width * height; i++) values.fill(grey[i], 3 * i, 3 * i + 3);
  for (const name of LAYERS) {
    const png = pictures[name];
    if (png !== undefined) paint(values, await pixelsOf(png));
  }
  return new Uint8Array(writePng({ width, height, channels: 3, values }));
}

/** Lays an RGBA picture over an RGB one. */
function paint(below: Uint8Array, layer: ArrayLike<number>): void {
  for (let i = 0; 4 * i < layer.length; i++) {
    const cover = layer[4 * i + 3] / 255;
    for (let channel = 0; cover > 0 && channel < 3; channel++) {
      const at = 3 * i + channel;
      below[at] = Math.round(below[at] + (layer[4 * i + channel] - below[at]) * cover);
    }
  }
}
