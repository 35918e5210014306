/** The cookie: a flat, uneven disc with chips in it. @module */
import type { Draws } from "./draws.ts";
import type { Product } from "./product.ts";
import { hill } from "./smooth_field.ts";

const REACH = 0.045;

interface Chip {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly high: number;
}

/** Chips that do not touch each other, within `spread` of the middle. */
function chips(draws: Draws, count: number, spread: number): Chip[] {
  const placed: Chip[] = [];
  for (let tries = 0; tries < 20 * count && placed.length < count; tries++) {
    const away = spread * Math.sqrt(draws.uniform()), direction = 2 * Math.PI * draws.uniform();
    const [x, y] = [away * Math.cos(direction), away * Math.sin(direction)];
    if (placed.some((chip) => Math.hypot(chip.x - x, chip.y - y) < 0.011)) continue;
    placed.push({ x, y, radius: draws.between(0.0035, 0.005), high: draws.between(0.001, 0.0018) });
  }
  return placed;
}

/** A disc of about 76 mm, 11 mm high, with 5 to 9 chips of at most 1.8 mm. */
export const cookie: Product = {
  reach: REACH,
  tilt: 0,
  shape(draws) {
    const radius = draws.between(0.036, 0.0395), high = draws.between(0.0095, 0.0115);
    const outline = draws.closedCurve({ first: 2, last: 9, spread: 0.035 });
    const count = 5 + draws.integer(5);
    const chosen = chips(draws, count, 0.8 * radius);
    const swell = draws.smoothField({ spacing: 0.01, spread: 0.0004, reach: REACH });
    const crumb = draws.smoothField({ spacing: 0.0022, spread: 0.00009, reach: REACH });
    return {
      parameters: { radius, high, chips: chosen.length },
      height(x, y) {
        const out = Math.hypot(x, y) / (radius * (1 + outline(Math.atan2(y, x))));
        if (out >= 1) return 0;
        const shoulder = Math.sqrt(1 - out ** 6);
        let z = high * (0.3 + 0.6 * shoulder + 0.1 * (1 - out * out)) + shoulder * swell(x, y) + crumb(x, y);
        for (const chip of chosen) {
          const squared = (x - chip.x) ** 2 + (y - chip.y) ** 2;
          if (squared < chip.radius * chip.radius) z += shoulder * chip.high * hill(squared, chip.radius);
        }
        return z;
      },
    };
  },
};
