/** The random draws that an instance of a product is made of: the one place that says how much instances differ. @module */
import type { RandomStream } from "../../../core/mod.ts";
import { closedCurve, smoothField } from "./smooth_field.ts";

/** Draws of one instance. Each is scaled about its middle by one factor, `vary`: 1 for what a product usually is, 0 for instances that are alike. */
export interface Draws {
  /** A measure: usually uniform in [low, high), at other factors as far from the middle times the factor, but never below 0. */
  between(low: number, high: number): number;
  /** Uniform in [0, 1), for what has no middle, such as a place: differs as usual from factor 1 on. */
  uniform(): number;
  /** Uniform integer in [0, below), for a number of things: differs as usual from factor 1 on. */
  integer(below: number): number;
  /** {@linkcode closedCurve}, its spread times the factor. */
  closedCurve(of: Parameters<typeof closedCurve>[1]): ReturnType<typeof closedCurve>;
  /** {@linkcode smoothField}, its spread times the factor. */
  smoothField(of: Parameters<typeof smoothField>[1]): ReturnType<typeof smoothField>;
}

/**
 * Draws from an instance's own stream. `alike` is a stream that all instances have in common: towards factor 0, what has no middle
 * moves to what is drawn from it.
 */
export function drawsOf(own: RandomStream, alike: RandomStream, vary: number): Draws {
  const away = Math.min(vary, 1) - 1; // 0 for usual ones, so that they get their draws to the last bit
  const moved = (mine: number, common: number) => mine + away * (mine - common);
  return {
    between(low, high) {
      const u = own.uniform();
      return Math.max(0, low + (high - low) * (u + (vary - 1) * (u - 0.5)));
    },
    uniform: () => moved(own.uniform(), alike.uniform()),
    integer: (below) => Math.round(moved(own.integer(below), alike.integer(below))),
    closedCurve: (of) => closedCurve(own, { ...of, spread: vary * of.spread }),
    smoothField: (of) => smoothField(own, { ...of, spread: vary * of.spread }),
  };
}
