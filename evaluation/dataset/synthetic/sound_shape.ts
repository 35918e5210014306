/** Instances that differ more than usual and still are their product: whole, with its holes, and within the picture. @module */
import { connectedComponents } from "../../metrics/components.ts";
import type { Draws } from "./draws.ts";
import type { Product, Shape } from "./product.ts";

/** Nothing of a part lies farther from the origin, metres: shifted by 5 mm and raised it is still in the picture. */
const REACH = 0.052;
/** No part is higher, metres: rays begin at 60 mm. */
const CEILING = 0.052;
/** Distance of the places that are looked at, metres. */
const CELL = 0.001;
/** Least share of the usual height of the lowest place, and of the usual area of the holes. */
const LEAST = 0.25;
/** What the factor is multiplied by while an instance is not sound. */
const LESS = 0.9;

/** What a shape is, looked at from above. */
interface Form {
  /** Connected pieces of the part, and of what is not part. */
  readonly pieces: readonly [number, number];
  /** Places in its holes. */
  readonly hollow: number;
  readonly lowest: number;
  readonly highest: number;
  /** Whether nothing lies beyond {@linkcode REACH}. */
  readonly within: boolean;
}

function formOf(shape: Shape): Form {
  const middle = Math.ceil(REACH / CELL) + 1, side = 2 * middle + 1;
  const present = new Uint8Array(side * side);
  let [lowest, highest, within] = [Infinity, 0, true];
  for (let place = 0; place < present.length; place++) {
    const x = (place % side - middle) * CELL, y = (Math.floor(place / side) - middle) * CELL;
    const height = shape.height(x, y);
    if (height <= 0) continue;
    present[place] = 1;
    [lowest, highest] = [Math.min(lowest, height), Math.max(highest, height)];
    within &&= Math.hypot(x, y) < REACH;
  }
  const part = connectedComponents(present, side, side);
  const rest = connectedComponents(present.map((v) => 1 - v), side, side);
  const hollow = rest.sizes.slice(1).reduce((sum, size) => sum + size, 0); // the first is what surrounds the part
  return { pieces: [part.sizes.length, rest.sizes.length], hollow, lowest, highest, within };
}

/** An instance as it was drawn. */
export interface Instance {
  readonly shape: Shape;
  /** A circle of this radius around the origin holds it, metres. */
  readonly reach: number;
  /** The factor that it was drawn with. */
  readonly vary: number;
}

/**
 * Draws an instance with a factor of variation. Beyond 1 its form is compared with what the same draws give at 1: where it has lost or
 * got a piece or a hole, has become too thin somewhere, or does not fit in the picture, it is drawn with the largest factor
 * vary · 0.9ⁿ at which it has not, or with 1. `draws` gives the same random numbers at every call.
 */
export function soundShape({ reach, shape: draw }: Product, draws: (vary: number) => Draws, vary: number): Instance {
  if (vary <= 1) return { shape: draw(draws(vary)), reach, vary };
  const usual = draw(draws(1)), as = formOf(usual);
  for (let factor = vary; factor > 1; factor *= LESS) {
    const shape = draw(draws(factor)), { pieces, hollow, lowest, highest, within } = formOf(shape);
    const isWhole = pieces.every((count, i) => count === as.pieces[i]) && hollow >= LEAST * as.hollow;
    if (isWhole && within && lowest >= LEAST * as.lowest && highest <= CEILING) {
      return { shape, reach: REACH, vary: factor };
    }
  }
  return { shape: usual, reach, vary: 1 };
}
