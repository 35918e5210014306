/** Sees to an adapter before a test's first look for one: `deno test --preload tests/preload.ts`. @module */
import { ensureDriver } from "../host/driver/mod.ts";
import { NoAdapter } from "../kernels/mod.ts";

try {
  await ensureDriver({ download: false, log: () => {} }); // the test command's first step has brought what can be had
} catch (error) {
  if (!(error instanceof NoAdapter)) throw error; // without an adapter, tests that need one are skipped, and counted as skipped
}
