/** Smoothing of one anomaly map. @module */
import { gaussianBlur, gaussianBlurCost } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const sigma = 4;
for (const size of [224, 800]) {
  await measure(`gaussian-blur/${size}x${size}/sigma${sigma}`, gaussianBlurCost(size, size, sigma), (gpu) => {
    const values = gpu.upload("f32", uniformRows(size, size));
    return {
      run() {
        using _blurred = gaussianBlur(gpu, { values, width: size, height: size, sigma, edge: "repeat" });
      },
      [Symbol.dispose]: () => values[Symbol.dispose](),
    };
  });
}
