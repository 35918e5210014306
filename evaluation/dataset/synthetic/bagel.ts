/** The bagel: a flattened ring whose radius, thickness and height vary around it. @module */
import type { Product } from "./product.ts";

const REACH = 0.046;

/** A ring of about 82 mm, 24 mm high, with a hole of about 24 mm. */
export const bagel: Product = {
  reach: REACH,
  tilt: 0,
  shape(draws) {
    const ring = draws.between(0.0255, 0.0275),
      tube = draws.between(0.0138, 0.0152),
      high = draws.between(0.022, 0.026);
    const ringCurve = draws.closedCurve({ first: 2, last: 5, spread: 0.035 });
    const tubeCurve = draws.closedCurve({ first: 1, last: 4, spread: 0.045 });
    const highCurve = draws.closedCurve({ first: 1, last: 4, spread: 0.06 });
    const swell = draws.smoothField({ spacing: 0.011, spread: 0.0004, reach: REACH });
    const crust = draws.smoothField({ spacing: 0.0025, spread: 0.00006, reach: REACH });
    return {
      parameters: { ring, tube, high },
      height(x, y) {
        const direction = Math.atan2(y, x);
        const offset = (Math.hypot(x, y) - ring * (1 + ringCurve(direction))) / (tube * (1 + tubeCurve(direction)));
        if (Math.abs(offset) >= 1) return 0;
        const dome = Math.sqrt(1 - offset * offset);
        return high * (1 + highCurve(direction)) * (0.36 + 0.64 * dome) + dome * swell(x, y) + crust(x, y);
      },
    };
  },
};
