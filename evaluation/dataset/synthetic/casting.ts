/** The casting: a rigid plate with a bored boss, a smaller boss and ribs. @module */
import type { Product } from "./product.ts";

const REACH = 0.0465;

/** Sides of raised parts rise this much per metre outward: a casting's draft, here steep but still visible. */
const DRAFT = 3.5;

/** Distance to a box with round corners, negative inside. */
function boxDistance(x: number, y: number, halfX: number, halfY: number, corner: number): number {
  const [dx, dy] = [Math.abs(x) - halfX + corner, Math.abs(y) - halfY + corner];
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
}

/** Height of a body with a flat top and a rounded rim, of the signed distance to its outline; falls with the draft outside. */
function raised(top: number, distance: number, rim: number): number {
  if (distance >= 0) return top - rim - DRAFT * distance;
  if (distance <= -rim) return top;
  return top - rim + Math.sqrt(rim * rim - (rim + distance) ** 2);
}

/** The larger of two heights with a fillet of about `size` where they meet. */
function filleted(a: number, b: number, size: number): number {
  const near = Math.max(0, 1 - Math.abs(a - b) / size);
  return Math.max(a, b) + near * near * size / 4;
}

/** Height of a rib from one place to another, from `high` at its start to `low` at its end, at x, y. */
function rib(
  x: number,
  y: number,
  [x0, y0, high]: readonly number[],
  [x1, y1, low]: readonly number[],
  half: number,
): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return raised(high + (low - high) * along, Math.hypot(x - x0 - along * dx, y - y0 - along * dy) - half, 0.0009);
}

const BOSS = { x: -0.015, y: 0, radius: 0.0155, top: 0.025, bore: 0.0078, counterbore: 0.0105, counterDepth: 0.0045 };
const SMALL = { x: 0.0235, y: 0.0095, radius: 0.0075, top: 0.0165, bore: 0.0034, depth: 0.007 };
const SCREWS = [[0.031, -0.0175], [-0.0315, 0.018], [-0.0315, -0.018]] as const;

/** Height over the base as drawn, 0 where there is none. */
function nominal(x: number, y: number): number {
  const outside = boxDistance(x, y, 0.0385, 0.0255, 0.009);
  if (outside > 0) return 0;
  const fromBoss = Math.hypot(x - BOSS.x, y - BOSS.y), fromSmall = Math.hypot(x - SMALL.x, y - SMALL.y);
  if (fromBoss < BOSS.bore) return 0;
  if (SCREWS.some(([sx, sy]) => Math.hypot(x - sx, y - sy) < 0.0027)) return 0;
  let z = raised(0.0085, outside, 0.0015);
  z = filleted(z, rib(x, y, [BOSS.x, BOSS.y, 0.022], [0.036, -0.005, 0.0115], 0.002), 0.002);
  z = filleted(z, rib(x, y, [BOSS.x, BOSS.y, 0.02], [-0.01, 0.0235, 0.0115], 0.0018), 0.002);
  z = filleted(z, rib(x, y, [BOSS.x, BOSS.y, 0.02], [-0.01, -0.0235, 0.0115], 0.0018), 0.002);
  z = filleted(z, raised(BOSS.top, fromBoss - BOSS.radius, 0.0012), 0.002);
  z = filleted(z, raised(SMALL.top, fromSmall - SMALL.radius, 0.001), 0.002);
  if (fromBoss < BOSS.counterbore) z = BOSS.top - BOSS.counterDepth;
  if (fromSmall < SMALL.bore) z = SMALL.top - SMALL.depth;
  return z;
}

/** 77 × 51 mm, 25 mm high: a through bore with a counterbore, a blind bore, three screw holes, three ribs. */
export const casting: Product = {
  reach: REACH,
  tilt: 0.012,
  shape(draws) {
    const roughness = draws.smoothField({ spacing: 0.002, spread: 0.00003, reach: REACH });
    return {
      parameters: {},
      height(x, y) {
        const z = nominal(x, y);
        return z > 0 ? z + roughness(x, y) : 0;
      },
    };
  },
};
