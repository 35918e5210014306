/** From points to patches to a map: the small kernels between the searches, at the sizes of one scan and its six nearest normal ones. @module */
import {
  addScaled,
  addScaledCost,
  type Gpu,
  joinChannels,
  joinChannelsCost,
  meanRows,
  meanRowsCost,
  offsetChannels,
  offsetChannelsCost,
  paintPatches,
  paintPatchesCost,
  placeSpread,
  placeSpreadCost,
  putColumn,
  putColumnCost,
  rowSpread,
  rowSpreadCost,
  surfaceOffsets,
  surfaceOffsetsCost,
  uploadRows,
} from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure, type Measured } from "./roofline.ts";

const size = 224, members = 6, columns = 216, width = 4, places = 48, bank = 5000, sigma = 2;

/** Points on a round part, in the order of pixels; patches of 2 × 2 pixels. */
const pixels = Array.from({ length: size * size }, (_, pixel) => pixel).filter((pixel) =>
  Math.hypot(pixel % size - size / 2, Math.floor(pixel / size) - size / 2) < 49
);
const points = pixels.length, patches = Math.ceil(points / width);

/** What buffers are made with; all end with the bench. */
function buffers(gpu: Gpu) {
  const owned = new DisposableStack();
  return {
    floats: (count: number) => owned.use(gpu.upload("f32", uniformRows(count, 1))),
    rows: (count: number, columns: number) => owned.use(uploadRows(gpu, uniformRows(count, columns), columns)),
    /** Numbers below `end` without order. */
    numbers: (count: number, end: number) =>
      owned.use(gpu.upload("u32", Uint32Array.from({ length: count }, (_, i) => i * 7919 % end))),
    /** On each pixel the number of its point, or of the patch that so many points make. */
    map: (share: number) => {
      const values = new Uint32Array(size * size).fill(0xffffffff);
      pixels.forEach((pixel, i) => values[pixel] = Math.floor(i / share));
      return owned.use(gpu.upload("u32", values));
    },
    uploaded: (values: Uint32Array<ArrayBuffer>) => owned.use(gpu.upload("u32", values)),
    running: (run: () => Disposable | void): Measured => ({
      run() {
        using _made = run() ?? undefined;
      },
      [Symbol.dispose]: () => owned.dispose(),
    }),
  };
}

await measure(`surface-offsets/${points}x${members}`, surfaceOffsetsCost(points, members), (gpu) => {
  const { floats, numbers, running } = buffers(gpu), total = members * points;
  const targets = {
    points: floats(4 * total),
    normals: floats(4 * total),
    starts: numbers(2 * members, 1),
    targets: members,
    shape: { least: [0, 0], side: 1, across: 1 },
    total,
    most: points,
    [Symbol.dispose]() {},
  } as const;
  const cloud = { values: floats(4 * points), count: points }, ownNormals = floats(4 * points);
  const motions = floats(16 * members), nearest = numbers(points * members, total);
  return running(() => surfaceOffsets(gpu, { points: cloud, ownNormals, targets, motions, nearest, cap: 0.5 }).values);
});

await measure(
  `offset-channels/${points}x${members + 1}`,
  offsetChannelsCost(points, members + 1, sigma),
  (gpu) => {
    const { rows, map, uploaded, running } = buffers(gpu), offsets = rows(points, members + 1), pointOf = map(1);
    const own = uploaded(Uint32Array.from(pixels));
    return running(() => offsetChannels(gpu, { offsets, pixels: own, pointOf, size, sigma }));
  },
);

await measure(`mean-rows/${patches}x${width}x${columns}`, meanRowsCost(patches, width, columns), (gpu) => {
  const { rows, uploaded, running } = buffers(gpu), values = rows(points, columns);
  const list = uploaded(Uint32Array.from({ length: patches * width }, (_, i) => i)); // neighbours stand together
  return running(() => meanRows(gpu, { rows: values, members: list, width }));
});

await measure(`put-column/${patches}`, putColumnCost(patches), (gpu) => {
  const { floats, running } = buffers(gpu), values = floats(patches), table = floats(4 * patches);
  return running(() => putColumn(gpu, { values, table, columns: 4, column: 1 }));
});

await measure(`place-spread/${patches}x${places}`, placeSpreadCost(patches, places), (gpu) => {
  const { floats, numbers, running } = buffers(gpu), stored = floats(4 * members * patches);
  const request = { values: floats(4 * patches), stored, places: numbers(patches * places, members * patches) };
  const prior = { mean: [0.5, 0.5, 0.5, 0.5], deviation: [0.3, 0.3, 0.3, 0.3], weight: 4 } as const;
  return running(() => placeSpread(gpu, { ...request, width: places, prior, floor: 0.1 }));
});

await measure(`row-spread/${patches}x${bank}`, rowSpreadCost(patches), (gpu) => {
  const { floats, numbers, running } = buffers(gpu);
  const distances = floats(patches), rows = numbers(patches, bank), spread = floats(2 * bank);
  return running(() => rowSpread(gpu, { distances, rows, spread }));
});

await measure(`join-channels/${patches}`, joinChannelsCost(patches), (gpu) => {
  const { floats, running } = buffers(gpu), weight = { scale: 1.5, share: 1 / 6 };
  const channels = { places: floats(4 * patches), rows: floats(patches), distances: floats(patches) };
  const weights = { places: [weight, weight, weight, weight], rows: weight, distances: weight } as const;
  return running(() => joinChannels(gpu, { ...channels, weights, most: 3 }));
});

await measure(`paint-patches/${size}x${size}`, paintPatchesCost(size * size), (gpu) => {
  const { floats, map, running } = buffers(gpu), values = floats(patches), patchOf = map(width);
  return running(() => paintPatches(gpu, { values, patchOf }));
});

await measure(`add-scaled/${size}x${size}`, addScaledCost(size * size), (gpu) => {
  const { floats, running } = buffers(gpu), values = floats(size * size), to = floats(size * size);
  return running(() => addScaled(gpu, { values, to, factor: 0.001 }));
});
