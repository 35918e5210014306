/** Tests on the GPU: one device for all tests of a process, and no buffer may be left behind. @module */
import { type Gpu, NoAdapter, openGpu } from "../kernels/mod.ts";

const opened: { gpu?: Promise<Gpu | undefined> } = {};

/** The device that tests share; undefined where there is no adapter. */
export function sharedGpu(): Promise<Gpu | undefined> {
  return opened.gpu ??= openGpu().catch((error) => {
    if (error instanceof NoAdapter) return undefined;
    throw error;
  });
}

/** Options of {@linkcode gpuTest}. */
export interface GpuTestOptions {
  /** Skips the test, such as where its data is absent. */
  readonly ignore?: boolean;
}

/**
 * Registers a test that gets the shared device. It fails when the test leaves a live buffer, and is skipped, and counted as skipped,
 * where there is no adapter.
 */
export async function gpuTest(
  name: string,
  run: (gpu: Gpu) => Promise<void> | void,
  { ignore = false }: GpuTestOptions = {},
): Promise<void> {
  const gpu = await sharedGpu();
  Deno.test({
    name,
    ignore: ignore || !gpu,
    sanitizeOps: false, // the shared device outlives each test
    sanitizeResources: false,
    fn: async () => {
      const before = gpu!.memory.liveBuffers;
      await run(gpu!);
      const left = gpu!.memory.liveBuffers - before;
      if (left !== 0) throw new Error(`Cannot pass: ${left} GPU buffers were left`);
    },
  });
}
