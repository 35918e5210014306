/** What a product is to the generator: a random shape, as heights over a plane. @module */
import type { Draws } from "./draws.ts";

/** One instance of a product, lying on its base, seen from above. Lengths in metres. */
export interface Shape {
  /** Height of the uppermost surface over the base at a place, above 0; 0 or less where the part is not. */
  height(x: number, y: number): number;
  /** What was drawn for this instance, for the manifest. */
  readonly parameters: Readonly<Record<string, number>>;
}

/** How a product lies: products that vary have no tilt of their own, it is in their shape. */
export interface Product {
  /** A circle of this radius around the origin holds every instance that varies as usual, metres. */
  readonly reach: number;
  /** Largest tilt of the base against the table about each axis, radians. */
  readonly tilt: number;
  /** Draws one instance; all that differs from one to the next comes from `draws`. */
  shape(draws: Draws): Shape;
}
