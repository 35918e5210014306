/** One scan and its outline registered to twelve others with a little stretch, and the twelve placed in its camera's frame. @module */
import {
  affineIcp,
  affineIcpCost,
  gatherColumns,
  inColumnOrder,
  placeShapes,
  placeShapesCost,
  pointColumns,
} from "../kernels/mod.ts";
import { registrationScene, startingMotions } from "./registration_scene.ts";
import { measure } from "./roofline.ts";

const scene = await registrationScene(), clouds = 12, step = 5, rim = 400, extent = 0.02;
const total = clouds * scene.count;

/** An ellipse about the scan, as its outline: points, and outward directions. */
function outlineOf() {
  const points = new Float32Array(4 * rim), directions = points.slice();
  const half = [0, 1].map((c) =>
    scene.points.reduce((most, v, i) => i % 4 === c ? Math.max(most, Math.abs(v)) : most, 0)
  );
  for (let i = 0; i < rim; i++) {
    const angle = 2 * Math.PI * i / rim, c = Math.cos(angle), s = Math.sin(angle);
    const long = Math.hypot(c / half[0], s / half[1]);
    points.set([half[0] * c, half[1] * s], 4 * i);
    directions.set([c / half[0] / long, s / half[1] / long], 4 * i);
  }
  const { order, starts } = pointColumns(scene.shape, points, 4);
  return { points: inColumnOrder(order, points, 4), directions: inColumnOrder(order, directions, 4), starts };
}

for (const iterations of [1, 6]) {
  const used = Math.ceil(scene.count / step);
  await measure(
    `affine-icp/${used}+${rim}x${clouds}x${scene.count}, ${iterations} steps`,
    affineIcpCost({ used, outline: rim, targets: clouds, total, outlineTotal: clouds * rim, iterations }),
    (gpu) => {
      const owned = new DisposableStack(), outline = outlineOf();
      const source = { values: owned.use(gpu.upload("f32", scene.points)), count: scene.count };
      const points = owned.use(gpu.upload("f32", outline.points)),
        normals = owned.use(gpu.upload("f32", outline.directions));
      using starts = gpu.upload("u32", outline.starts);
      const one = { points, normals, starts, count: rim };
      const rims = owned.use(gatherColumns(gpu, Array.from({ length: clouds }, () => one), scene.shape));
      const targets = owned.use(scene.targets(gpu, clouds));
      const start = owned.use(gpu.upload("f32", startingMotions(clouds))),
        none = owned.use(gpu.upload("f32", new Float32Array(8 * clouds)));
      const transforms = owned.use(gpu.buffer("f32", 16 * clouds)),
        stretches = owned.use(gpu.buffer("f32", 8 * clouds));
      return {
        run() {
          gpu.copy(start, transforms);
          gpu.copy(none, stretches);
          affineIcp(gpu, {
            surface: { source, step, targets },
            outline: { source: { values: points, count: rim }, directions: normals, targets: rims },
            transforms,
            stretches,
            extent,
            surfaceRadius: 0.003,
            outlineRadius: 0.004,
            stiffness: 0.01,
            iterations,
          });
        },
        [Symbol.dispose]: () => owned.dispose(),
      };
    },
  );
}

await measure(`place-shapes/${clouds}x${scene.count}`, placeShapesCost(total), (gpu) => {
  const owned = new DisposableStack();
  const targets = owned.use(scene.targets(gpu, clouds));
  const transforms = owned.use(gpu.upload("f32", startingMotions(clouds)));
  return {
    run() {
      using _placed = placeShapes(gpu, {
        targets,
        transforms,
        axes: [1, 0, 0, 0, -1, 0, 0, 0, -1],
        origin: [0, 0, 0.5],
      });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
