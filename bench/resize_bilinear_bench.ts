/** One map from patches to pixels, and from pixels to a scan's own resolution. @module */
import { resizeBilinear, resizeBilinearCost } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

for (const [n, m] of [[28, 224], [224, 800]] as const) {
  const from = [n, n] as const, to = [m, m] as const;
  await measure(`resize-bilinear/${n}to${m}`, resizeBilinearCost(from, to), (gpu) => {
    const values = gpu.upload("f32", uniformRows(n, n));
    return {
      run() {
        using _resized = resizeBilinear(gpu, { values, from, to });
      },
      [Symbol.dispose]: () => values[Symbol.dispose](),
    };
  });
}
