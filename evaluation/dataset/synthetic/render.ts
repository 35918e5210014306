/** What the camera sees of a surface, and what of that the projector reaches: exact, before the sensor's faults. @module */
import type { Rig, View } from "./rig.ts";
import { floorAt, heightAt, slopeAt, type Surface } from "./surface.ts";

/** Where each pixel's ray meets the surface; row-major. Every ray meets at least the table. */
export interface Hits {
  /** z in the camera's frame, metres. */
  readonly depth: Float64Array;
  /** Place in the part's frame, metres. */
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** How each pixel's place lies to the camera and to the projector. */
export interface Lighting {
  /** Cosine between the normal and the direction to the camera. */
  readonly facing: Float64Array;
  /** Cosine between the normal and the direction to the projector; 0 in its shadow. */
  readonly lit: Float64Array;
}

/** Higher than any part, metres. Rays are sampled from here down, so that the samples do not depend on what lies there. */
const CEILING = 0.06;

/** Depths of two crossings are told apart to this, metres. */
const RESOLUTION = 1e-9;

/** Depth between `near`, above the surface, and `far`, below it, at which the ray crosses (Illinois' regula falsi). */
function crossing(above: (t: number) => number, near: number, nearGap: number, far: number, farGap: number): number {
  let side = 0;
  for (let round = 0; round < 60 && far - near > RESOLUTION; round++) {
    const t = near + (far - near) * nearGap / (nearGap - farGap);
    const gap = above(t);
    if (Math.abs(gap) < RESOLUTION) return t;
    if (gap > 0) {
      [near, nearGap] = [t, gap];
      if (side === 1) farGap /= 2;
      side = 1;
    } else {
      [far, farGap] = [t, gap];
      if (side === -1) nearGap /= 2;
      side = -1;
    }
  }
  return (near + far) / 2;
}

/** Highest node and how far from the origin the surface differs from the table, metres. */
function boundsOf(surface: Surface): { top: number; radius: number } {
  const { size, cell, heights, floor } = surface, middle = (size - 1) / 2;
  let top = floor.c, squared = 0;
  for (let node = 0; node < heights.length; node++) {
    const row = Math.floor(node / size), column = node - row * size;
    const x = (column - middle) * cell, y = (row - middle) * cell;
    if (heights[node] === floorAt(floor, x, y)) continue;
    top = Math.max(top, heights[node]);
    squared = Math.max(squared, x * x + y * y);
  }
  return { top, radius: Math.sqrt(squared) + 2 * cell };
}

/** Meets every pixel's ray with the surface: steps of one cell across it, then the crossing to a nanometre. */
export function castRays(rig: Rig, view: View, surface: Surface): Hits {
  const { width, height, centre, step } = rig, { camera, right, down, forward, floor } = view;
  const { top, radius } = boundsOf(surface);
  const depth = new Float64Array(width * height),
    x = new Float64Array(width * height),
    y = new Float64Array(width * height);
  for (let row = 0, pixel = 0; row < height; row++) {
    const v = (row - centre[1]) * step;
    for (let column = 0; column < width; column++, pixel++) {
      const u = (column - centre[0]) * step;
      const dx = right[0] * u + down[0] * v + forward[0];
      const dy = right[1] * u + down[1] * v + forward[1];
      const dz = right[2] * u + down[2] * v + forward[2];
      const above = (t: number) => camera[2] + t * dz - heightAt(surface, camera[0] + t * dx, camera[1] + t * dy);
      const enter = (CEILING - camera[2]) / dz;
      const leave = (floorAt(floor, camera[0], camera[1]) - camera[2]) / (dz - floor.a * dx - floor.b * dy);
      const across = (leave - enter) * Math.hypot(dx, dy);
      let t = leave;
      if (Math.hypot(camera[0] + leave * dx, camera[1] + leave * dy) < radius + across) {
        const steps = Math.ceil(across / surface.cell) + 1, stride = (leave - enter) / steps;
        const first = Math.max(0, Math.floor(((top - camera[2]) / dz - enter) / stride));
        let near = enter + first * stride, nearGap = above(near);
        for (let i = first + 1; i <= steps; i++) {
          const far = enter + i * stride, farGap = above(far);
          if (farGap < 0) {
            t = crossing(above, near, nearGap, far, farGap);
            break;
          }
          [near, nearGap] = [far, farGap];
        }
      }
      depth[pixel] = t;
      x[pixel] = camera[0] + t * dx;
      y[pixel] = camera[1] + t * dy;
    }
  }
  return { depth, x, y };
}

/** Whether the surface stands between a place on it and the projector. */
function shadowed(surface: Surface, top: number, x: number, y: number, z: number, towards: readonly number[]): boolean {
  const across = Math.hypot(towards[0], towards[1]);
  const dx = surface.cell * towards[0] / across, dy = surface.cell * towards[1] / across;
  const dz = surface.cell * towards[2] / across;
  // It starts two cells away, so that a place does not shade itself through the interpolation.
  for (let i = 2, height = z + 2 * dz; height < top; i++, height += dz) {
    if (heightAt(surface, x + i * dx, y + i * dy) > height) return true;
  }
  return false;
}

/** Normals and shadows at the hits. */
export function lightingOf(view: View, surface: Surface, { x, y }: Hits): Lighting {
  const { top, radius } = boundsOf(surface), { camera, projector } = view;
  const facing = new Float64Array(x.length), lit = new Float64Array(x.length);
  for (let pixel = 0; pixel < x.length; pixel++) {
    const px = x[pixel], py = y[pixel], z = heightAt(surface, px, py);
    const [gx, gy] = slopeAt(surface, px, py), norm = Math.sqrt(1 + gx * gx + gy * gy);
    const cosine = (to: readonly number[]) =>
      (to[2] - gx * to[0] - gy * to[1]) / (norm * Math.hypot(to[0], to[1], to[2]));
    facing[pixel] = cosine([camera[0] - px, camera[1] - py, camera[2] - z]);
    const towards = [projector[0] - px, projector[1] - py, projector[2] - z];
    // Shadows reach at most as far as the part is high: the projector stands steeper than 45 degrees.
    const inShadow = Math.hypot(px, py) < radius + top && shadowed(surface, top, px, py, z, towards);
    lit[pixel] = inShadow ? 0 : Math.max(0, cosine(towards));
  }
  return { facing, lit };
}
