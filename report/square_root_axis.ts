/** An axis from 0 up on which small values are told apart and 0 itself has room. @module */

/** An axis of a chart; lengths are in units of its drawing, from its outer end. */
export interface SquareRootAxis {
  /** The value at its far end. */
  readonly most: number;
  /** Where a value of at least 0 lies. */
  readonly at: (value: number) => number;
  /** Where the `i`-th dot lies: those at 0 are spread over a half of the strip, evenly, so that they don't hide one another. */
  readonly dotAt: (value: number, i: number, half: "outer" | "inner") => number;
  /** Round values with room for their labels, ascending, 0 not among them. */
  readonly ticks: readonly number[];
}

/** Width of the strip in which dots at 0 lie. */
export const STRIP = 36;

/** Multiples of it, modulo 1, are spread as evenly as can be, however many there are. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Least room between two labels. */
const LABELS_APART = 40;

/** An axis of `length` from 0 to `most`, which is above 0. */
export function squareRootAxis(most: number, length: number): SquareRootAxis {
  const at = (value: number) => STRIP + (length - STRIP) * Math.sqrt(value / most);
  const power = Math.floor(Math.log10(most)), ticks: number[] = [];
  let room = length + LABELS_APART;
  for (let exponent = power; exponent > power - 5; exponent--) {
    for (const digit of [5, 2, 1]) {
      const tick = Number(`${digit}e${exponent}`);
      if (tick > most || at(tick) < STRIP + LABELS_APART / 2 || room - at(tick) < LABELS_APART) continue;
      ticks.unshift(tick);
      room = at(tick);
    }
  }
  return {
    most,
    at,
    dotAt: (value, i, half) =>
      value > 0 ? at(value) : STRIP * ((half === "inner" ? 0.55 : 0.07) + 0.38 * ((i * GOLDEN) % 1)),
    ticks,
  };
}
