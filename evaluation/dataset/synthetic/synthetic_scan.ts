/** One synthetic scan: a product's instance in the rig, with or without a defect, and its exact mask. @module */
import { randomStream } from "../../../core/mod.ts";
import { bagel } from "./bagel.ts";
import { casting } from "./casting.ts";
import { cookie } from "./cookie.ts";
import { MAKE_DEFECT } from "./defects.ts";
import { drawsOf } from "./draws.ts";
import type { DefectName, ProductName } from "./options.ts";
import { potato } from "./potato.ts";
import type { Product } from "./product.ts";
import { castRays, type Hits, lightingOf } from "./render.ts";
import { drawPose, type Pose, type Rig, viewOf } from "./rig.ts";
import { measure, type Measured } from "./sensor.ts";
import { soundShape } from "./sound_shape.ts";
import { extentOf, type Surface, surfaceOf, touches } from "./surface.ts";

const PRODUCT: Readonly<Record<ProductName, Product>> = { bagel, cookie, potato, casting };

/** What one scan is made of. */
export interface SyntheticScanOptions {
  readonly product: ProductName;
  readonly rig: Rig;
  readonly seed: number;
  /** Names the instance: the same seed and name give the same part, pose and noise, with a defect or without. */
  readonly name: string;
  /** How much instances differ, as a factor of what they usually do; 1 unless given. */
  readonly vary?: number;
  readonly defect?: DefectName;
  /** Standard deviation of the depth seen straight on, metres. */
  readonly noise: number;
}

/** A scan and everything that is known about it. */
export interface SyntheticScan extends Measured {
  readonly width: number;
  readonly height: number;
  /** 1 where the defect changed what is seen; for a missing region, where the part would be seen. */
  readonly mask: Uint8Array;
  /** 1 where the part without its defect would be seen, measured or not. */
  readonly part: Uint8Array;
  readonly shape: Readonly<Record<string, number>>;
  /** The factor of variation that it was drawn with, less than the asked one where that would not be sound. */
  readonly vary: number;
  readonly pose: Pose;
  readonly damage?: Readonly<Record<string, number | string>>;
}

/** Nodes of the surface stand closer than pixels, between these distances, metres. */
const LEAST_CELL = 0.0001, MOST_CELL = 0.0003;

/** 1 at pixels whose hit lies on or beside a marked node. */
function pixelsOn(surface: Surface, marks: Uint8Array, hits: Hits): Uint8Array {
  return Uint8Array.from(hits.x, (x, pixel) => touches(surface, marks, x, hits.y[pixel]) ? 1 : 0);
}

/** Makes one scan. */
export function syntheticScan(
  { product, rig, seed, name, vary: asked = 1, defect, noise }: SyntheticScanOptions,
): SyntheticScan {
  const stream = (use: string) => randomStream(seed, `synth/${product}/${name}/${use}`);
  const alike = () => randomStream(seed, `synth/${product}/alike`);
  const draws = (factor: number) => drawsOf(stream("shape"), alike(), factor);
  const { shape, reach, vary } = soundShape(PRODUCT[product], draws, asked);
  const pose = drawPose(stream("pose"), PRODUCT[product]), view = viewOf(rig, pose, reach);
  const cell = Math.min(MOST_CELL, Math.max(LEAST_CELL, 0.65 * rig.pitch));
  const whole = surfaceOf(shape, { floor: view.floor, cell, reach });
  const wholeHits = castRays(rig, view, whole);
  const made = {
    width: rig.width,
    height: rig.height,
    shape: shape.parameters,
    vary,
    pose,
    part: pixelsOn(whole, whole.present, wholeHits),
  };
  if (defect === undefined) {
    const measured = measure(rig, wholeHits, lightingOf(view, whole, wholeHits), noise, stream("sensor"));
    return { ...made, ...measured, mask: new Uint8Array(rig.width * rig.height) };
  }
  const piece = { surface: whole, extent: extentOf(whole), pitch: rig.pitch, stream: stream(`defect/${defect}`) };
  const { surface, changed, parameters } = MAKE_DEFECT[defect](piece);
  const hits = castRays(rig, view, surface);
  // Where the changed surface would be seen without the defect (it sank or is gone) or is seen with it (it rose).
  const before = pixelsOn(whole, changed, wholeHits),
    mask = pixelsOn(surface, changed, hits).map((v, i) => v | before[i]);
  const measured = measure(rig, hits, lightingOf(view, surface, hits), noise, stream("sensor"));
  return { ...made, ...measured, mask, damage: parameters };
}
