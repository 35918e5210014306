/** Whole shapes drawn on the map of a scan, weighed against its points, looked up point by point, and their depths compared: six shapes as neighbours give them. @module */
import { randomStream } from "../core/mod.ts";
import {
  depthEnvelope,
  depthEnvelopeCost,
  distanceTransform,
  gapAtPoints,
  gapAtPointsCost,
  gapEvidence,
  gapEvidenceCost,
  type Gpu,
  type MapCamera,
  shapeInterior,
  shapeInteriorCost,
  splatShapes,
  splatShapesCost,
  surfaceExcess,
  surfaceExcessCost,
} from "../kernels/mod.ts";
import { measure } from "./roofline.ts";

const size = 224, count = 7000, pitch = 0.0005, depth = 0.5;
const shapes = Array.from({ length: 6 }, (_, shape) => ({ first: shape * count, count })),
  total = shapes.length * count;
const camera: MapCamera = { matrix: [depth / pitch, 0, 0, depth / pitch], offset: [size / 2, size / 2], central: true };

/** Round shapes of 9 cm, slightly askew to each other, with evenly spread points. */
function discs(): Float32Array<ArrayBuffer> {
  const random = randomStream(0, "bench/splats"), points = new Float32Array(4 * total);
  for (let i = 0; i < total; i++) {
    const angle = 2 * Math.PI * random.uniform(), radius = 0.045 * Math.sqrt(random.uniform());
    const x = radius * Math.cos(angle), y = radius * Math.sin(angle);
    points.set([x, y, depth + 0.01 * Math.floor(i / count) * x, 0], 4 * i);
  }
  return points;
}

/** The third-nearest of evenly spread points: a disc of its radius has three others in it. */
const apart = Math.sqrt(3 / count) * 0.045;

/** A map of squares: the scan lacks a piece of 20 pixels' radius. */
function squaresOf(gpu: Gpu) {
  const points = Uint32Array.from({ length: size ** 2 }, (_, pixel) => {
    const x = pixel % size - size / 2, y = Math.floor(pixel / size) - size / 2;
    return x * x + y * y < 90 ** 2 && (x - 40) ** 2 + y * y > 20 ** 2 ? pixel : 0xffffffff;
  });
  using pointOf = gpu.upload("u32", points);
  return distanceTransform(gpu, { pointOf, size });
}

const scene = `${shapes.length} × ${count}, ${size}x${size}`;

for (const [name, factor] of [["usual", 1], ["widest", 100]] as const) { // the widest discs are 6 pixels in radius
  await measure(`splat-shapes/${scene}, ${name} discs`, splatShapesCost(total, shapes.length, size), (gpu) => {
    const owned = new DisposableStack(), points = owned.use(gpu.upload("f32", discs()));
    const spacing = owned.use(gpu.upload("f32", new Float32Array(total).fill(factor * apart)));
    const random = randomStream(0, "bench/splats/usual");
    const usual = owned.use(gpu.upload("f32", Float32Array.from({ length: total }, () => 0.002 * random.uniform())));
    return {
      run() {
        using _covers = splatShapes(gpu, { points, shapes, usual, spacing, camera, size });
      },
      [Symbol.dispose]: () => owned.dispose(),
    };
  });
}

await measure(`gap-evidence/${scene}`, gapEvidenceCost(shapes.length, size), (gpu) => {
  const owned = new DisposableStack(), squares = owned.use(squaresOf(gpu));
  using points = gpu.upload("f32", discs()), spacing = gpu.upload("f32", new Float32Array(total).fill(apart));
  const covers = owned.use(splatShapes(gpu, { points, shapes, spacing, camera, size }));
  const weights = owned.use(gpu.upload("f32", new Float32Array(shapes.length).fill(1 / shapes.length)));
  return {
    run() {
      using _found = gapEvidence(gpu, { covers, weights, squares, size, pitch });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});

await measure(`shape-interior/${scene}`, shapeInteriorCost(shapes.length, size), (gpu) => {
  const owned = new DisposableStack(), mask = owned.use(gpu.upload("u32", new Uint32Array(size ** 2).fill(1)));
  using points = gpu.upload("f32", discs()), spacing = gpu.upload("f32", new Float32Array(total).fill(4 * apart));
  const covers = owned.use(splatShapes(gpu, { points, shapes, spacing, camera, size }));
  const weights = owned.use(gpu.upload("f32", new Float32Array(shapes.length).fill(1 / shapes.length)));
  return {
    run() {
      using _interior = shapeInterior(gpu, { covers, weights, mask, size, margin: 3 });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});

await measure(`gap-at-points/${scene}`, gapAtPointsCost(total), (gpu) => {
  const owned = new DisposableStack(), squares = owned.use(squaresOf(gpu));
  const points = owned.use(gpu.upload("f32", discs()));
  return {
    run() {
      using _gaps = gapAtPoints(gpu, { points, camera, squares, size, pitch });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});

const reach = 1.5, near = Math.PI * reach ** 2; // pixels

await measure(`depth-envelope/${scene}`, depthEnvelopeCost(total, near, size), (gpu) => {
  const owned = new DisposableStack(), points = owned.use(gpu.upload("f32", discs()));
  const spacing = owned.use(gpu.upload("f32", new Float32Array(total).fill(apart)));
  return {
    run() {
      using _envelope = depthEnvelope(gpu, { points, spacing, camera, size, reach });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});

await measure(`surface-excess/${scene}`, surfaceExcessCost(size ** 2), (gpu) => {
  const owned = new DisposableStack(), points = owned.use(gpu.upload("f32", discs()));
  using spacing = gpu.upload("f32", new Float32Array(total).fill(apart));
  const envelope = owned.use(depthEnvelope(gpu, { points, spacing, camera, size, reach }));
  const pointOf = owned.use(gpu.upload("u32", Uint32Array.from({ length: size ** 2 }, (_, pixel) => pixel % total)));
  return {
    run() {
      using _excess = surfaceExcess(gpu, { points, pointOf, envelope, allowance: pitch / 2 });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
