import { equal, ok } from "node:assert/strict";
import { type Camera, fitCamera, pitchOf, pixelOf, rayOf } from "./camera.ts";
import { randomStream } from "./random.ts";

/** A camera that is turned a little and mirrored, with pixels that are no squares. */
const central: Camera = { matrix: [620, 14, -11, -600], offset: [113.2, 108.7], central: true, rms: 0 };
const parallel: Camera = { matrix: [-30, 1180, 1210, 25], offset: [90.5, 121.25], central: false, rms: 0 };

/** Places in a box half a metre away, 80 mm deep. */
function places(count: number): Float64Array {
  const random = randomStream(count, "camera-test");
  return Float64Array.from(
    { length: 3 * count },
    (_, i) => i % 3 < 2 ? 0.16 * random.uniform() - 0.08 : 0.5 + 0.08 * random.uniform(),
  );
}

/** Where a camera sees them, moved by `off` pixels. */
function seen(
  camera: Camera,
  points: Float64Array,
  off: (i: number) => readonly number[] = () => [0, 0],
): Float64Array {
  const pixels: number[] = [];
  for (let i = 0; i < points.length / 3; i++) {
    const [u, v] = pixelOf(camera, points[3 * i], points[3 * i + 1], points[3 * i + 2]), [du, dv] = off(i);
    pixels.push(u + du, v + dv);
  }
  return Float64Array.from(pixels);
}

/** Float64 leaves of 620 pixels over sums of hundreds of points far less than a millionth. */
function isCamera(found: Camera | undefined, wanted: Camera, bound = 1e-6): void {
  ok(found);
  equal(found.central, wanted.central);
  [...found.matrix, ...found.offset].forEach((value, i) => {
    const right = [...wanted.matrix, ...wanted.offset][i];
    ok(Math.abs(value - right) <= bound, `${value}, not ${right}`);
  });
}

for (const [name, camera] of [["a central", central], ["a parallel", parallel]] as const) {
  Deno.test(`fitCamera() finds ${name} camera from what it saw`, () => {
    const points = places(300), found = fitCamera(points, seen(camera, points));
    isCamera(found, camera);
    ok(found!.rms < 1e-9, `${found!.rms}`);
  });

  Deno.test(`fitCamera() finds ${name} camera among one stray return in twenty`, () => {
    const points = places(400), random = randomStream(2, "camera-test");
    const stray = (i: number) => {
      const turn = 2 * Math.PI * random.uniform();
      return i % 20 === 7 ? [90 * Math.cos(turn) + 20, 90 * Math.sin(turn)] : [0, 0]; // to one side more than to the other
    };
    const found = fitCamera(points, seen(camera, points, stray));
    isCamera(found, camera);
    ok(found!.rms < 1e-9, `${found!.rms}`);
  });
}

Deno.test("fitCamera() takes a flattened scan, whose depths may be 0 or below, for a parallel one", () => {
  const points = places(60).map((value, i) => i % 3 === 2 ? value - 0.54 : value);
  isCamera(fitCamera(points, seen(parallel, points)), parallel);
});

Deno.test("fitCamera() needs eight points that are not on a line", () => {
  for (const camera of [central, parallel]) {
    const eight = places(8), seven = eight.slice(0, 21);
    isCamera(fitCamera(eight, seen(camera, eight)), camera);
    equal(fitCamera(seven, seen(camera, seven)), undefined);
    const line = Float64Array.from({ length: 20 }, (_, i) => i / 1000).reduce((points, t, i) => {
      points.set([0.015 + t, 2 * t - 0.01, 0.5], 3 * i);
      return points;
    }, new Float64Array(60));
    equal(fitCamera(line, seen(camera, line)), undefined);
  }
  equal(fitCamera(new Float64Array(0), new Float64Array(0)), undefined);
});

Deno.test("fitCamera() says what it leaves, and believes nothing that leaves more than a pixel", () => {
  const points = places(500);
  const circle = (radius: number) => (i: number) => [radius * Math.cos(2.4 * i), radius * Math.sin(2.4 * i)]; // in all directions
  const found = fitCamera(points, seen(central, points, circle(0.9)));
  equal(found?.central, true);
  ok(Math.abs(found!.rms - 0.9) < 0.02, `${found!.rms}`); // six numbers take 6 of 1000 squares
  equal(fitCamera(points, seen(central, points, circle(1.1))), undefined);
});

Deno.test("rayOf() goes back where pixelOf() came from, at any depth", () => {
  for (const camera of [central, parallel]) {
    const points = places(40);
    for (let i = 0; i < points.length; i += 3) {
      const [x, y, z] = points.subarray(i, i + 3), { from, along } = rayOf(camera, ...pixelOf(camera, x, y, z));
      const t = (z - from[2]) / along[2];
      [x, y, z].forEach((value, axis) => ok(Math.abs(from[axis] + t * along[axis] - value) < 1e-12));
      const back = pixelOf(camera, ...from.map((value, axis) => value + 0.3 * along[axis]) as [number, number, number]);
      pixelOf(camera, x, y, z).forEach((value, axis) => ok(Math.abs(back[axis] - value) < 1e-9));
    }
  }
  equal(rayOf(central, 3, 4).along[2], 1);
  const [a, b] = [rayOf(parallel, 3, 4), rayOf(parallel, 90, 17)];
  ok(a.along.join() === b.along.join() && a.from.join() !== b.from.join());
});

Deno.test("pitchOf() is how far rays of neighbouring pixels are apart: at the mean depth, or anywhere", () => {
  const square = (camera: Camera): Camera => ({ ...camera, matrix: [480, 360, -360, 480] }); // 600 pixels a unit, turned
  const part = Float32Array.from([0.01, 0.02, 0.25, -0.03, 0, 0.75]);
  equal(pitchOf(square(central), part), 0.5 / 600);
  equal(pitchOf(square(parallel), part), 1 / 600);
  const [left, right] = [rayOf(square(central), 10, 10), rayOf(square(central), 11, 10)];
  const apart = Math.hypot(...[0, 1].map((axis) => 0.5 * (left.along[axis] - right.along[axis])));
  ok(Math.abs(apart - pitchOf(square(central), part)) < 1e-12);
});
