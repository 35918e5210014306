/** One scan registered to twelve others coarsely and to six finely, and what an alignment costs. @module */
import { type Alignment, alignmentCost, alignmentCostCost, type Gpu, icp, icpCost } from "../kernels/mod.ts";
import { registrationScene, startingMotions } from "./registration_scene.ts";
import { measure, type Measured } from "./roofline.ts";

const scene = await registrationScene();

/** A run that first puts the transforms back. */
function fromStart(gpu: Gpu, clouds: number, step: number, run: (alignment: Alignment) => void): Measured {
  const owned = new DisposableStack();
  const source = { values: owned.use(gpu.upload("f32", scene.points)), count: scene.count };
  const targets = owned.use(scene.targets(gpu, clouds));
  const start = owned.use(gpu.upload("f32", startingMotions(clouds)));
  const transforms = owned.use(gpu.buffer("f32", 16 * clouds));
  return {
    run() {
      gpu.copy(start, transforms);
      run({ source, step, targets, transforms });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
}

for (
  const { step, clouds, stages } of [
    { step: 5, clouds: 12, stages: [{ radius: 0.004, iterations: 6 }, { radius: 0.002, iterations: 5 }] },
    { step: 3, clouds: 6, stages: [{ radius: 0.0015, iterations: 6 }, { radius: 0.0008, iterations: 6 }] },
  ]
) {
  const used = Math.ceil(scene.count / step), total = clouds * scene.count;
  const steps = stages.reduce((sum, { iterations }) => sum + iterations, 0);
  await measure(
    `icp/${used}x${clouds}x${scene.count}, ${steps} steps`,
    icpCost(used, clouds, total, steps),
    (gpu) =>
      fromStart(gpu, clouds, step, (alignment) => stages.forEach((stage) => icp(gpu, { ...alignment, ...stage }))),
  );
}

const step = 5, clouds = 12, used = Math.ceil(scene.count / step);
await measure(
  `alignment-cost/${used}x${clouds}x${scene.count}`,
  alignmentCostCost(used, clouds, clouds * scene.count),
  (gpu) =>
    fromStart(gpu, clouds, step, (alignment) => {
      using _costs = alignmentCost(gpu, { ...alignment, cap: 0.002 });
    }),
);
