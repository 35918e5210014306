/** What can go wrong with measures of scores against the truth, as types. @module */
import { Uni3dadError } from "../errors.ts";

/** A scored map that cannot be measured, as against skipped: a figure without it would be another figure. */
export class MapRefused extends Uni3dadError {
  readonly code = "score-map-refused" as const;
  /** `map` names it for people; `why` is a stable word for the cause. */
  constructor(readonly map: string, readonly why: "not-a-number" | "wrong-size", problem: string) {
    super(`Cannot measure ${map}: ${problem}`);
  }
}

/** A second walk over the maps gave other maps than the first: the source cannot be walked twice. */
export class MapsChanged extends Uni3dadError {
  readonly code = "score-maps-changed" as const;
  /** Normal and anomalous places of all maps in the first walk and in the second. */
  constructor(readonly first: readonly [number, number], readonly second: readonly [number, number]) {
    const places = ([normal, anomalous]: readonly [number, number]) =>
      `${normal} normal and ${anomalous} anomalous places`;
    super(
      `Cannot measure the maps: the first walk gave ${places(first)}, the second ${places(second)}; ` +
        `each walk must start anew and give the same maps`,
    );
  }
}

/** An integration limit outside (0, 1]. */
export class LimitRefused extends Uni3dadError {
  readonly code = "limit-refused" as const;
  constructor(readonly limit: number) {
    super(`Cannot integrate up to a false-positive rate of ${limit}: limits lie above 0 and at most at 1`);
  }
}

/** A list of scores that holds something that has no rank. */
export class ScoreRefused extends Uni3dadError {
  readonly code = "score-refused" as const;
  constructor(readonly list: string, readonly index: number) {
    super(`Cannot rank the ${list} scores: number ${index} (from 0) is NaN; find the scan that gave it`);
  }
}
