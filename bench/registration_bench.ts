/** What it takes to bring a scan to the normal scans of its product: 30 of them, and as many as the largest categories have. @module */
import { createRun, fitRegistry, type Prepared, randomStream, type ScanSource } from "../core/mod.ts";
import { alignmentCostCost, type Gpu, icpCost } from "../kernels/mod.ts";
import { registrationScene } from "./registration_scene.ts";
import { measure, type Measured } from "./roofline.ts";

const scene = await registrationScene();

/** What registration reads of a prepared scan: the scene's part, turned about the vertical and measured anew; z points away from the sensor. */
function turnedScan(gpu: Gpu, number: number): Prepared {
  const random = randomStream(number, "bench/registration"), turn = 2 * Math.PI * random.uniform();
  const c = Math.cos(turn), s = Math.sin(turn), { count } = scene;
  const hostPoints = new Float32Array(3 * count), padded = new Float32Array(4 * count);
  for (let i = 0; i < count; i++) {
    const [x, y, z] = scene.points.subarray(4 * i, 4 * i + 3), noise = () => 2e-5 * random.normal();
    const point = [c * x - s * y + noise(), s * x + c * y + noise(), 0.5 + z + noise()];
    hostPoints.set(point, 3 * i);
    padded.set(point, 4 * i);
  }
  const pixels = Uint32Array.from({ length: count }, (_, i) => i);
  const points = gpu.upload("f32", padded), pointOf = gpu.upload("u32", pixels);
  return {
    name: `scan ${number}`,
    frame: { size: 224, width: 224, height: 224, side: 224, top: 0, left: 0 },
    count,
    points,
    pointOf,
    hostPoints,
    pixels,
    sourcePixels: pixels,
    [Symbol.dispose]() {
      points[Symbol.dispose]();
      pointOf[Symbol.dispose]();
    },
  };
}

function normalScans(gpu: Gpu, count: number): ScanSource {
  return {
    count,
    names: Array.from({ length: count }, (_, i) => `scan ${i + 1}`),
    refuse: (_, error) => {
      throw error;
    },
    async *walk() {
      for (let number = 1; number <= count; number++) {
        using scan = turnedScan(gpu, number);
        yield await Promise.resolve(scan);
      }
    },
  };
}

/** The registry's own steps: 20 candidates coarsely on every 5th point, the 6 best finely on every 3rd. */
function registrationCost() {
  const [fifth, third] = [5, 3].map((step) => Math.ceil(scene.count / step));
  const parts = [
    icpCost(fifth, 20, 20 * scene.count, 11),
    alignmentCostCost(fifth, 20, 20 * scene.count),
    icpCost(third, 6, 6 * scene.count, 12),
  ];
  return {
    flops: parts.reduce((sum, { flops }) => sum + flops, 0),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

for (const normal of [30, 200]) {
  await measure(
    `register/${scene.count} to ${normal} scans`,
    registrationCost(),
    async (gpu): Promise<Measured> => {
      using owned = new DisposableStack();
      const run = createRun(gpu), registry = owned.use(await fitRegistry(normalScans(gpu, normal), run));
      const scan = owned.use(turnedScan(gpu, 0));
      const kept = owned.move();
      return {
        async run() {
          using _registration = await registry.register(scan, run);
        },
        [Symbol.dispose]: () => kept.dispose(),
      };
    },
  );
}
