/** A step of all parameters of the discriminator. @module */
import { adam, adamCost } from "../kernels/mod.ts";
import { measure } from "./roofline.ts";

const count = 980_353;
await measure(`adam/${count}`, adamCost(count), (gpu) => {
  const owned = new DisposableStack();
  const [parameters, gradients, first, second] = Array.from({ length: 4 }, () => owned.use(gpu.zeros("f32", count)));
  return {
    run: () => adam(gpu, { parameters, gradients, first, second, rate: 1e-4, beta1: 0.5, beta2: 0.99, step: 1 }),
    [Symbol.dispose]: () => owned.dispose(),
  };
});
