/** Turning the camera of a 3-D view by buttons. @module */

interface Vector {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Where a view is looked at from, in the plotting library's terms. */
export interface Camera {
  readonly eye: Vector;
  readonly up: Vector;
  readonly center: Vector;
}

/** Nearly as the sensor sees it, which looks along +z with y down; a little aside, so that depth is seen. */
export const STRAIGHT: Camera = {
  eye: { x: 0.29, y: -0.66, z: -1.45 },
  up: { x: 0, y: -1, z: 0 },
  center: { x: 0, y: 0, z: 0 },
};

/** A turn; angles in degrees. */
export interface Turn {
  /** Around the vertical of the picture. */
  readonly around: number;
  /** Over the top. */
  readonly over: number;
  /** Distance is multiplied by it. */
  readonly nearer: number;
}

/** The camera after a turn about the middle of the view; it stops short of the poles, where up would be lost. */
export function turnedCamera({ eye, center }: Camera, { around, over, nearer }: Turn): Camera {
  const radius = Math.hypot(eye.x, eye.y, eye.z) || 1, radians = (degrees: number) => (degrees * Math.PI) / 180;
  const height = Math.asin(Math.max(-1, Math.min(1, -eye.y / radius))), side = Math.atan2(eye.x, -eye.z);
  const most = radians(85),
    turned = side + radians(around),
    up = Math.max(-most, Math.min(most, height + radians(over)));
  const distance = Math.max(0.3, Math.min(6, radius * nearer)), flat = distance * Math.cos(up);
  return {
    eye: { x: flat * Math.sin(turned), y: -distance * Math.sin(up), z: -flat * Math.cos(turned) },
    up: STRAIGHT.up,
    center,
  };
}
