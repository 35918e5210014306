/** Which normal shapes each generator learns, and which it never sees. @module */
import { TooFewScans } from "../../core/mod.ts";
import type { NormalCloud } from "./normal_shapes.ts";

/** What one of several generators learns from, and what is held out of it. */
export interface Share {
  /** All clouds but those held out; at least one. */
  readonly learned: readonly NormalCloud[];
  /** By these the generator is judged; none where there are fewer clouds than generators. */
  readonly heldOut: readonly NormalCloud[];
}

/** Each generator needs a cloud that another one is without. */
const FEWEST = 2;

/**
 * The shares of 2 and more generators, in their order: of N, generator t (from 0) is without each cloud i with i mod N = t. So every cloud is
 * held out of one of them. @throws {TooFewScans} with fewer than two clouds
 */
export function sharesOf(clouds: readonly NormalCloud[], generators: number): Share[] {
  if (generators < 2) throw new RangeError(`${generators} generators: one alone would learn nothing`);
  if (clouds.length < FEWEST) throw new TooFewScans(clouds.length, FEWEST, `train ${generators} generators`);
  return Array.from({ length: generators }, (_, own) => {
    const isHeldOut = (_: NormalCloud, i: number) => i % generators === own;
    return { learned: clouds.filter((cloud, i) => !isHeldOut(cloud, i)), heldOut: clouds.filter(isHeldOut) };
  });
}
