/** The potato: an uneven ellipsoid with a few shallow eyes. @module */
import type { Product } from "./product.ts";
import { hill } from "./smooth_field.ts";

const REACH = 0.047;

/** About 80 × 58 mm and 34 mm high, every one another. */
export const potato: Product = {
  reach: REACH,
  tilt: 0,
  shape(draws) {
    const long = draws.between(0.037, 0.042),
      wide = draws.between(0.026, 0.031),
      thick = draws.between(0.015, 0.019);
    const outline = draws.closedCurve({ first: 1, last: 5, spread: 0.045 });
    const swell = draws.smoothField({ spacing: 0.02, spread: 0.0014, reach: REACH });
    const skin = draws.smoothField({ spacing: 0.004, spread: 0.00007, reach: REACH });
    const eyes = Array.from({ length: 3 + draws.integer(4) }, () => {
      const away = 0.75 * Math.sqrt(draws.uniform()), direction = 2 * Math.PI * draws.uniform();
      return {
        x: away * long * Math.cos(direction),
        y: away * wide * Math.sin(direction),
        radius: draws.between(0.0018, 0.0028),
        deep: draws.between(0.0004, 0.0008),
      };
    });
    return {
      parameters: { long, wide, thick, eyes: eyes.length },
      height(x, y) {
        const out = Math.hypot(x / long, y / wide) / (1 + outline(Math.atan2(y / wide, x / long)));
        if (out >= 1) return 0;
        const dome = Math.sqrt(1 - out * out);
        // Below the widest place the side falls straight down: the sensor does not see under it anyway.
        let z = thick * (1 + dome) + dome * swell(x, y) + skin(x, y);
        for (const eye of eyes) z -= eye.deep * hill((x - eye.x) ** 2 + (y - eye.y) ** 2, eye.radius);
        return z;
      },
    };
  },
};
