/** The points that geometry kernels are timed with. @module */
import { readFile } from "node:fs/promises";
import { readNpy, readTiff } from "../formats/mod.ts";
import { sharedData } from "../tests/shared_data.ts";

const SIDE = 224;

/** Points of one prepared scan, `count × 4` in metres, where the shared data lies beside the checkout; else a wavy surface of as many points. */
export async function scanPoints(): Promise<Float32Array<ArrayBuffer>> {
  const scan = sharedData("data/mvtec3d/cable_gland/test/bent/xyz/005.tiff");
  const pixels = sharedData("golden/features/pipe_bent005_pixels.npy");
  if (!scan || !pixels) return wavySurface(7539);
  const { width, height, values } = await readTiff(await readFile(scan)), kept = readNpy(await readFile(pixels)).values;
  const points = new Float32Array(4 * kept.length);
  kept.forEach((pixel, i) => {
    const row = Math.floor(Math.floor(pixel / SIDE) * height / SIDE),
      column = Math.floor((pixel % SIDE) * width / SIDE);
    const at = 3 * (row * width + column);
    points.set([values[at], values[at + 1], values[at + 2]], 4 * i);
  });
  return points;
}

/** A surface of `count` points without order, `count × 4`, a metre wide. */
export function wavySurface(count: number): Float32Array<ArrayBuffer> {
  const points = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const x = (0.5 + i * 0.7548776662466927) % 1, y = (0.5 + i * 0.5698402909980532) % 1; // the R2 sequence: even, never a grid
    points.set([x, y, 0.6 + 0.1 * Math.sin(6 * x) * Math.cos(5 * y)], 4 * i);
  }
  return points;
}
