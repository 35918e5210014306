/** One scan's rows of FPFH of six sizes and place, seen along 64 axes. @module */
import { projectRows, projectRowsCost, uploadRows } from "../kernels/mod.ts";
import { uniformRows } from "./feature_rows.ts";
import { measure } from "./roofline.ts";

const count = 2000, columns = 213, kept = 64;
await measure(`project-rows/${count}x${columns}x${kept}`, projectRowsCost(count, columns, kept), (gpu) => {
  const owned = new DisposableStack();
  const rows = owned.use(uploadRows(gpu, uniformRows(count, columns), columns));
  const axes = owned.use(uploadRows(gpu, uniformRows(kept, columns), columns));
  return {
    run() {
      using _projected = projectRows(gpu, { rows, axes });
    },
    [Symbol.dispose]: () => owned.dispose(),
  };
});
