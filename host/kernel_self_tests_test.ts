import { deepEqual, equal, ok } from "node:assert/strict";
import type { Gpu } from "../kernels/mod.ts";
import * as kernels from "../kernels/mod.ts";
import { gpuTest } from "../testing/gpu.ts";
import { kernelSelfTests } from "./kernel_self_tests.ts";
import { equal as equalValues, within, worstOf } from "./self_tests/verdict.ts";

/** Functions that run kernels, by the module of `kernels/` that defines them. */
function kernelFunctions(): Map<string, string[]> {
  const folder = new URL("../kernels/", import.meta.url), found = new Map<string, string[]>();
  const exports = Deno.readTextFileSync(new URL("mod.ts", folder)).matchAll(/export \{([^}]*)\} from "\.\/(\w+\.ts)"/g);
  for (const [, names, module] of exports) { // the runtime and the snippets lie in folders of their own
    if (!Deno.readTextFileSync(new URL(module, folder)).includes("defineKernel(")) continue;
    const functions = names.split(",").map((name) => name.trim()).filter((name) => {
      const value = (kernels as Record<string, unknown>)[name];
      return typeof value === "function" && /^(async )?function \w+\(gpu\b/.test(value.toString());
    });
    found.set(module, functions);
  }
  return found;
}

Deno.test("each kernel function that kernels/mod.ts exports has a self-test, and each self-test has its kernel", () => {
  const found = kernelFunctions(), tested = new Set(kernelSelfTests.map(({ kernel }) => kernel));
  ok(found.size >= 10, `only ${found.size} modules with kernels were found: is the search broken?`);
  for (const [module, functions] of found) {
    ok(functions.length > 0, `kernels/${module} exports no function that takes a gpu`);
    for (const name of functions) {
      ok(tested.has(name), `host/kernel_self_tests.ts lacks a test of ${name} (kernels/${module})`);
    }
  }
  for (const name of tested) ok(name in kernels, `kernels/mod.ts exports no ${name}`);
});

for (const { kernel, run } of kernelSelfTests) {
  await gpuTest(`the self-test of ${kernel} passes on this adapter`, async (gpu) => {
    const { ok: passed, worst, bound } = await run(gpu);
    ok(passed, `off by ${worst} of ${bound} allowed`);
  });

  await gpuTest(`the self-test of ${kernel} sees an adapter that computes wrong numbers`, async (gpu) => {
    equal((await run(wrong(gpu))).ok, false);
  });
}

/** The same GPU, but all floats and signed numbers it gives are off, each time by more; unsigned ones count what was done. */
function wrong(gpu: Gpu): Gpu {
  let reads = 0;
  const read = async (...args: Parameters<Gpu["read"]>) => {
    const values = await gpu.read(...args), off = ++reads;
    return values instanceof Uint32Array ? values : values.map((v) => v + off);
  };
  return new Proxy(gpu, {
    get(target, name) {
      if (name === "read") return read;
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

Deno.test("within() and equal() take no NaN and no missing value for right", () => {
  deepEqual(within([1, 2], [1, 2.5], 0.5), { ok: true, worst: 0.5, bound: 0.5 });
  deepEqual(within([1, 2], [1, 2.6], 0.5).ok, false);
  deepEqual(within([1, NaN], [1, 2], 0.5), { ok: false, worst: Infinity, bound: 0.5 });
  equal(within([1], [1, 2], 0.5).ok, false);
  deepEqual(equalValues([1, 2, 3], [1, 2, 3]), { ok: true, worst: 0, bound: 0 });
  deepEqual(equalValues([1, NaN, 4], [1, 2, 3]), { ok: false, worst: 2, bound: 0 });
  equal(equalValues([], [1]).ok, false);
});

Deno.test("worstOf() gives the failure, or else the verdict nearest to its bound", () => {
  const exact = { ok: true, worst: 0, bound: 0 },
    near = { ok: true, worst: 0.9, bound: 1 },
    far = { ok: true, worst: 1, bound: 9 };
  const failed = { ok: false, worst: 3, bound: 0 };
  equal(worstOf([exact, far, near]), near);
  equal(worstOf([near, failed, far]), failed);
  equal(worstOf([exact]), exact);
});
