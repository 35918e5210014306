/** Small scans whose every point is known: a bumpy plate on a table, with a dent where one is asked for. @module */
import { type PrepareOptions, prepareOptions, randomStream, type Scan } from "../core/mod.ts";

/** What a tiny scan shows. */
export interface TinyScanOptions {
  /** Gives the bumps: another seed is another piece of the same product. */
  readonly seed: number;
  /** `tiny/SEED` unless given. */
  readonly name?: string;
  /** Depth of a dent in the plate's middle, metres; its ground truth is in the scan. */
  readonly dent?: number;
}

/** Pixels along a side; a pixel is a millimetre. */
const SIDE = 64, PITCH = 0.001;

/** Half the plate's side and its height over the table; distance of the table from the sensor; radius of the dent. Metres. */
const HALF = 0.018, HEIGHT = 0.008, TABLE = 0.5, DENT_RADIUS = 0.005;

/**
 * Options of `prepare` for {@linkcode tinyScan}: maps of 56 × 56, so that no pixel is shown twice and the map divides into 28 cells.
 */
export const tinyPrepare: PrepareOptions = prepareOptions.parse({ size: 56 });

/** A plate of 36 × 36 × 8 mm with waves of a few tenths of a millimetre on a table half a metre away, 64 × 64 points, every place measured. */
export function tinyScan({ seed, name = `tiny/${seed}`, dent = 0 }: TinyScanOptions): Scan {
  const random = randomStream(seed, "testing/tiny-scan");
  const waves = Array.from({ length: 4 }, () => ({
    x: 200 + 400 * random.uniform(),
    y: 200 + 400 * random.uniform(),
    phase: 2 * Math.PI * random.uniform(),
    amplitude: 0.0001 + 0.0001 * random.uniform(),
  }));
  const points = new Float32Array(3 * SIDE * SIDE), truth = new Uint8Array(SIDE * SIDE);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    const x = (pixel % SIDE - (SIDE - 1) / 2) * PITCH, y = (Math.floor(pixel / SIDE) - (SIDE - 1) / 2) * PITCH;
    let height = 0.0001 * random.normal() * 0.2; // the sensor's noise, on the table too
    if (Math.max(Math.abs(x), Math.abs(y)) < HALF) {
      height += HEIGHT;
      for (const wave of waves) height += wave.amplitude * Math.sin(wave.x * x + wave.y * y + wave.phase);
      const inside = 1 - (x * x + y * y) / DENT_RADIUS ** 2;
      if (dent > 0 && inside > 0) {
        height -= dent * inside;
        truth[pixel] = 1;
      }
    }
    points.set([x, y, TABLE - height], 3 * pixel);
  }
  return {
    name,
    width: SIDE,
    height: SIDE,
    points,
    valid: new Uint8Array(SIDE * SIDE).fill(1),
    truth: { width: SIDE, height: SIDE, values: truth },
  };
}

/** The same scan with no more than these pixels measured: for what has to be refused or borne. */
export function onlyPixels(
  scan: Scan,
  pixels: readonly number[],
  name: string = `${scan.name}, ${pixels.length} points`,
): Scan {
  const kept = new Set(pixels);
  return {
    ...scan,
    name,
    points: scan.points.map((value, i) => kept.has(Math.floor(i / 3)) ? value : 0),
    valid: scan.valid.map((value, i) => kept.has(i) ? value : 0),
  };
}
